"""Frozen dataclasses to plain JSON values and back, for rows and messages."""

import math
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

_PLAIN = (str, int, float, bool, types.NoneType)


def plain(value: Any) -> Any:
    """The value in JSON's own types."""
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    if names := _names(kind):
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


@lru_cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def restore(kind: type[T], value: Any) -> T:
    """The dataclass that `plain` took apart; raises ValueError where the value does not fit."""
    restored: T = _restore(kind, value)
    return restored


def _restore(kind: Any, value: Any) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        return _optional(kind, value)
    if get_origin(kind) is tuple:
        return tuple(_restore(get_args(kind)[0], item) for item in _expect(list, value))
    if is_dataclass(kind):
        return _dataclass(kind, value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if kind is datetime:
        return datetime.fromisoformat(_expect(str, value))
    if kind is float:
        return finite(_expect(int | float, value))
    return _expect(kind, value)


def _optional(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    (inner,) = (arg for arg in get_args(kind) if arg is not type(None))
    return _restore(inner, value)


def _dataclass(kind: Any, value: Any) -> Any:
    hints = _hints(kind)
    given = _expect(Mapping, value)
    try:
        return kind(**{name: _restore(hints[name], given[name]) for name in hints if name in given})
    except TypeError as error:
        raise ValueError(f"{kind.__name__}: {error}") from error


@lru_cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def finite(number: float) -> float:
    """The number; ValueError for what JSON's reader takes for one, and nobody can reckon with."""
    try:
        found = float(number)
    except OverflowError as error:
        raise ValueError(f"a number of a size that can be: {error}") from error
    if not math.isfinite(found):
        raise ValueError(f"a finite number expected, got {found}")
    return found


def _expect(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{kind} expected, got {type(value).__name__}")
    return value
