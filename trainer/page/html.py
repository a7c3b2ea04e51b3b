"""What pages are made of: a document and its style, tables, photos with boxes drawn on them."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from numpy.typing import NDArray
from PIL import Image

from engine.vocabulary import Box
from trainer.page.curves import dash

STYLE: Final = """
:root { color-scheme: light dark; --text: #1b1b1b; --quiet: #595959; --ground: #ffffff;
  --line: #d6d6d6; --c0: #0b62a8; --c1: #b34700; --c2: #1a7340; --c3: #8a2a84; }
@media (prefers-color-scheme: dark) { :root { --text: #e9e9e9; --quiet: #adadad;
  --ground: #191919; --line: #454545; --c0: #79b8f2; --c1: #f0a068; --c2: #7fd0a0;
  --c3: #dc9bd6; } }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: var(--text);
  background: var(--ground); font: 16px/1.5 system-ui, sans-serif; }
h1, h2, h3 { line-height: 1.25; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; margin: 1rem 0; }
caption { text-align: left; color: var(--quiet); }
th, td { padding: .3rem 1rem .3rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
.chart { width: 100%; max-width: 640px; height: auto; display: block; }
.chart text { fill: var(--quiet); font-size: 12px; }
.grid { stroke: var(--line); }
.curve { fill: none; stroke-width: 2; }
.curve-0 { stroke: var(--c0); } .curve-1 { stroke: var(--c1); }
.curve-2 { stroke: var(--c2); } .curve-3 { stroke: var(--c3); }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; }
.answers { display: grid; gap: 2rem; }
figure { margin: 0; }
.photo { position: relative; max-width: 480px; }
.photo img { width: 100%; display: block; }
.photo svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.photo rect { vector-effect: non-scaling-stroke; stroke-width: 3; }
.photo .halo { fill: none; stroke: #ffffff; stroke-width: 5; }
blockquote { margin: .25rem 0 .75rem; padding-left: .75rem; border-left: 3px solid var(--line);
  white-space: pre-wrap; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
code { overflow-wrap: anywhere; }
"""
"""For light and dark; text has a contrast of 4.5 : 1 and more on its ground in both."""

_QUALITY: Final = 80


@dataclass(frozen=True, slots=True)
class Drawn:
    """A box to be drawn on a photo, in the stroke of the curve of this number, and whose it is."""

    box: Box
    name: str
    stroke: int


def document(title: str, body: Iterable[str]) -> str:
    """A whole page in English: no script, nothing fetched from anywhere."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n" + "\n".join(body) + "\n</main>\n</body>\n</html>\n"
    )


def table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column names its rows; cells that are numbers stand to the right."""
    told = list(rows)
    numbers = [
        bool(told) and all(_is_number(row[column]) for row in told) for column in range(len(header))
    ]
    kinds = [' class="number"' if each else "" for each in numbers]
    head = "".join(
        f'<th scope="col"{kind}>{escape(each)}</th>'
        for each, kind in zip(header, kinds, strict=True)
    )
    lines = []
    for first, *rest in told:
        cells = "".join(
            f"<td{kind}>{escape(each)}</td>" for each, kind in zip(rest, kinds[1:], strict=True)
        )
        lines.append(f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>')
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def photo(rgb: NDArray[Any], boxes: Sequence[Drawn], *, words: str) -> str:
    """A photo (height, width, 3; uint8) as a JPEG in the page, boxes drawn over it.

    `words` says what is to be seen, for who does not see it.
    """
    packed = io.BytesIO()
    Image.fromarray(rgb).save(packed, "JPEG", quality=_QUALITY)
    data = base64.b64encode(packed.getvalue()).decode()
    height, width = rgb.shape[:2]
    drawn = "".join(
        f'<rect class="halo" {_place(each.box)}/>'
        f'<rect class="curve curve-{each.stroke}" {_place(each.box)}{dash(each.stroke)}/>'
        for each in boxes
    )
    return (
        f'<div class="photo"><img alt="{escape(words)}" width="{width}" height="{height}"'
        f' style="height:auto" src="data:image/jpeg;base64,{data}"/>'
        f'<svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>'
        "</div>"
    )


def _place(box: Box) -> str:
    left, top, width, height = (
        round(100 * each, 2) for each in (box.left, box.top, box.width, box.height)
    )
    return f'x="{left}" y="{top}" width="{width}" height="{height}"'


def _is_number(cell: str) -> bool:
    try:
        float(cell.removesuffix("%").strip() or "x")
    except ValueError:
        return False
    return True
