"""Files of records: whole, strict, movable."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reviews import BOX, guidance, rationale

from engine.review.records import (
    Kind,
    Record,
    ReviewError,
    read_records,
    record_id,
    write_records,
)
from engine.saving import append_line, as_line, write_whole


def test_records_come_back_as_they_were_with_every_kind_of_line_end_in_their_words(
    tmp_path: Path,
) -> None:
    file = tmp_path / "out" / "records.jsonl"
    records = (guidance("a.jpg", analysis="one\ntwo\u2028three\x85four"), rationale("b.jpg"))
    write_records(file, records, root=tmp_path / "photos")
    found = read_records(file)
    assert found.records == records
    assert found.photo(records[0]).resolve() == tmp_path / "photos" / "a.jpg"
    assert len(file.read_text("utf-8").splitlines()) == 3


def test_the_photos_are_found_after_both_folders_moved_together(tmp_path: Path) -> None:
    write_records(tmp_path / "old/out/r.jsonl", [guidance("a.jpg")], root=tmp_path / "old/photos")
    (tmp_path / "old").rename(tmp_path / "new")
    found = read_records(tmp_path / "new/out/r.jsonl")
    assert found.photo(found.records[0]).resolve() == tmp_path / "new/photos/a.jpg"


def test_an_id_is_the_subjects_and_a_fingerprint_the_words() -> None:
    assert guidance("a.jpg").id == guidance("a.jpg", analysis="other").id
    assert guidance("a.jpg").fingerprint != guidance("a.jpg", analysis="other").fingerprint
    ids = {
        record_id(Kind.GUIDANCE, "a.jpg"),
        record_id(Kind.GUIDANCE, "b.jpg"),
        record_id(Kind.RATIONALE, "a.jpg", BOX, True),
        record_id(Kind.RATIONALE, "a.jpg", BOX, False),
    }
    assert len(ids) == 4


def test_a_rationale_needs_its_box_and_verdict() -> None:
    whole = rationale("a.jpg")
    with pytest.raises(ValueError, match="without a box"):
        Record(id="x", kind=Kind.RATIONALE, photo="a", draft=whole.draft, checked=whole.checked)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no file of review records"),
        ('{"photo": "a.jpg"}\n', "no file of review records"),
        ('{"venus_records": 2, "root": "."}\n', "version 2"),
        ('{"venus_records": 1, "root": "."}\n{"id": 3}\n', "line 2, is no review record"),
    ],
)
def test_what_is_no_file_of_records_is_told(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "records.jsonl"
    file.write_text(text)
    with pytest.raises(ReviewError, match=told):
        read_records(file)


def test_a_record_that_comes_twice_is_told(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    write_records(file, [guidance("a.jpg"), guidance("a.jpg")], root=tmp_path)
    with pytest.raises(ReviewError, match="line 3, repeats"):
        read_records(file)


def test_a_file_that_cannot_be_replaced_stays_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    (taken / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="taken"):
        write_whole(taken, b"new")
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]


def test_a_line_is_added_after_one_that_a_crash_cut_off(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    append_line(log, as_line({"n": 1}))
    with log.open("ab") as file:
        file.write(b'{"n": 2, "te')
    append_line(log, as_line({"n": 3}))
    lines = log.read_text().splitlines()
    assert [json.loads(lines[0]), json.loads(lines[2])] == [{"n": 1}, {"n": 3}]
    with pytest.raises(ValueError, match="no line end"):
        append_line(log, "one\ntwo")
