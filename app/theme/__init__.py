"""Palettes, style sheet, icons."""
