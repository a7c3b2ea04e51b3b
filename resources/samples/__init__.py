"""The bundled sample photos, public domain, credited in CREDITS.md."""
