"""The bundled sample photos, public domain, credited in CREDITS.md."""

from pathlib import Path
from typing import Final

RACCOON: Final = Path(__file__).with_name("raccoon.jpg")
"""The photo that is shown where none was named."""
