"""The photo view: photo, crops, guides, evidence."""
