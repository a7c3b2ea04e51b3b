"""The judge's scores: read strictly, counted by hand, set beside people's."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from lab import photos

from trainer.benchmarks.aesguide.folder import data_hash, read_folder, read_humans
from trainer.benchmarks.aesguide.judged_run import (
    JudgedRun,
    agreed,
    read_run,
    scored,
    write_run,
)
from trainer.benchmarks.aesguide.judging import Judged, prompts, score
from trainer.benchmarks.aesguide.page import lines, notes, page
from trainer.data.problem import DataError, Fault
from trainer.endpoints.asking import Heard
from trainer.endpoints.objects import MalformedError
from trainer.endpoints.prompts import PromptsError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Score: 2", 2),
        ("2", 2),
        ("Score:2/2", 2),
        ("Score: 0", 0),
        ("score:1", 1),
        ("SCORE : 1 / 2", 1),
        (" \nScore: 1\n", 1),
        ("0/2", 0),
    ],
)
def test_a_score_and_nothing_else(text: str, value: int) -> None:
    assert score(Heard(text, 1)) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", "3", "-1", "1.5", "12", "two", "２", "2/3", "Score", "Score: 2.", "Score: 1 2"),
        *("Score: 2, because", "The score is 2", "**Score: 2**", "Score: 2\nScore: 1", "2/ 20"),
    ],
)
def test_anything_else_is_no_score(text: str) -> None:
    with pytest.raises(MalformedError):
        score(Heard(text, 1))


def test_a_score_that_was_cut_off_is_none() -> None:
    with pytest.raises(MalformedError, match="cut off"):
        score(Heard("Score: 1", 1, cut=True))


def test_own_prompts_have_their_places_and_a_labs_must_have_them(tmp_path: Path) -> None:
    assert "Score: 2" in prompts().fill("relevance", {"answer": "x"})
    own = tmp_path / "own.toml"
    own.write_text('completeness = "{answer}"\npreciseness = "x"\nrelevance = "y"\nagain = "z"\n')
    with pytest.raises(PromptsError, match=r"completeness lacks \{reference\}"):
        prompts(own)


# ── statistics ───────────────────────────────────────────────────────────────────────────────────


def judged(name: str, *scores: int | None) -> Judged:
    missing = tuple("hm" for each in scores if each is None)
    return Judged(photo=name, answer=f"About {name}.", seconds=1.5, scores=scores, raw=missing)


RUN = JudgedRun(
    engine="Engine A",
    engine_version="1",
    chosen="{}",
    judge="judge at here",
    prompts="f" * 64,
    own_prompts=True,
    data="folder",
    data_hash="d",
    date="2026-01-01T00:00:00+00:00",
    photos=(
        judged("a.jpg", 0, 2, 1),
        judged("b.jpg", 1, 2, None),
        judged("c.jpg", 2, 2, 2),
        judged("d.jpg", 1, 2, 0),
    ),
    unanswered=("e.jpg",),
)


def test_means_and_counts_by_hand() -> None:
    complete, precise, relevant = scored(RUN)
    assert complete.mean is not None
    assert complete.mean.mean == 1
    assert (complete.counts, complete.unscored) == ((1, 2, 1), 0)
    assert 0 <= complete.mean.low < 1 < complete.mean.high <= 2
    assert precise.mean is not None
    assert (precise.mean.mean, precise.mean.low, precise.mean.high) == (2, 2, 2)
    assert relevant.mean is not None
    assert (relevant.mean.mean, relevant.mean.count) == (1, 3)
    assert (relevant.counts, relevant.unscored) == ((1, 1, 1), 1)


def test_a_run_without_any_score_has_no_mean() -> None:
    nothing = replace(RUN, photos=(judged("a.jpg", None, None, None),))
    assert [each.mean for each in scored(nothing)] == [None] * 3
    assert [each.unscored for each in scored(nothing)] == [1] * 3
    assert "Engine A" in page([nothing])


def test_the_judge_beside_people_by_hand() -> None:
    humans = {
        "a.jpg": {"completeness": 1.0, "relevance": 3.0},
        "b.jpg": {"completeness": 2.0, "relevance": 1.0},
        "c.jpg": {"completeness": 4.0, "relevance": 5.0},
        "d.jpg": {"completeness": 3.0},
        "z.jpg": {"completeness": 9.0},
    }
    complete, precise, relevant = agreed(RUN, humans)
    # 0 1 2 1 against 1 2 4 3: five pairs differ in both, all in one order: 5 / √(5 × 6);
    # ranks 1 2.5 4 2.5 against 1 2 4 3: 4.5 / √(4.5 × 5).
    assert complete.count == 4
    assert complete.kendall == pytest.approx(5 / 30**0.5)
    assert complete.spearman == pytest.approx(0.9**0.5)
    assert (precise.count, precise.spearman) == (0, None)
    assert (relevant.count, relevant.kendall) == (2, pytest.approx(1))


def test_a_run_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_run(RUN, tmp_path)
    assert read_run(tmp_path) == RUN
    table = (tmp_path / "aesguide.csv").read_text().splitlines()
    assert table[0] == "image,completeness,preciseness,relevance,seconds,answer"
    assert table[2] == "b.jpg,1,2,,1.5,About b.jpg."
    with pytest.raises(DataError, match="give a run's folder"):
        read_run(tmp_path / "none")
    data = json.loads((tmp_path / "aesguide.json").read_text())
    data["photos"][0]["scores"] = [0, 3, 1]
    (tmp_path / "aesguide.json").write_text(json.dumps(data))
    with pytest.raises(DataError, match="not 0, 1 or 2"):
        read_run(tmp_path)


def test_the_page_has_the_papers_table_the_unscored_and_no_markup_of_others() -> None:
    evil = replace(RUN, photos=(*RUN.photos, replace(judged("<b>", 0, 0, 0), answer="<script>")))
    told = page([evil, replace(RUN, engine="Engine B")])
    for words in ("1.27", "gpt-3.5-turbo", "Engine B", "Unscored", "&lt;script&gt;", "<h3>b.jpg"):
        assert words in told
    assert "<script>" not in told
    text = "\n".join(lines([RUN]))
    assert "1.00 (" in text
    assert "relevance: 1 × 0, 1 × 1, 1 × 2, 1 unscored" in text


def test_runs_that_were_measured_otherwise_are_not_to_be_compared() -> None:
    other = replace(RUN, engine="Engine B", judge="another", prompts="0" * 64)
    told = "\n".join(notes([RUN, other]))
    assert "Not to be compared with Engine B" in told
    assert "judge, prompts differ" in told
    assert "1 photos are not in the means" in told
    assert "Not to be compared" not in "\n".join(notes([RUN, replace(RUN, engine="Engine B")]))


# ── the folder ───────────────────────────────────────────────────────────────────────────────────


def test_the_official_layout_and_photos_beside_the_file(tmp_path: Path) -> None:
    photos(tmp_path / "images", ["a.jpg", "c.jpg"])
    photos(tmp_path, ["b.jpg"])
    table = {"c.jpg": " ", "b.jpg": "two", "a.jpg": "one", "d.jpg": "four"}
    (tmp_path / "AesGuide.json").write_text(json.dumps(table))
    (tmp_path / "scores.json").write_text('{"a.jpg": {"relevance": 1}}')
    cases, problems = read_folder(tmp_path)
    assert [(each.name, each.photo.parent.name) for each in cases] == [
        ("a.jpg", "images"),
        ("b.jpg", tmp_path.name),
    ]
    assert [(each.where, each.fault) for each in problems] == [
        ("c.jpg", Fault.EMPTY_ANSWER),
        ("d.jpg", Fault.MISSING_PICTURE),
    ]
    assert data_hash(cases) != data_hash(cases[:1])


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no JSON file"):
        read_folder(tmp_path)
    for name in ("one.json", "two.json"):
        (tmp_path / name).write_text('{"a.jpg": "x"}')
    with pytest.raises(DataError, match=r"several \(one\.json, two\.json\)"):
        read_folder(tmp_path)
    with pytest.raises(DataError, match="no photo"):
        read_folder(tmp_path, tmp_path / "one.json")


def test_peoples_scores_from_json_and_from_csv(tmp_path: Path) -> None:
    (tmp_path / "h.json").write_text('{"a.jpg": {"relevance": 1.5, "completeness": null}}')
    (tmp_path / "h.csv").write_text("image,relevance,completeness\na.jpg,1.5,\n")
    assert read_humans(tmp_path / "h.json") == read_humans(tmp_path / "h.csv")
    assert read_humans(tmp_path / "h.json") == {"a.jpg": {"relevance": 1.5}}
    for text in ('{"a.jpg": {"relevance": "good"}}', '{"a.jpg": {"relevance": NaN}}', "[1]"):
        (tmp_path / "h.json").write_text(text)
        with pytest.raises(DataError, match=r"h\.json"):
            read_humans(tmp_path / "h.json")
