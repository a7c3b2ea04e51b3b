"""Sessions and settings as data. No Qt."""
