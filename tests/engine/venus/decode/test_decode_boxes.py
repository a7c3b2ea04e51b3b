"""Boxes are drawn from the model's own distribution over what the grammar allows."""

from collections import Counter
from types import SimpleNamespace

import pytest
import torch
from tiny_runs import CountingRunner, Tiny

from engine.dialogue.grammar import START, BoxGrammar
from engine.stop import never
from engine.venus.decode.boxes import Drawn, draw_boxes
from engine.venus.decode.prefix import Sight
from engine.venus.decode.sampling import seeded
from engine.venus.decode.shelf import Shelf
from engine.venus.decode.vocabulary import Vocabulary
from engine.venus.family import Rgb
from engine.vocabulary import Aspect, Size

PHOTO = Size(1200, 800)


class Drawing:
    """All that boxes are drawn with, for one question."""

    def __init__(self, tiny: Tiny, rgb: Rgb, *, aspect: Aspect | None = None, **shelf) -> None:
        self.tiny = tiny
        self.runner: CountingRunner = tiny.runner()
        self.pixels = tiny.processor.pixels(rgb)
        self.sight = Sight(self.runner, self.pixels, shelf=Shelf(**shelf))
        self.prompt = tiny.processor.prompt((), "Which crop?", self.pixels)
        self.vocabulary = Vocabulary(tiny.processor)
        self.notation = tiny.processor.notation
        self.grammar = BoxGrammar(self.notation, self.pixels.seen, aspect=aspect, photo=PHOTO)

    def draw(self, rows: int, *, seed: int = 0, stop=never, generator=None) -> list[Drawn] | None:
        return draw_boxes(
            self.sight,
            self.tiny.processor,
            self.vocabulary,
            self.prompt,
            notation=self.notation,
            grammar=self.grammar,
            rows=rows,
            generator=generator or seeded(seed),
            stop=stop,
        )


def test_every_row_is_a_box_that_the_grammar_knows(any_tiny: Tiny, rgb: Rgb) -> None:
    drawing = Drawing(any_tiny, rgb)
    drawn = drawing.draw(6)
    assert drawn is not None
    assert len(drawn) == 6
    for each in drawn:
        assert each.box is not None
        assert min(each.box) >= 0
        assert max(each.box) <= 1
        text = drawing.notation.write(each.box, drawing.pixels.seen)
        end = drawing.grammar.advance(START, text)
        assert end is not None
        assert drawing.grammar.complete(end)
        assert 4 <= each.tokens <= len(text)


def test_first_tokens_have_the_models_probabilities(tiny: Tiny, rgb: Rgb) -> None:
    drawing = Drawing(tiny, rgb)
    opening = tiny.processor.encode(drawing.grammar.forced(START))
    logits = drawing.sight.logits(drawing.prompt, opening, stop=never)
    assert logits is not None
    digits = [tiny.processor.encode(str(digit)) for digit in range(10)]
    assert all(len(ids) == 1 for ids in digits)
    # A box has a width of at least 0.3, so that the left edge, below 700, may begin with any.
    expected = logits[0, [ids[0] for ids in digits]].softmax(-1).tolist()

    generator = seeded(4)
    counts: Counter[str] = Counter()
    for _ in range(3):
        drawn = drawing.draw(200, generator=generator)
        assert drawn is not None
        counts.update(str(round(each.box.left * 1000))[0] for each in drawn if each.box)

    assert sum(counts.values()) == 600
    for digit, probability in enumerate(expected):
        # Four standard deviations; the seed is fixed.
        spread = 4 * (probability * (1 - probability) / 600) ** 0.5
        assert counts[str(digit)] / 600 == pytest.approx(probability, abs=spread + 1e-9)
    assert max(expected) < 0.9


def test_a_seed_gives_its_boxes(tiny: Tiny, rgb: Rgb) -> None:
    first, again, other = (Drawing(tiny, rgb).draw(5, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_a_second_batch_goes_on_with_the_first_ones_prefix(tiny: Tiny, rgb: Rgb) -> None:
    drawing = Drawing(tiny, rgb)
    generator = seeded(0)
    one = drawing.draw(4, generator=generator)
    computed = len(drawing.runner.computed)
    other = drawing.draw(4, generator=generator)
    assert set(drawing.runner.computed[computed:]) == {1}
    assert one != other


def test_three_sides_are_drawn_and_the_fourth_follows(any_tiny: Tiny, rgb: Rgb) -> None:
    drawing = Drawing(any_tiny, rgb, aspect=Aspect(4, 3))
    free = Drawing(any_tiny, rgb)
    drawn, four = drawing.draw(6), free.draw(6)
    assert drawn is not None
    assert four is not None
    steps = drawing.notation.units(drawing.pixels.seen)
    for each in drawn:
        assert each.box is not None
        height = each.box.width * PHOTO.width / PHOTO.height / (4 / 3)
        assert each.box.height == pytest.approx(height, abs=1.0 / steps[1])
    assert sum(each.tokens for each in drawn) < sum(each.tokens for each in four)


@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_stop_ends_all_rows_within_a_token(any_tiny: Tiny, rgb: Rgb, at: int) -> None:
    drawing = Drawing(any_tiny, rgb)
    assert drawing.sight.logits(drawing.prompt, stop=never) is not None
    before = len(drawing.runner.computed)
    stop = SimpleNamespace(now=False)

    def watch() -> None:
        stop.now = len(drawing.runner.computed) == before + at

    drawing.runner.after = watch
    stop.now = at == 0
    assert drawing.draw(3, stop=lambda: stop.now) is None
    assert len(drawing.runner.computed) == before + at


def test_as_many_rows_as_memory_allows(tiny: Tiny, rgb: Rgb) -> None:
    wide = Drawing(tiny, rgb)
    assert len(wide.draw(7) or ()) == 7
    tight = Drawing(tiny, rgb, limit=wide.sight.nbytes + 120 * 1024)
    drawn = tight.draw(7)
    assert drawn is not None
    assert 1 <= len(drawn) < 7


def test_a_vocabulary_that_cannot_write_boxes_gives_none(tiny: Tiny, rgb: Rgb) -> None:
    drawing = Drawing(tiny, rgb)
    letters = SimpleNamespace(
        decode=lambda ids: "<box>(" + "1" * (len(ids) - 1) if len(ids) > 1 else "1",
        encode=tiny.processor.encode,
    )
    drawing.vocabulary = Vocabulary(letters)
    drawn = drawing.draw(3)
    assert drawn is not None
    assert {each.box for each in drawn} == {None}
    nothing = SimpleNamespace(decode=lambda ids: "a", encode=tiny.processor.encode)
    drawing.vocabulary = Vocabulary(nothing)
    assert drawing.draw(3) == []


def test_box_tokens_can_write_every_box_of_their_notation(any_tiny: Tiny) -> None:
    notation = any_tiny.processor.notation
    size = any_tiny.model.config.get_text_config().vocab_size
    tokens = Vocabulary(any_tiny.processor).box_tokens(notation, size)
    literals = "".join((notation.before, *notation.separators, notation.after))
    assert set("0123456789" + "".join(notation.separators)) <= set(tokens.texts)
    for token, text in zip(tokens.ids, tokens.texts, strict=True):
        assert set(text) <= set(literals) | set("0123456789.")
        anchor = any_tiny.processor.encode("(")
        assert any_tiny.processor.decode([*anchor, token]).endswith(text)
    written = any_tiny.processor.encode(notation.write(_box(), Size(500, 400)))
    strange = [token for token in written if token not in tokens.ids]
    # Only what a text begins with may be written in another way.
    assert set(strange) <= set(any_tiny.processor.encode(notation.before))


def _box():
    from engine.vocabulary import Box

    return Box(0.12, 0.25, 0.88, 0.97)


def test_tokens_that_lose_their_space_alone_are_known_by_what_they_write() -> None:
    pieces = ["(", "▁(", "▁", "7", "▁7", "▁a", ",", "▁,"]

    def decode(ids: list[int]) -> str:
        return "".join(pieces[token] for token in ids).replace("▁", " ").removeprefix(" ")

    processor = SimpleNamespace(decode=decode, encode=lambda text: [1])
    notation = SimpleNamespace(
        name="spaced", before="[", separators=(", ", ", ", ", "), after="]", decimals=0
    )
    tokens = Vocabulary(processor).box_tokens(notation, len(pieces))
    assert dict(zip(tokens.ids, tokens.texts, strict=True)) == {
        2: " ",
        3: "7",
        4: " 7",
        6: ",",
    }


def test_logits_of_rows_are_not_needed_after_the_last_side(tiny: Tiny, rgb: Rgb) -> None:
    drawing = Drawing(tiny, rgb)
    drawn = drawing.draw(4)
    assert drawn is not None
    steps = [tokens for tokens in drawing.runner.computed if tokens == 1]
    assert len(steps) == max(each.tokens for each in drawn) - 1
    assert torch.is_inference_mode_enabled() is False
