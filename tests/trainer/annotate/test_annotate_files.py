"""Comments in, reviewed records out: the files before and after the factory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reviews import decided, guidance, rationale

from engine.review.decisions import Action, add
from engine.review.records import Check, Record, write_records
from trainer.annotate.comments import Commented, read_comments
from trainer.cli import main
from trainer.data.guidance import read_annotations
from trainer.data.problem import DataError
from trainer.data.rationales import read_rationales


def test_comments_from_json_lines_are_joined_by_photo(tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"
    lines = [
        {"photo": "a.jpg", "comments": ["one", " two ", ""], "author": "x"},
        {"photo": "b.jpg", "comments": "three\u2028four"},
        {"photo": "a.jpg", "comments": ["two", "five"]},
    ]
    file.write_text("\n".join(json.dumps(each, ensure_ascii=False) for each in lines), "utf-8")
    assert read_comments(file) == (
        [
            Commented("a.jpg", ("one", "two", "five")),
            Commented("b.jpg", ("three\u2028four",)),
        ],
        [],
    )


def test_comments_from_csv_with_a_mark_at_its_beginning(tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text(
        'id,photo,comments\n1,a.jpg,"one,\ntwo"\n2,a.jpg,three\n3,,four\n4,b.jpg\n', "utf-8-sig"
    )
    found, problems = read_comments(file)
    assert found == [Commented("a.jpg", ("one,\ntwo", "three"))]
    assert [each.reason for each in problems] == [
        "it names no photo",
        "its comments are no text and no list of texts",
    ]


def test_rows_that_are_none_are_told_and_left_out(tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"
    file.write_text(
        '{"photo": "a.jpg", "comments": [3]}\nno json\n[1]\n{"photo": 3, "comments": "x"}\n'
        '{"photo": "b.jpg", "comments": " "}\n{"photo": "c.jpg", "comments": "x"}\n'
    )
    found, problems = read_comments(file)
    assert found == [Commented("c.jpg", ("x",))]
    assert [each.where for each in problems] == [
        "c.jsonl: line 1",
        "c.jsonl: line 2",
        "c.jsonl: line 3",
        "c.jsonl: line 4",
        "b.jpg",
    ]


@pytest.mark.parametrize(
    ("name", "data"), [("c.csv", b"a,b\n1,2\n"), ("c.jsonl", b"\xff\xfe"), ("c.csv", b"\xff\n")]
)
def test_a_file_that_holds_no_comments_is_told(tmp_path: Path, name: str, data: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(DataError, match=name):
        read_comments(file)
    with pytest.raises(DataError, match=r"none\.jsonl"):
        read_comments(tmp_path / "none.jsonl")


# ── export ───────────────────────────────────────────────────────────────────────────────────────

SIX = {
    "passed": guidance("x/passed.jpg"),
    "edited": guidance("x/edited.jpg", result=Check.REJECTED),
    "rejected": guidance("x/rejected.jpg"),
    "disputed": guidance("x/disputed.jpg"),
    "checked": guidance("x/checked.jpg", result=Check.CORRECTED),
    "unfit": guidance("x/unfit.jpg", result=Check.REJECTED),
}


@pytest.fixture
def reviewed(tmp_path: Path) -> Path:
    """Six records in six states, and a rationale."""
    file = tmp_path / "records.jsonl"
    write_records(file, [*SIX.values(), rationale("x/passed.jpg", better=False)], root=tmp_path)
    for name, action in (("Ada", Action.ACCEPT), ("Ben", Action.REJECT)):
        add(file, decided(SIX["disputed"], name, action))
    add(file, decided(SIX["passed"], "Ada", Action.ACCEPT))
    add(file, decided(SIX["edited"], "Ben", Action.EDIT, analysis="In\u2028other words."))
    add(file, decided(SIX["rejected"], "Ben", Action.REJECT))
    add(file, decided(rationale("x/passed.jpg", better=False), "Ben", Action.ACCEPT))
    return file


def export(records: Path, form: str, out: Path, *more: str) -> int:
    return main(["annotate", "export", str(records), "--to", form, "--out", str(out), *more])


def test_guidance_for_the_first_stage_is_what_reviewers_passed_in_their_words(
    reviewed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "annotations.jsonl"
    assert export(reviewed, "guidance", out) == 0
    annotations, problems = read_annotations(out)
    assert problems == []
    assert [(each.photo, each.analysis, each.guidance, each.score) for each in annotations] == [
        ("x/passed.jpg", "Soft light.", "Step closer.", "Pleasing."),
        ("x/edited.jpg", "In\u2028other words.", "Step closer.", "Pleasing."),
    ]
    told = capsys.readouterr().out
    for line in (
        "2 records go in.",
        "1 were rejected by reviewers.",
        "1 are disputed",
        "1 were rejected by the checking model",
        "1 have not been reviewed",
        "1 are of another kind.",
    ):
        assert line in told


def test_unreviewed_records_go_in_on_request_but_never_the_rejected(
    reviewed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a.jsonl"
    assert export(reviewed, "guidance", out, "--unreviewed") == 0
    assert [each.photo for each in read_annotations(out)[0]] == [
        "x/passed.jpg",
        "x/edited.jpg",
        "x/checked.jpg",
    ]


def test_the_benchmarks_file_has_image_names_and_joined_texts(
    reviewed: Path, tmp_path: Path
) -> None:
    assert export(reviewed, "aesguide", tmp_path / "b.json") == 0
    assert json.loads((tmp_path / "b.json").read_text("utf-8")) == {
        "passed.jpg": "Soft light.\nStep closer.",
        "edited.jpg": "In\u2028other words.\nStep closer.",
    }


def test_two_photos_of_one_name_cannot_be_told_apart_by_the_benchmark(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "records.jsonl"
    write_records(file, [guidance("x/a.jpg"), guidance("y/a.jpg")], root=tmp_path)
    assert export(file, "aesguide", tmp_path / "b.json", "--unreviewed") == 2
    assert "Two photos are called a.jpg" in capsys.readouterr().err
    assert not (tmp_path / "b.json").exists()


def test_rationales_for_the_second_stage_carry_box_and_verdict(
    reviewed: Path, tmp_path: Path
) -> None:
    assert export(reviewed, "rationales", tmp_path / "r.jsonl") == 0
    found, problems = read_rationales(tmp_path / "r.jsonl")
    assert problems == []
    (one,) = found["x/passed.jpg"]
    assert (one.verdict, one.text, tuple(one.box)) == ("bad", "It balances.", (0.1, 0.2, 0.9, 0.8))


def test_nothing_is_written_where_nothing_goes_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "records.jsonl"
    write_records(file, [guidance("a.jpg")], root=tmp_path)
    assert export(file, "guidance", tmp_path / "a.jsonl") == 2
    assert not (tmp_path / "a.jsonl").exists()
    assert export(tmp_path / "none.jsonl", "guidance", tmp_path / "a.jsonl") == 2
    assert "none.jsonl cannot be read" in capsys.readouterr().err


def test_agreement_is_told_in_words_and_in_json(
    reviewed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed: Record = guidance("x/passed.jpg", analysis="Drafted anew.")
    assert main(["annotate", "agreement", str(reviewed)]) == 0
    assert "Ada and Ben: 1 records, the same word on 0" in capsys.readouterr().out
    assert main(["annotate", "agreement", str(reviewed), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["reviewers"], found["reviewed"]) == (["Ada", "Ben"], 5)
    write_records(reviewed, [changed], root=reviewed.parent)
    assert main(["annotate", "agreement", str(reviewed)]) == 0
    told = capsys.readouterr()
    assert "Nobody has reviewed" in told.out
    assert "6 decisions are about words that have changed" in told.err
