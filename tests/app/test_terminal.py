"""Texts on the terminal: words wrapped as they stream in."""

from __future__ import annotations

import io

import pytest

from app.terminal import Flow


@pytest.mark.parametrize(
    ("pieces", "written"),
    [
        (["One two.", " Three."], "  One two. Three."),
        (["One tw", "o."], "  One two."),
        (["一句。", "又一句。"], "  一句。又一句。"),
        (["One.\nTwo."], "  One.\n  Two."),
        (["aaaa bbbb cccc dddd"], "  aaaa bbbb cccc\n  dddd"),
    ],
)
def test_pieces_flow_into_a_paragraph(pieces: list[str], written: str) -> None:
    out = io.StringIO()
    flow = Flow(out, width=18)
    for piece in pieces:
        flow.write(piece, indent=2)
    assert out.getvalue() == written
