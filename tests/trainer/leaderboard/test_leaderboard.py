"""The leaderboard: runs read, joined and told; what is no run is told too."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import crop_sets
import pytest

from trainer import cli
from trainer.leaderboard.page import joined, page
from trainer.leaderboard.result import (
    ENGINE,
    FILE,
    Figure,
    Machine,
    Result,
    ResultError,
    Role,
    Row,
    read,
    write,
)
from trainer.leaderboard.told import gain, memory, seconds, with_interval
from trainer.leaderboard.whiskers import whiskers

MACHINE = Machine(
    system="Linux 6", processor="2 × x86_64", device="cuda:0", versions=("Python 3.11",)
)


def iou(mean: float | None, *, low: float | None = None, high: float | None = None) -> Figure:
    return Figure(key="iou", title="IoU", mean=mean, low=low, high=high, count=10, digits=4)


def run(engine: str, mean: float | None, **more: object) -> Result:
    rows = (
        Row(key=ENGINE, title=engine, figures=(iou(mean, low=0.1, high=0.9),)),
        Row(key="raw", title=f"{engine}, raw text", figures=(iou(0.2),), unanswered=3, note="odd"),
        Row(key="full_frame", title="full frame", figures=(iou(0.5),), role=Role.BASELINE),
        Row(key="one", title="annotator 1", figures=(iou(0.6),), role=Role.DETAIL),
    )
    made = Result(
        benchmark="flms",
        title="FLMS",
        engine=engine,
        engine_version="",
        chosen="here",
        date="2026-11-23",
        photos=10,
        failed=0,
        data="half",
        data_hash="a" * 64,
        seconds=0.5,
        machine=MACHINE,
        rows=rows,
        baseline="full_frame",
    )
    return replace(made, **more)  # pyright: ignore[reportArgumentType]


def text_of(html: str) -> str:
    root = ElementTree.fromstring(html.removeprefix("<!DOCTYPE html>"))
    return " ".join("".join(root.itertext()).split())


def test_a_result_comes_back_as_it_was_written(tmp_path: Path) -> None:
    made = run("one", None)
    write(made, tmp_path)
    assert read(tmp_path) == made
    json.loads((tmp_path / FILE).read_text(), parse_constant=pytest.fail)  # no NaN


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "holds no result.json"),
        ("{", "cannot be read"),
        ("[]", "no result of a benchmark"),
        ('{"format": 1}', "no result of a benchmark"),
        ('{"format": 99}', "is of format 99"),
    ],
)
def test_what_is_no_result_is_told(tmp_path: Path, content: str | None, words: str) -> None:
    if content is not None:
        (tmp_path / FILE).write_text(content)
    with pytest.raises(ResultError, match=words):
        read(tmp_path)


def test_engines_are_joined_best_first_and_baselines_once() -> None:
    rows = joined([run("one", 0.6), run("none", None), run("two", 0.8)])
    titles = [each.title for each in rows]
    assert titles[:2] == ["two", "one"]
    assert titles.count("full frame") == 1
    assert titles.index("none") > titles.index("one")
    assert "annotator 1" not in titles
    assert len({each.key for each in rows}) == len(rows)


def test_lower_is_better_turns_the_order() -> None:
    low = Figure(key="disp", title="Disp", mean=0.03, lower_is_better=True)
    runs = [
        run(name, 0, rows=(Row(key=ENGINE, title=name, figures=(replace(low, mean=mean),)),))
        for name, mean in (("far", 0.05), ("near", 0.03))
    ]
    assert [each.title for each in joined(runs)] == ["near", "far"]


def test_two_runs_of_one_engine_are_told_apart() -> None:
    titles = [each.title for each in joined([run("one", 0.6), run("one", 0.7, date="2026-11-24")])]
    assert "one, 2026-11-23" in titles
    assert "one, 2026-11-24" in titles


def test_the_page_tells_costs_places_and_what_was_not_measured() -> None:
    heavy = replace(MACHINE, model_bytes=3 << 30, peak_bytes=5 << 30, graphics_bytes=4 << 30)
    fcdb = run("two", 0.7, benchmark="fcdb", title="FCDB", machine=heavy, seconds=12.3)
    told = text_of(page([run("one", 0.6, seconds=0.034), fcdb]))
    assert "not measured" in told
    assert "34 ms" in told
    assert "12.3 s" in told
    assert "3.0 GiB for the model, 4.0 GiB of graphics memory" in told
    assert "cuda:0" in told
    assert "2026-11-23" in told
    assert "Python 3.11" in told
    assert "3 photos without an answer count as missed" in told


def test_other_photos_are_another_table() -> None:
    told = text_of(page([run("one", 0.6), run("two", 0.7, data_hash="b" * 64, photos=7)]))
    assert "half, 10 photos, hash aaaaaaaaaaaa" in told
    assert "half, 7 photos, hash bbbbbbbbbbbb" in told
    assert "on 7 photos" in told
    assert "IoU, higher is better" in told


def test_a_page_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one run"):
        page([])


def test_whiskers_span_their_intervals_and_say_so() -> None:
    row = run("one <b>", 0.5).rows[0]
    root = ElementTree.fromstring(whiskers([row], "iou", ident="x"))
    (circle,) = root.iter("circle")
    bar = next(each for each in root.iter("line") if "curve" in (each.get("class") or ""))
    start, middle, end = (
        float(each) for each in (bar.get("x1", ""), circle.get("cx", ""), bar.get("x2", ""))
    )
    assert middle == pytest.approx((start + end) / 2, abs=0.2)
    told = "".join(root.itertext())
    assert "one <b>: 0.5000, 0.1000 to 0.9000" in told
    assert whiskers([row], "srcc", ident="x") == ""


def test_equal_means_without_intervals_can_be_plotted() -> None:
    row = Row(key=ENGINE, title="one", figures=(iou(0.0),))
    assert ElementTree.fromstring(whiskers([row], "iou", ident="x")).find(".//circle") is not None


@pytest.mark.parametrize(("taken", "words"), [(0.034, "34 ms"), (2.5, "2.5 s"), (250.0, "250 s")])
def test_times(taken: float, words: str) -> None:
    assert seconds(taken) == words


def test_figures_in_words() -> None:
    assert with_interval(iou(0.5, low=0.4, high=0.6)) == "0.5000 (0.4000 … 0.6000)"
    assert with_interval(iou(None)) == "–"
    assert with_interval(None) == "–"
    assert gain(iou(0.5)) == "–"
    assert gain(replace(iou(0.5), gain=0.1, gain_low=-0.1, gain_high=0.3)) == (
        "+0.1000 (-0.1000 … +0.3000)"
    )
    assert memory(MACHINE) == "not known"


def test_the_command_joins_what_benchmarks_wrote(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = tmp_path / "runs"
    flms = crop_sets.flms(tmp_path / "flms", photos=2)
    fcdb = crop_sets.fcdb(tmp_path / "fcdb", photos=2)
    assert cli.main(["benchmark", "flms", str(flms), "--out", str(runs / "a")]) == 0
    assert cli.main(["benchmark", "fcdb", *map(str, fcdb), "--out", str(runs / "b")]) == 0
    out = tmp_path / "pages" / "all.html"
    assert cli.main(["report", str(runs), str(runs / "a"), "--out", str(out)]) == 0
    assert "2 runs" in capsys.readouterr().out
    told = text_of(out.read_text())
    assert "2 runs of 1 engines on 2 benchmarks" in told
    assert "FLMS, IoU" in told
    assert "FCDB, IoU" in told


def test_a_folder_without_runs_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report", str(tmp_path)]) == 2
    assert "--out" in capsys.readouterr().err
