"""Both themes can be read, and neither tints the photo's surroundings."""

from __future__ import annotations

import pytest

from app.theme.tokens import DARK, LIGHT, Tokens, contrast

THEMES = pytest.mark.parametrize("tokens", (DARK, LIGHT), ids=("dark", "light"))


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    (("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ffffff", 4.0)),
)
def test_contrast_is_the_one_of_wcag(first: str, second: str, ratio: float) -> None:
    assert contrast(first, second) == pytest.approx(ratio, abs=0.01)
    assert contrast(second, first) == contrast(first, second)


@THEMES
@pytest.mark.parametrize("ink", ("text", "muted", "accent", "good", "caution", "bad"))
def test_text_reads_on_every_surface(tokens: Tokens, ink: str) -> None:
    for name, surface in tokens.surfaces.items():
        assert contrast(getattr(tokens, ink), surface) >= 4.5, name


@THEMES
def test_text_reads_on_the_accent(tokens: Tokens) -> None:
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5


@THEMES
def test_focus_and_the_bounds_of_controls_are_seen(tokens: Tokens) -> None:
    for name in ("window", "panel", "raised", "field"):
        assert contrast(tokens.focus, getattr(tokens, name)) >= 3
        assert contrast(tokens.outline, getattr(tokens, name)) >= 3
    assert contrast(tokens.focus, tokens.surround) >= 3


@THEMES
def test_what_surrounds_the_photo_is_neutral(tokens: Tokens) -> None:
    for surface in (tokens.surround, *tokens.surfaces.values()):
        assert surface[1:3] == surface[3:5] == surface[5:7]
