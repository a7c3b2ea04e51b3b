"""A photo and a local model, as the dialogue talks with them."""

import numpy as np
import pytest
from tiny_runs import CountingRunner, Tiny

from engine.contract import EngineError
from engine.dialogue.notation import QWEN_VL
from engine.dialogue.speaker import Speaker, Turn
from engine.stop import never
from engine.venus.decode.framing import in_photo, in_picture, mirror, mirrored_question
from engine.venus.decode.likelihood import log_likelihoods
from engine.venus.decode.prefix import Sight
from engine.venus.decode.shelf import Shelf
from engine.venus.family import Pixels, Rgb
from engine.venus.speaker import LocalSpeaker, Voice
from engine.vocabulary import WHOLE, Aspect, Box, Size

PHOTO = Size(1200, 800)
BOXES = (Box(0.1, 0.2, 0.7, 0.9), Box(0.0, 0.0, 0.5, 0.5), WHOLE)


def speaker_of(tiny: Tiny, rgb: Rgb, **settings) -> tuple[LocalSpeaker, CountingRunner]:
    runner = tiny.runner()
    generation = type(tiny.source.generation)(**tiny.source.generation.to_dict())
    generation.max_new_tokens = 12
    voice = Voice(
        runner=runner,
        processor=tiny.processor,
        generation=generation,
        notation=settings.pop("notation", tiny.processor.notation),
        **settings,
    )
    return LocalSpeaker(voice, rgb, PHOTO), runner


def test_it_speaks_from_one_look(any_tiny: Tiny, rgb: Rgb) -> None:
    speaker: Speaker
    speaker, runner = speaker_of(any_tiny, rgb)
    assert speaker.size == PHOTO
    assert speaker.open(never)
    opened = sum(runner.computed)
    first = "".join(each.text for each in speaker.say((), "How?", stop=never))
    history = (Turn("How?", first),)
    list(speaker.say(history, "Why?", stop=never))
    again = "".join(each.text for each in speaker.say((), "How?", stop=never))
    assert first == again
    assert runner.photos == 1
    assert opened >= any_tiny.processor.pixels(rgb).tokens


def test_a_stop_while_opening_is_told(any_tiny: Tiny, rgb: Rgb) -> None:
    speaker, runner = speaker_of(any_tiny, rgb)
    assert not speaker.open(lambda: True)
    assert runner.computed == []
    assert speaker.open(never)


def test_boxes_are_read_as_they_were_written(any_tiny: Tiny, rgb: Rgb) -> None:
    speaker, _ = speaker_of(any_tiny, rgb)
    pixels = any_tiny.processor.pixels(rgb)
    steps = min(any_tiny.processor.notation.units(pixels.seen))
    kept = [
        box for box in BOXES if in_photo(in_picture(box, pixels.frame), pixels.frame) is not None
    ]
    for box in kept:
        found = speaker.read_box(f"Take {speaker.write_box(box)} instead.")
        assert found is not None
        clipped = in_photo(_clip(in_picture(box, pixels.frame)), pixels.frame)
        assert clipped is not None
        across = pixels.frame[2] - pixels.frame[0]
        assert tuple(found) == pytest.approx(tuple(clipped), abs=1 / steps / min(across, 1) + 1e-9)
    assert speaker.read_box("There is nothing to crop.") is None


def _clip(box: Box) -> Box:
    return Box(*(min(max(edge, 0.0), 1.0) for edge in box))


def test_half_of_the_boxes_come_from_the_mirrored_photo(any_tiny: Tiny, rgb: Rgb) -> None:
    speaker, runner = speaker_of(any_tiny, rgb, width=3)
    drawn = list(speaker.sample_boxes("Which crop?", count=9, stop=never))
    assert runner.photos == 2
    assert len(drawn) == 9
    assert all(0 <= edge <= 1 for each in drawn for edge in each.box)
    turned = np.ascontiguousarray(rgb[:, ::-1])
    other, _ = speaker_of(any_tiny, turned, width=3, seed=1)
    expected = [each.box for each in other.sample_boxes("Which crop?", count=8, stop=never)][:4]
    assert [tuple(each.box) for each in drawn[5:]] == [
        pytest.approx(tuple(mirror(box)), abs=1e-8) for box in expected
    ]


def test_boxes_of_a_ratio_have_it_up_to_rounding(any_tiny: Tiny, rgb: Rgb) -> None:
    speaker, _ = speaker_of(any_tiny, rgb)
    pixels = any_tiny.processor.pixels(rgb)
    units = any_tiny.processor.notation.units(pixels.seen)
    left, top, right, bottom = pixels.frame
    drawn = list(speaker.sample_boxes("Which?", count=8, aspect=Aspect(1, 1), stop=never))
    assert drawn
    for each in drawn:
        width = each.box.width * PHOTO.width
        slack = PHOTO.height / units[1] / (bottom - top) + PHOTO.width / units[0] / (right - left)
        assert each.box.height * PHOTO.height == pytest.approx(width, abs=slack)


def test_boxes_stop_at_once(tiny: Tiny, rgb: Rgb) -> None:
    speaker, runner = speaker_of(tiny, rgb, width=2)
    stopped: list[bool] = []
    drawing = speaker.sample_boxes("Which?", count=12, stop=lambda: bool(stopped))
    next(drawing)
    computed = len(runner.computed)
    stopped.append(True)
    assert list(drawing) == []
    assert len(runner.computed) == computed
    assert list(speaker.sample_boxes("Which?", count=4, stop=lambda: True)) == []


def test_preferences_are_what_the_photo_adds_to_grey(any_tiny: Tiny, rgb: Rgb) -> None:
    speaker, runner = speaker_of(any_tiny, rgb, width=2)
    found = speaker.preferences("Which crop?", BOXES, stop=never)
    assert runner.photos == 2
    texts = [any_tiny.processor.encode(speaker.write_box(box)) for box in BOXES]
    values = []
    for shown in (rgb, np.full_like(rgb, 128)):
        pixels = any_tiny.processor.pixels(shown)
        prompt = any_tiny.processor.prompt((), "Which crop?", pixels)
        sight = Sight(any_tiny.runner(), pixels, shelf=Shelf())
        scores = log_likelihoods(sight, prompt, texts, width=1, stop=never)
        assert scores is not None
        values.append(scores)
    assert found == pytest.approx(
        [seen - unseen for seen, unseen in zip(*values, strict=True)], abs=5e-4
    )
    assert speaker.preferences("Which crop?", BOXES, stop=lambda: True) == ()


def test_a_checkpoint_may_write_boxes_otherwise_than_its_family(any_tiny: Tiny, rgb: Rgb) -> None:
    speaker, _ = speaker_of(any_tiny, rgb, notation=QWEN_VL)
    assert speaker.write_box(WHOLE).startswith("<box>(")
    drawn = list(speaker.sample_boxes("Which?", count=2, stop=never))
    assert len(drawn) >= 1


def test_a_question_that_leaves_no_room_for_an_answer_says_so(tiny: Tiny, rgb: Rgb) -> None:
    speaker, runner = speaker_of(tiny, rgb)
    before = tiny.model.config.max_position_embeddings
    long = "And then? " * 20
    length = len(tiny.processor.prompt((), long, tiny.processor.pixels(rgb)))
    try:
        tiny.model.config.max_position_embeddings = length + 5
        said = list(speaker.say((), long, stop=never))
        assert sum(each.tokens for each in said) <= 5
        tiny.model.config.max_position_embeddings = length
        with pytest.raises(EngineError, match="begin anew"):
            next(speaker.say((), long, stop=never))
    finally:
        tiny.model.config.max_position_embeddings = before
    assert runner.photos == 1


def test_closing_a_photo_frees_its_memory(tiny: Tiny, rgb: Rgb) -> None:
    shelf = Shelf()
    one, _ = speaker_of(tiny, rgb, shelf=shelf)
    other, _ = speaker_of(tiny, rgb, shelf=shelf)
    for speaker in (one, other):
        list(speaker.sample_boxes("Which?", count=2, stop=never))
    both = shelf.nbytes
    one.close()
    assert shelf.nbytes == both / 2
    other.close()
    assert shelf.nbytes == 0


FRAMES = [(0.0, 0.0, 1.0, 1.0), (0.0, 0.25, 1.0, 0.75), (-0.25, 0.0, 1.25, 1.0)]


@pytest.mark.parametrize("frame", FRAMES)
def test_boxes_go_to_the_picture_and_back(frame: tuple[float, float, float, float]) -> None:
    for box in BOXES:
        back = in_photo(in_picture(box, frame), frame, whole=True)
        assert back is not None
        assert tuple(back) == pytest.approx(tuple(box))


def test_what_lies_in_the_padding_is_cut_or_left_out() -> None:
    frame = (0.0, 0.25, 1.0, 0.75)
    assert in_photo(Box(0.1, 0.0, 0.4, 0.5), frame) == Box(0.1, 0.0, 0.4, 0.5)
    assert in_photo(Box(0.1, 0.0, 0.4, 0.5), frame, whole=True) is None
    assert in_photo(Box(0.1, 0.0, 0.4, 0.25), frame) is None


def test_boxes_in_a_question_are_mirrored_with_the_photo() -> None:
    pixels = Pixels({}, 1, Size(448, 448))
    asked = "Keep <box>(100,200),(300,400)</box> and leave out (0, 5), (250, 95), please. Top 3!"
    turned = mirrored_question(asked, QWEN_VL, pixels)
    assert turned == (
        "Keep <box>(700,200),(900,400)</box> and leave out (750, 5), (1000, 95), please. Top 3!"
    )
    assert mirrored_question(turned, QWEN_VL, pixels) == asked
    assert mirrored_question("No box here, 3 or 4.", QWEN_VL, pixels) == "No box here, 3 or 4."
