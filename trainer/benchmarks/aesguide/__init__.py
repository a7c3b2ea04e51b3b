"""The AesGuide benchmark: what an engine says about photos, judged against references."""
