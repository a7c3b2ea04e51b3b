"""The desk's state alone: what may be seen, what can be undone, what others' new lines change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from reviews import decided, guidance

from app.review.archive import Archive
from app.review.desk import Desk, Step, seated
from engine.review.decisions import Action, Decision, add, log_of, read, standing
from engine.review.records import Record, Records, read_records, write_records

A, B = guidance("A.png"), guidance("B.png")
RECORDS = Records(Path("photos"), (A, B))


def desk_of(*words: Decision) -> Desk:
    return seated(RECORDS, words, "ada")


def word(record: Record, action: Action, reviewer: str = "ada", note: str = "") -> Decision:
    return replace(decided(record, reviewer, action), note=note)


def test_work_goes_on_at_the_first_record_without_a_word() -> None:
    assert desk_of(word(A, Action.ACCEPT)).record == B
    assert desk_of(word(A, Action.ACCEPT), word(B, Action.REJECT)).record == A


def test_others_are_seen_after_ones_own_word_alone() -> None:
    theirs = word(A, Action.REJECT, "ben")
    assert desk_of(theirs).others == ()
    assert desk_of(theirs).decided(word(A, Action.ACCEPT)).others == (theirs,)
    again = desk_of(theirs).decided(word(A, Action.ACCEPT)).decided(word(A, Action.OPEN))
    assert again.others == ()


def test_what_can_be_undone_is_the_same_live_and_after_a_restart() -> None:
    said = (
        word(A, Action.ACCEPT),
        word(A, Action.REJECT, note="no"),
        word(B, Action.ACCEPT),
        word(B, Action.OPEN),  # an undo
        word(B, Action.REJECT, note="why"),
        word(B, Action.REJECT, note="why"),  # the same again
    )
    desk = desk_of()
    for each in said:
        desk = desk.decided(each)
    assert desk.steps == (Step(None, said[0]), Step(said[0], said[1]), Step(None, said[4]))
    assert desk_of(*said).steps == desk.steps


def test_others_words_and_old_drafts_are_not_mine_to_undo() -> None:
    old = replace(word(A, Action.ACCEPT), of="another draft")
    assert desk_of(old, word(B, Action.ACCEPT, "ben")).steps == ()


@pytest.mark.parametrize(
    "news",
    (
        (word(A, Action.ACCEPT, "ben"),),
        (word(A, Action.ACCEPT, "ben"), word(A, Action.REJECT, "ben")),
        (word(A, Action.ACCEPT, "ben"), word(A, Action.OPEN, "ben")),
        (replace(word(A, Action.ACCEPT, "ben"), of="another draft"),),
        (word(guidance("Z.png"), Action.ACCEPT, "ben"),),
        (word(B, Action.ACCEPT, "cleo"), word(A, Action.ACCEPT, "ben")),
    ),
)
def test_hearing_new_words_is_as_good_as_reading_all(news: tuple[Decision, ...]) -> None:
    known = (word(A, Action.ACCEPT), word(B, Action.REJECT, "ben"))
    heard = desk_of(*known).heard(news)
    whole = standing((*known, *news), RECORDS.records)
    assert {k: v for k, v in heard.words.items() if v} == {k: v for k, v in whole.items() if v}


def test_news_are_read_from_where_the_last_ones_ended(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    write_records(file, RECORDS.records, root=tmp_path)
    archive = Archive(file, "ada")
    desk, problems = archive.open()
    assert (desk.words, problems, archive.news(desk)) == ({}, (), None)
    for step, said in enumerate((word(A, Action.ACCEPT, "ben"), word(A, Action.REJECT, "ben"))):
        add(file, said)
        found = archive.news(desk)
        assert found is not None, step
        desk = found[0]
        assert desk.words[A.id]["ben"] == said
    mine = word(B, Action.ACCEPT)
    archive.add(mine)
    assert archive.news(desk.decided(mine)) is None
    with log_of(file, "ben").open("ab") as out:
        out.write(b"nonsense\n")
    found = archive.news(desk)
    assert found is not None
    assert "line 3, is no decision" in found[1][0]
    assert found[0].words == standing(read(file).decisions, read_records(file).records)


def test_two_windows_of_one_reviewer_hear_each_other(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    write_records(file, RECORDS.records, root=tmp_path)
    one, other = Archive(file, "ada"), Archive(file, "ada")
    desk, _ = one.open()
    other.open()
    other.add(word(B, Action.ACCEPT))
    found = one.news(desk)
    assert found is not None
    assert found[0].steps == (Step(None, word(B, Action.ACCEPT)),)
