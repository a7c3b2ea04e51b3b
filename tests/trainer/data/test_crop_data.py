import json
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import picture

from engine.geometry import iou
from engine.vocabulary import Box, Size
from trainer.data import layouts
from trainer.data.bad_boxes import FAR, Wrong, bad_box
from trainer.data.cropping import Rationale, Words, boxes_to_explain, crop_samples
from trainer.data.guidance import Annotation, joined, progressive, read_annotations
from trainer.data.guidance import Words as Questions
from trainer.data.layouts import Annotated, Rated, good_boxes
from trainer.data.problem import DataError, Fault, Problem
from trainer.data.sample import PLACE, Exchange, Sample, Verdict
from trainer.data.splits import split

WORDS = Words(crop="Crop it.", why_good="Why does {box} help?", why_bad="Why does {box} not help?")


def read(found: list[layouts.Found]) -> tuple[list[Annotated], list[Problem]]:
    return (
        [each for each in found if isinstance(each, Annotated)],
        [each for each in found if isinstance(each, Problem)],
    )


def test_flms_is_read_in_fractions_and_its_faults_are_named(tmp_path: Path) -> None:
    photo = picture(tmp_path / "images" / "a.png")
    (tmp_path / "json").mkdir()
    rows = {
        "a.png": [[10, 5, 90, 45], [90, 5, 10, 45], [0, 0, 300, 50]],
        "gone.png": [[0, 0, 1, 1]],
    }
    (tmp_path / "json" / "image_crops.json").write_text(json.dumps(rows), "utf-8")
    good, bad = read(list(layouts.flms(tmp_path)))
    assert good == [Annotated(photo, Size(100, 50), (Rated(Box(0.1, 0.1, 0.9, 0.9)),))]
    assert [each.fault for each in bad] == [
        Fault.BOX_OUTSIDE,
        Fault.BOX_OUTSIDE,
        Fault.MISSING_PICTURE,
    ]


def test_fcdb_gives_left_top_width_height(tmp_path: Path) -> None:
    photo = picture(tmp_path / "7_b.png")
    file = tmp_path / "cropping_training_set.json"
    entries = [{"url": "https://example.org/1/7_b.png", "crop": [10, 5, 60, 40]}, {"url": "x"}]
    file.write_text(json.dumps(entries), "utf-8")
    good, bad = read(list(layouts.fcdb(file, tmp_path)))
    assert good == [Annotated(photo, Size(100, 50), (Rated(Box(0.1, 0.1, 0.7, 0.9)),))]
    assert [each.fault for each in bad] == [Fault.MALFORMED]


def test_gaicd_gives_top_left_bottom_right_and_leaves_the_unrated_out(tmp_path: Path) -> None:
    photo = picture(tmp_path / "images" / "train" / "7.png")
    folder = tmp_path / "annotations" / "train"
    folder.mkdir(parents=True)
    (folder / "7.txt").write_text("5 10 45 90 3.5\n0 0 50 100 -2\n0 0 50 50 1.5\n", "utf-8")
    (folder / "8.txt").write_text("5 10 45\n", "utf-8")
    (folder / "9.txt").write_text("5 10 45 90 3.5\n", "utf-8")
    good, bad = read(list(layouts.gaicd(tmp_path)))
    rated = (Rated(Box(0.1, 0.1, 0.9, 0.9), 3.5), Rated(Box(0, 0, 0.5, 1), 1.5))
    assert good == [Annotated(photo, Size(100, 50), rated)]
    assert [each.fault for each in bad] == [Fault.MALFORMED, Fault.MISSING_PICTURE]


def test_cpc_averages_the_votes_of_each_view(tmp_path: Path) -> None:
    photo = picture(tmp_path / "images" / "7.png")
    (tmp_path / "notes").mkdir()
    views = {"scores": [[3, 1], [0, 1]], "bboxes": [[10, 5, 90, 45], [0, 0, 50, 50]]}
    (tmp_path / "notes" / "7.png.txt").write_text(json.dumps(json.dumps(views)), "utf-8")
    (tmp_path / "notes" / "8.png.txt").write_text('"{}"', "utf-8")
    good, bad = read(list(layouts.cpc(tmp_path / "notes", tmp_path / "images")))
    rated = (Rated(Box(0.1, 0.1, 0.9, 0.9), 2.0), Rated(Box(0, 0, 0.5, 1), 0.5))
    assert good == [Annotated(photo, Size(100, 50), rated)]
    assert [each.fault for each in bad] == [Fault.MALFORMED]


def test_an_empty_folder_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    with pytest.raises(DataError, match="annotations"):
        list(layouts.gaicd(tmp_path))
    with pytest.raises(DataError, match=r"image_crops\.json"):
        list(layouts.flms(tmp_path))


edges = st.tuples(st.floats(0, 0.45), st.floats(0, 0.45), st.floats(0.55, 1), st.floats(0.55, 1))
good_sets = st.lists(edges.map(lambda edge: Box(*edge)), min_size=1, max_size=5)


@given(good_sets, st.sampled_from(Wrong), st.integers(0, 2**32))
def test_a_bad_box_lies_in_the_photo_far_from_every_good_one(
    good: list[Box], wrong: Wrong, seed: int
) -> None:
    box = bad_box(good, wrong, Random(seed))
    assert box == bad_box(good, wrong, Random(seed))
    if box is not None:
        assert all(0 <= edge <= 1 for edge in box)
        assert all(iou(box, each) <= FAR for each in good)


@given(good_sets, st.integers(0, 2**32))
def test_a_cutting_box_has_an_edge_through_what_all_good_ones_keep(
    good: list[Box], seed: int
) -> None:
    left, top = max(each.left for each in good), max(each.top for each in good)
    right, bottom = min(each.right for each in good), min(each.bottom for each in good)
    box = bad_box(good, Wrong.CUTTING, Random(seed))
    if box is not None:
        across = [left < edge < right for edge in (box.left, box.right)]
        along = [top < edge < bottom for edge in (box.top, box.bottom)]
        assert any(across + along)


@pytest.mark.parametrize("wrong", Wrong)
def test_every_kind_of_bad_box_can_be_drawn(wrong: Wrong) -> None:
    assert bad_box([Box(0.2, 0.2, 0.8, 0.8)], wrong, Random(0)) is not None


def annotated(*boxes: Box, name: str = "a.png") -> Annotated:
    return Annotated(Path("/data") / name, Size(100, 50), tuple(Rated(box) for box in boxes))


ONE, TWO = Box(0.1, 0.1, 0.9, 0.9), Box(0.2, 0, 1, 1)
WORSE = Box(0, 0, 0.3, 1)


def test_a_good_box_comes_first_and_a_bad_one_only_in_a_question() -> None:
    rationales = {
        "a.png": (
            Rationale(ONE, Verdict.GOOD, "It calms."),
            Rationale(WORSE, Verdict.BAD, "It cuts."),
        )
    }
    samples = crop_samples([annotated(ONE, TWO)], WORDS, root=Path("/data"), rationales=rationales)
    assert [[each.verdict for each in sample.exchanges] for sample in samples] == [
        [Verdict.GOOD, Verdict.GOOD, Verdict.BAD],
        [Verdict.GOOD, Verdict.BAD],
    ]
    for sample in samples:
        assert sample.photo == "a.png"
        assert sample.exchanges[0].answer == PLACE
        assert sample.exchanges[-1].answer == "It cuts."
        assert PLACE in sample.exchanges[-1].question


def test_the_release_leaves_bad_boxes_out() -> None:
    rationales = {"a.png": (Rationale(WORSE, Verdict.BAD, "It cuts."),)}
    samples = crop_samples(
        [annotated(ONE)], WORDS, root=Path("/data"), rationales=rationales, bad_crops=False
    )
    assert [len(each.exchanges) for each in samples] == [1]


@given(good_sets, st.integers(0, 1000))
def test_no_sample_has_a_bad_box_in_an_answer(good: list[Box], seed: int) -> None:
    photo = annotated(*good)
    known = tuple(
        Rationale(box, verdict, "because")
        for box, verdict in boxes_to_explain(photo, seed=seed, bad=2)
    )
    samples = crop_samples([photo], WORDS, root=Path("/data"), rationales={"a.png": known})
    assert len(samples) == len(good)
    for sample in samples:
        assert sample.exchanges[0].verdict is Verdict.GOOD
        assert all(PLACE not in each.answer for each in sample.exchanges[1:])


def test_a_bad_box_in_an_answer_cannot_even_be_made() -> None:
    with pytest.raises(ValueError, match="bad box"):
        Exchange(question="Crop.", answer=PLACE, box=WORSE, verdict=Verdict.BAD)


def test_boxes_to_explain_depend_on_the_seed_and_the_photo_alone() -> None:
    first = boxes_to_explain(annotated(ONE, TWO), seed=1)
    assert first == boxes_to_explain(annotated(ONE, TWO), seed=1)
    assert first != boxes_to_explain(annotated(ONE, TWO), seed=2)
    assert first != boxes_to_explain(annotated(ONE, TWO, name="b.png"), seed=1)
    assert [verdict for _, verdict in first] == [Verdict.GOOD] * 2 + [Verdict.BAD] * 2


def test_of_rated_boxes_the_best_tenth_is_learnt() -> None:
    rated = tuple(Rated(Box(0, 0, 1, (number + 1) / 40), float(number)) for number in range(40))
    best = good_boxes(Annotated(Path("a"), Size(9, 9), rated))
    assert best == tuple(each.box for each in reversed(rated[-4:]))


def sample(photo: str, name: str) -> Sample:
    return Sample(id=name, photo=photo, task="t", exchanges=(Exchange(question="q", answer="a"),))


def test_no_photo_is_on_both_sides_of_a_split() -> None:
    samples = [sample(f"dir{number % 3}/{number % 100}.jpg", str(number)) for number in range(300)]
    parted = split(samples, held_out=0.3, seed=4)
    held = {Path(each.photo).name for each in parted.held_out}
    assert held
    assert not held & {Path(each.photo).name for each in parted.training}
    assert len(parted.held_out) + len(parted.training) == 300


def test_a_split_stays_when_samples_are_added_and_grows_with_its_share() -> None:
    samples = [sample(f"{number}.jpg", str(number)) for number in range(400)]
    some, all_of_them = split(samples[:200], seed=1), split(samples, seed=1)
    assert set(some.held_out) <= set(all_of_them.held_out)
    sizes = [len(split(samples, held_out=share).held_out) for share in (0, 0.1, 0.3, 1)]
    assert sizes[0] == 0
    assert sizes[-1] == 400
    assert all(one < other for one, other in pairwise(sizes))


QUESTIONS = Questions(score="How good?", analysis="Analyse.", guidance="Guide.")


def test_progressive_turns_and_the_joined_answer() -> None:
    notes = [
        Annotation(photo="a.jpg", analysis="It leans.", guidance="Level it.", score="Fair."),
        Annotation(photo="b.jpg", analysis="It is soft."),
    ]
    asked = [[each.question for each in one.exchanges] for one in progressive(notes, QUESTIONS)]
    assert asked == [["How good?", "Analyse.", "Guide."], ["Analyse."]]
    answers = [[each.answer for each in one.exchanges] for one in joined(notes, QUESTIONS)]
    assert answers == [["It leans.\nLevel it."], ["It is soft."]]


def test_annotations_are_read_and_broken_lines_named(tmp_path: Path) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_text('{"photo": "a.jpg", "analysis": "x"}\n{"photo": 3}\n', "utf-8")
    found, problems = read_annotations(file)
    assert found == [Annotation(photo="a.jpg", analysis="x")]
    assert "line 2" in problems[0].where
