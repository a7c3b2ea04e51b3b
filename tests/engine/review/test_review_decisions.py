"""Two reviewers at one file: nothing overwritten, the last word of each counts."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from reviews import decided, guidance

from engine.review import decisions
from engine.review.agreement import CHECKER, agreement, agreement_lines
from engine.review.consensus import Outcome, settle
from engine.review.decisions import Action, Decision, add, folder_of, log_of, standing
from engine.review.records import Check, Draft, ReviewError

ROOT = Path(__file__).parents[3]

WRITER = """
import sys
from pathlib import Path
from engine.review.decisions import Action, Decision, add
for number in range(int(sys.argv[3])):
    add(Path(sys.argv[1]), Decision(record=str(number), of="f", reviewer=sys.argv[2],
        action=Action.ACCEPT, at="2026-01-01", note="x" * 300))
"""


def test_processes_that_write_at_one_time_lose_no_line(tmp_path: Path) -> None:
    file, count = tmp_path / "records.jsonl", 40
    names = ("Ada", "Ben", "Ben")  # one of them in two windows
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(file), name, str(count)], cwd=ROOT)
        for name in names
    ]
    assert [each.wait() for each in writers] == [0, 0, 0]
    read = decisions.read(file)
    assert read.problems == ()
    assert len(read.decisions) == 3 * count
    assert sum(each.reviewer == "Ben" for each in read.decisions) == 2 * count


def test_the_last_word_about_the_present_draft_counts_and_undo_is_a_word(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    one, other = guidance("a.jpg"), guidance("b.jpg")
    words = [
        decided(one, "Ada", Action.ACCEPT),
        decided(one, "Ben", Action.ACCEPT),
        decided(one, "Ada", Action.REJECT),
        decided(other, "Ada", Action.ACCEPT),
        decided(other, "Ada", Action.OPEN),
    ]
    for each in words:
        add(file, each)
    read = decisions.read(file).decisions
    assert sorted(read, key=words.index) == words
    found = standing(read, [one, other])
    assert {name: each.action for name, each in found[one.id].items()} == {
        "Ada": Action.REJECT,
        "Ben": Action.ACCEPT,
    }
    assert not found[other.id]

    drafted_anew = guidance("a.jpg", analysis="Other words.")
    assert one.id not in standing(read, [drafted_anew])
    assert decisions.stale(read, [drafted_anew, other]) == 3


def test_a_line_that_is_none_is_told_and_costs_only_itself(tmp_path: Path) -> None:
    file, record = tmp_path / "records.jsonl", guidance("a.jpg")
    add(file, decided(record, "Ada", Action.ACCEPT))
    with log_of(file, "Ada").open("ab") as log:
        log.write(b'{"record": "a", "of\xff')
    add(file, decided(record, "Ada", Action.REJECT))
    read = decisions.read(file)
    assert [each.action for each in read.decisions] == [Action.ACCEPT, Action.REJECT]
    assert len(read.problems) == 1
    assert "line 2" in read.problems[0]


def test_any_name_is_a_file_of_its_own_within_the_folder(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    names = ("Ada", "../Ada", "李 明", "a/b", "a%2Fb")
    logs = {log_of(file, name) for name in names}
    assert len(logs) == len(names)
    assert {each.parent for each in logs} == {folder_of(file)}
    for bad in ("", "  ", "x" * 300):
        with pytest.raises(ReviewError, match="no reviewer's name"):
            log_of(file, bad)


def test_a_decision_is_whole() -> None:
    whole = decided(guidance("a.jpg"), "Ada", Action.ACCEPT)
    with pytest.raises(ValueError, match="an edit has a draft"):
        replace(whole, action=Action.EDIT)
    with pytest.raises(ValueError, match="an edit has a draft"):
        replace(whole, draft=Draft())
    with pytest.raises(ValueError, match="reviewer's name"):
        replace(whole, reviewer=" ")
    with pytest.raises(ValueError, match="finite"):
        replace(whole, score=float("nan"))


# ── what becomes of a record ─────────────────────────────────────────────────────────────────────


def _settled(*words: Decision, result: Check = Check.ACCEPTED) -> tuple[Outcome, str, float | None]:
    record = guidance("a.jpg", result=result)
    found = settle(record, {each.reviewer: each for each in words})
    return found.outcome, found.record.draft.analysis, found.score


def test_the_majority_settles_and_the_latest_edit_has_the_words() -> None:
    record = guidance("a.jpg")
    accept = decided(record, "Ada", Action.ACCEPT, score=3)
    reject = decided(record, "Ben", Action.REJECT, score=1)
    early = decided(record, "Cem", Action.EDIT, analysis="early", at="2026-01-01", score=4)
    late = decided(record, "Dan", Action.EDIT, analysis="late", at="2026-01-02")
    assert _settled(accept) == (Outcome.PASSED, "Soft light.", 3)
    assert _settled(reject) == (Outcome.REJECTED, "Soft light.", 1)
    assert _settled(accept, reject) == (Outcome.DISPUTED, "Soft light.", 2)
    assert _settled(late, reject, early) == (Outcome.PASSED, "late", 2.5)


def test_without_reviewers_the_checking_model_counts_and_with_them_it_does_not() -> None:
    accept = decided(guidance("a.jpg"), "Ada", Action.ACCEPT)
    assert _settled()[0] is Outcome.CHECKED
    assert _settled(result=Check.CORRECTED)[0] is Outcome.CHECKED
    assert _settled(result=Check.REJECTED)[0] is Outcome.UNFIT
    assert _settled(accept, result=Check.REJECTED)[0] is Outcome.PASSED


def test_agreement_of_three_reviewers_by_hand() -> None:
    records = [
        guidance(name, result=result) for name, result in zip("abcde", _RESULTS, strict=True)
    ]
    rows = {"Ada": "AAAR-", "Ben": "AARRA", "Cem": "ARAR-"}
    scores = {"Ada": (1, 2, 3, 4, None), "Ben": (1, 3, 2, 4, 5), "Cem": (None,) * 5}
    given = [
        decided(record, name, Action.ACCEPT if letter == "A" else Action.REJECT, score=score)
        for name, letters in rows.items()
        for record, letter, score in zip(records, letters, scores[name], strict=True)
        if letter != "-"
    ]
    found = agreement(records, standing(given, records))
    assert found.reviewers == ("Ada", "Ben", "Cem")
    assert (found.reviewed, found.complete) == (5, 4)
    first = found.pairs[0]
    # Ada AAAR, Ben AARR: 3 of 4; by chance 3/4 × 2/4 + 1/4 × 2/4 = 1/2; kappa 1/2.
    assert (first.one, first.other, first.together, first.same) == ("Ada", "Ben", 4, 3)
    assert first.kappa == pytest.approx(0.5)
    # Scores 1 2 3 4 and 1 3 2 4: rho 1 − 6 × 2 / (4 × 15) = 0.8; tau (5 − 1) / 6.
    assert first.scored == 4
    assert first.spearman == pytest.approx(0.8)
    assert first.kendall == pytest.approx(4 / 6)
    # Accepts and rejects (3,0) (2,1) (2,1) (0,3): agreement (1 + 1/3 + 1/3 + 1) / 4 = 2/3; shares
    # 7/12, 5/12: chance 74/144; (96 − 74) / (144 − 74) = 22/70.
    assert found.fleiss == pytest.approx(22 / 70)
    # Ada AAAR against the model's accept, correct, reject, reject: 3 of 4, kappa 1/2.
    checker = found.checker[0]
    assert (checker.other, checker.together, checker.same) == (CHECKER, 4, 3)
    assert checker.kappa == pytest.approx(0.5)
    text = "\n".join(agreement_lines(found))
    assert "Ada and Ben: 4 records, the same word on 3, Cohen's kappa 0.500" in text
    assert "Fleiss' kappa 0.314" in text


_RESULTS = (Check.ACCEPTED, Check.CORRECTED, Check.REJECTED, Check.REJECTED, Check.ACCEPTED)


def test_agreement_before_anybody_has_reviewed() -> None:
    found = agreement([guidance("a.jpg")], {})
    assert list(agreement_lines(found)) == ["Nobody has reviewed these records yet."]
