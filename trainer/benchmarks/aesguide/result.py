"""A judged run in the form that the leaderboard joins."""

from __future__ import annotations

from engine.vocabulary import EngineInfo
from trainer.benchmarks.aesguide.judged_run import JudgedRun, Scored, scored
from trainer.leaderboard.result import ENGINE, Figure, Result, Row, machine


def result(run: JudgedRun, info: EngineInfo) -> Result:
    """The run's means and what it ran on, for `result.json`."""
    row = Row(
        key=ENGINE,
        title=run.engine,
        figures=tuple(_figure(each) for each in scored(run)),
        unanswered=len(run.unanswered),
    )
    whose = "Venus's own prompts" if run.own_prompts else "own prompts"
    return Result(
        benchmark="aesguide",
        title="AesGuide",
        engine=run.engine,
        engine_version=run.engine_version,
        chosen=run.chosen,
        date=run.date,
        photos=len(run.photos),
        failed=len(run.unanswered),
        data=run.data,
        data_hash=run.data_hash,
        seconds=sum(each.seconds for each in run.photos) / max(1, len(run.photos)),
        machine=machine(device=info.device, model_bytes=info.memory),
        rows=(row,),
        answers=f"Judged by {run.judge} with {whose} ({run.prompts[:12]})",
        notes=info.notes,
    )


def _figure(each: Scored) -> Figure:
    mean = each.mean
    return Figure(
        key=each.dimension,
        title=each.dimension.capitalize(),
        mean=None if mean is None else mean.mean,
        low=None if mean is None else mean.low,
        high=None if mean is None else mean.high,
        count=sum(each.counts),
        digits=2,
    )
