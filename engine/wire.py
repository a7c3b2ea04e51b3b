"""The vocabulary's JSON: one object a value, its keys the field names; a box is [l, t, r, b].

Decoding is strict, because both ends are ours: an unknown key, a missing one or a wrong type is a
`WireError` that names the place.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from engine.vocabulary import (
    Aspect,
    Box,
    Crop,
    Event,
    Failed,
    Finding,
    Finished,
    Line,
    Score,
    Strength,
    Text,
    Where,
)

T = TypeVar("T")

EVENT_TYPES: Final[Mapping[str, type]] = {
    "text": Text,
    "finding": Finding,
    "strength": Strength,
    "crop": Crop,
    "score": Score,
    "failed": Failed,
    "finished": Finished,
}
_EVENT_NAMES: Final = {kind: name for name, kind in EVENT_TYPES.items()}


class WireError(ValueError):
    """A JSON value is not what the vocabulary expects; the message names the place."""


def to_json(value: Any) -> Any:
    """Any value of the vocabulary as plain JSON data."""
    match value:
        case Box():
            return [round(edge, 6) for edge in value]
        case Line():
            return [round(end, 6) for end in (value.x1, value.y1, value.x2, value.y2)]
        case Aspect():
            return str(value)
        case Where():
            return _where_to_json(value)
        case Enum():
            return value.value
        case tuple() | list() | frozenset():
            return [to_json(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
        case _:
            return value


def from_json(kind: type[T], data: Any) -> T:
    """The value of type `kind` that `to_json` wrote as `data`; WireError if it is none."""
    return _decode(kind, data, kind.__name__)


def event_to_json(event: Event) -> dict[str, Any]:
    """An event with its name under "type"."""
    return {"type": _EVENT_NAMES[type(event)], **to_json(event)}


def event_from_json(data: Mapping[str, Any]) -> Event:
    """The event that `event_to_json` wrote."""
    rest = dict(data)
    kind = EVENT_TYPES.get(rest.pop("type", ""))
    if kind is None:
        raise WireError(f"an event has no known type: {data!r:.200}")
    return from_json(kind, rest)


def _where_to_json(where: Where) -> dict[str, Any]:
    """Exactly one of the keys "line", "mask" and "boxes"."""
    if where.line is not None:
        return {"line": to_json(where.line)}
    if where.mask is not None:
        return {"mask": to_json(where.mask)}
    return {"boxes": to_json(where.boxes)}


def _decode(kind: Any, data: Any, place: str) -> Any:
    if kind is Any:
        return data
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _decode_optional(kind, data, place)
    if origin in (tuple, frozenset):
        items = _expect(list, data, place)
        item = get_args(kind)[0]
        return origin(_decode(item, each, f"{place}[{i}]") for i, each in enumerate(items))
    if kind in (Box, Line):
        return _guarded(kind, _decode(tuple[float, ...], data, place), place)
    if kind is Aspect:
        return _aspect(_expect(str, data, place), place)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _guarded(kind, (data,), place)
    if is_dataclass(kind):
        return _decode_fields(kind, _expect(dict, data, place), place)
    if kind is float:
        return float(_expect((int, float), data, place))
    return _expect(kind, data, place)


def _decode_optional(kind: Any, data: Any, place: str) -> Any:
    inner = [option for option in get_args(kind) if option is not types.NoneType]
    return None if data is None else _decode(inner[0], data, place)


def _decode_fields(kind: Any, data: Mapping[str, Any], place: str) -> Any:
    hints = _hints(kind)
    if unknown := set(data) - set(hints):
        raise WireError(f"{place} has unknown keys: {', '.join(sorted(unknown))}")
    needed = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}
    if missing := needed - set(data):
        raise WireError(f"{place} lacks {', '.join(sorted(missing))}")
    values = {name: _decode(hints[name], each, f"{place}.{name}") for name, each in data.items()}
    return _guarded(kind, (), place, values)


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _aspect(text: str, place: str) -> Aspect:
    try:
        return Aspect.parse(text)
    except ValueError as error:
        raise WireError(f"{place}: {error}") from error


def _expect(kind: Any, data: Any, place: str) -> Any:
    if not isinstance(data, kind) or (isinstance(data, bool) and kind is not bool):
        raise WireError(f"{place} is {data!r:.80}, which is not the expected type")
    return data


def _guarded(
    kind: Any, positional: tuple[Any, ...], place: str, named: Mapping[str, Any] | None = None
) -> Any:
    """Build the value; what its own checks refuse is a WireError too."""
    try:
        return kind(*positional, **(named or {}))
    except (TypeError, ValueError) as error:
        raise WireError(f"{place}: {error}") from error
