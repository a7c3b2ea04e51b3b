"""The colours of both themes as named tokens, and the contrast between two of them.

Surfaces are neutral greys: whoever judges the tones of a photo must not see them beside a tint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.domain.settings import Theme


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """One theme's colours, each as "#rrggbb".

    `surround` lies around the photo, `window` behind bars, `panel` behind the critique, `raised`
    behind cards, `field` inside inputs. `line` parts areas, `outline` bounds a control (3:1),
    `hover` and `pressed` are a button's grounds.
    """

    surround: str
    window: str
    panel: str
    raised: str
    field: str
    hover: str
    pressed: str
    line: str
    outline: str
    text: str
    muted: str
    disabled: str
    accent: str
    on_accent: str
    focus: str
    good: str
    caution: str
    bad: str

    @property
    def surfaces(self) -> dict[str, str]:
        """What text is written on."""
        names = ("window", "panel", "raised", "field", "hover", "pressed")
        return {name: getattr(self, name) for name in names}


DARK: Final = Tokens(
    surround="#1c1c1c",
    window="#262626",
    panel="#222222",
    raised="#2d2d2d",
    field="#1a1a1a",
    hover="#393939",
    pressed="#444444",
    line="#3c3c3c",
    outline="#959595",
    text="#ececec",
    muted="#b8b8b8",
    disabled="#7d7d7d",
    accent="#e2bb74",
    on_accent="#1c1c1c",
    focus="#e2bb74",
    good="#93cfa2",
    caution="#eec373",
    bad="#f5a69d",
)

LIGHT: Final = Tokens(
    surround="#b9b9b9",
    window="#ececec",
    panel="#f5f5f5",
    raised="#ffffff",
    field="#ffffff",
    hover="#e0e0e0",
    pressed="#d6d6d6",
    line="#d0d0d0",
    outline="#757575",
    text="#1c1c1c",
    muted="#525252",
    disabled="#8d8d8d",
    accent="#6d4f0c",
    on_accent="#ffffff",
    focus="#6d4f0c",
    good="#1b5e33",
    caution="#714a00",
    bad="#a3211a",
)


def tokens_of(theme: Theme) -> Tokens:
    """The tokens of a theme."""
    return DARK if theme is Theme.DARK else LIGHT


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, 1..21 (WCAG 2.2, "relative luminance")."""
    brighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
