"""A critique on the terminal, as it streams in."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TextIO

from engine.vocabulary import Crop, Event, Finished, Part, Size, Task, Text

HEADINGS: Final = {
    (Task.IMPRESSION, Part.BODY): "Impression",
    (Task.ANALYSIS, Part.BODY): "Analysis",
    (Task.GUIDANCE, Part.TAKING): "Guidance: taking it",
    (Task.GUIDANCE, Part.AFTERWARDS): "Guidance: afterwards",
}


class Flow:
    """Writes words as they come and breaks lines between them."""

    def __init__(self, out: TextIO, *, width: int = 88) -> None:
        self._out = out
        self._width = width
        self._column = 0

    def write(self, text: str, *, indent: int) -> None:
        """Go on with the paragraph; a line break in the text starts a new one."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.end_line()
            spaced = line[:1].isspace()  # Chinese sentences follow each other without a space
            for word in line.split():
                self._word(word, indent, spaced=spaced)
                spaced = True
        self._out.flush()

    def end_line(self) -> None:
        """End the line, unless nothing is on it."""
        if self._column:
            print(file=self._out, flush=True)
            self._column = 0

    def blank_line(self) -> None:
        """An empty line, after the one that is being written."""
        self.end_line()
        print(file=self._out, flush=True)

    def _word(self, word: str, indent: int, *, spaced: bool) -> None:
        if self._column and self._column + 1 + len(word) > self._width:
            self.end_line()
        gap = " " * (spaced if self._column else indent)
        self._out.write(gap + word)
        self._column += len(gap) + len(word)


class Printer:
    """Prints texts under their headings and crops as a list.

    An engine may interleave its answers; a text that belongs under a later heading waits until
    the heading that is being written is finished.
    """

    def __init__(self, out: TextIO, photo: Path) -> None:
        self._flow = Flow(out)
        self._pending = list(HEADINGS)
        self._texts = dict.fromkeys(HEADINGS, "")
        self._started: set[tuple[Task, Part]] = set()
        self._done: set[Task] = set()
        self._crops: list[Crop] = []
        self._line(photo.name)

    def take(self, task: Task, event: Event) -> None:
        """Print what this event adds."""
        match event:
            case Text() if (task, event.part) in HEADINGS:
                self._texts[task, event.part] += event.text
            case Crop():
                self._crops.append(event)
            case Finished():
                self._done.add(task)
            case _:
                return
        self._advance()

    def end(self, size: Size) -> None:
        """Print the crops, which come last. `size` is the upright photo's."""
        self._heading("Crops")
        for rank, crop in enumerate(self._crops, start=1):
            box = crop.box
            pixels = f"{round(box.width * size.width)} × {round(box.height * size.height)}"
            turn = f", turned by {crop.angle:+.1f}°" if crop.angle else ""
            place = ", ".join(f"{edge:.3f}" for edge in box)
            self._line(f"{rank}. {pixels}{turn} at [{place}]", indent=2)
            self._line(crop.rationale, indent=5)

    def _advance(self) -> None:
        """Print what has come under the present heading, and go on to the next when it is done."""
        while self._pending:
            key = self._pending[0]
            text, self._texts[key] = self._texts[key], ""
            if text.strip():
                if key not in self._started:
                    self._started.add(key)
                    self._heading(HEADINGS[key])
                self._flow.write(text, indent=2)
            if key[0] not in self._done:
                return
            self._flow.end_line()
            self._pending.pop(0)

    def _heading(self, words: str) -> None:
        self._flow.blank_line()
        self._line(words)

    def _line(self, text: str, *, indent: int = 0) -> None:
        self._flow.end_line()
        self._flow.write(text, indent=indent)
        self._flow.end_line()
