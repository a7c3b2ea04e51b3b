"""The data factory: from photos and raw comments, or crops, to checked records and training files.

comments ─► refine ──┐
crops ─► rationale ──┴─► records (engine.review) ─► people ─► export, agreement
"""
