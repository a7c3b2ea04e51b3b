"""A critique as the one JSON object that `venus critique --json` prints, and its schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from app.domain.session import Session
from engine.units import UNITS
from engine.vocabulary import (
    Crop,
    EngineInfo,
    Failed,
    FindingKind,
    Purpose,
    Strength,
    StrengthKind,
)
from engine.wire import to_json

SCHEMA_VERSION: Final = 1


def report(
    photo: Path,
    *,
    engine: EngineInfo | None,
    seconds: float | None,
    session: Session | None,
    failure: Failed | None,
) -> dict[str, Any]:
    """The object: every key is always present, and null where the photo failed."""
    done = session if failure is None else None
    return {
        "schema": SCHEMA_VERSION,
        "photo": str(photo),
        "width": None if done is None else done.size.width,
        "height": None if done is None else done.size.height,
        "engine": None if engine is None else _engine(engine),
        "seconds": None if seconds is None else round(seconds, 3),
        **_critique(done),
        "error": None if failure is None else _error(failure),
    }


def _engine(info: EngineInfo) -> dict[str, Any]:
    return {"name": info.name, "version": info.version, "seed": info.seed}


def _error(failure: Failed) -> dict[str, str]:
    return {"code": failure.code, "message": failure.reason, "remedy": failure.remedy}


def _critique(session: Session | None) -> dict[str, Any]:
    if session is None:
        keys = ("impression", "analysis", "guidance", "findings", "strengths", "crops")
        return dict.fromkeys(keys)
    critique = session.critique
    return {
        "impression": critique.impression.strip(),
        "analysis": critique.analysis.strip(),
        "guidance": "\n".join(
            part for part in (critique.taking.strip(), critique.afterwards.strip()) if part
        ),
        "findings": to_json(critique.findings),
        "strengths": [_strength(strength) for strength in critique.strengths],
        "crops": [_crop(rank, crop) for rank, crop in enumerate(session.framing.crops, start=1)],
    }


def _strength(strength: Strength) -> dict[str, Any]:
    return to_json(strength)


def _crop(rank: int, crop: Crop) -> dict[str, Any]:
    return {
        "box": to_json(crop.box),
        "angle": crop.angle,
        "rank": rank,
        "purpose": crop.purpose.value,
        "score": crop.score,
        "rationale": crop.rationale,
    }


# ── the schema ───────────────────────────────────────────────────────────────────────────────────


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _array(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


def _number(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "number", "description": description, **more}


_TEXT: Final = {"type": "string"}
_FRACTION: Final = {"type": "number", "minimum": 0, "maximum": 1}
_BOX: Final = _array(
    _FRACTION,
    minItems=4,
    maxItems=4,
    description="left, top, right, bottom as fractions of the upright photo",
)
_MASK: Final = _object(
    width={"type": "integer", "minimum": 1},
    height={"type": "integer", "minimum": 1},
    runs=_array(
        {"type": "integer", "minimum": 0},
        description="lengths of alternating runs in row-major order, the first of unset pixels",
    ),
)
_WHERE: Final = {
    "description": "exactly one of boxes, line and mask; a mask is stretched over the photo",
    "oneOf": [
        _object(boxes=_array(_BOX)),
        _object(line=_array({"type": "number"}, minItems=4, maxItems=4)),
        _object(mask=_MASK),
    ],
}
_MEASUREMENT: Final = _object(value=_number("carries the sign"), unit=_TEXT, text=_TEXT)


def _kinds(kinds: type[FindingKind] | type[StrengthKind]) -> dict[str, Any]:
    described = (f"{k}: {UNITS[k].name}, {UNITS[k].meaning}" for k in kinds if k in UNITS)
    return {"enum": [kind.value for kind in kinds], "description": "; ".join(described)}


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one line of `venus critique --json`."""
    finding = _object(
        kind=_kinds(FindingKind),
        severity=_FRACTION,
        where=_WHERE,
        measurement=_MEASUREMENT,
        taking=_TEXT,
        afterwards=_TEXT,
    )
    strength = _object(
        kind=_kinds(StrengthKind),
        where=_WHERE,
        measurement=_MEASUREMENT,
    )
    crop = _object(
        box=_BOX,
        angle=_number("degrees by which the photo is turned, clockwise positive"),
        rank={"type": "integer", "minimum": 1},
        purpose={"enum": [purpose.value for purpose in Purpose]},
        score=_nullable(_number("expected overlap, comparable within one photo", minimum=0)),
        rationale=_TEXT,
    )
    pixels = {"type": "integer", "minimum": 1, "description": "pixels of the upright photo"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One critique of venus critique --json; on failure all but error is null",
        **_object(
            schema={"const": SCHEMA_VERSION},
            photo=_TEXT,
            width=_nullable(pixels),
            height=_nullable(pixels),
            engine=_nullable(_object(name=_TEXT, version=_TEXT, seed={"type": "integer"})),
            seconds=_nullable(_number("from the request to the last answer", minimum=0)),
            impression=_nullable(_TEXT),
            analysis=_nullable(_TEXT),
            guidance=_nullable(_TEXT),
            findings=_nullable(_array(finding, description="the weightiest first")),
            strengths=_nullable(_array(strength)),
            crops=_nullable(_array(crop, minItems=1)),
            error=_nullable(_object(code=_TEXT, message=_TEXT, remedy=_TEXT)),
        ),
    }
