"""Palettes, the stylesheet, fonts and icons of the window."""
