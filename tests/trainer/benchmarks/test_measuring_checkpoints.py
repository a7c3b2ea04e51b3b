"""A checkpoint on this machine, measured: a tiny one of random weights, its own words beside it."""

from __future__ import annotations

import json
from pathlib import Path

import crop_sets
import pytest
import tiny_checkpoints

from trainer import cli
from trainer.benchmarks.lines import raw_box
from trainer.benchmarks.rule import compare


def test_a_checkpoint_has_both_rows_and_tells_what_it_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    checkpoint = tiny_checkpoints.make("qwen_vl", tmp_path / "venus-tiny")
    folder, out = crop_sets.flms(tmp_path / "flms", photos=2), tmp_path / "run"
    given = ["--engine", str(checkpoint), "--memory", "fp32", "--device", "cpu"]
    assert cli.main(["benchmark", "flms", str(folder), *given, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["result"]
    rows = {each["key"]: each for each in told["rows"]}
    assert told["chosen"] == str(checkpoint)
    assert told["machine"]["model_bytes"] > 0
    assert "crop question is" in told["answers"]
    kept = [json.loads(line) for line in (out / "photos.jsonl").read_text().split("\n")[:-1]]
    drawn = [(20 / 300, 10 / 200, 290 / 300, 190 / 200), (30 / 300, 20 / 200, 1.0, 1.0)]
    raw = [compare(raw_box(each["said"]), drawn).iou for each in kept]
    own = [compare(tuple(each["crop"]), drawn).iou for each in kept]
    assert rows["raw"]["figures"][0]["mean"] == pytest.approx(sum(raw) / 2)
    assert rows["engine"]["figures"][0]["mean"] == pytest.approx(sum(own) / 2)
