"""Values on their way to and from JSON: what a response is read with, and what a request is written with."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Final, TypeAlias, TypeVar, cast
from urllib.parse import quote
from uuid import uuid4

T = TypeVar("T")

Instant: TypeAlias = datetime | str
"""A time: a `datetime` with a time zone, or RFC 3339 with an offset."""
Day: TypeAlias = date | str
"""A day: a `date`, or `YYYY-MM-DD`."""


class NotGiven(Enum):
    """The type of `NOT_GIVEN`."""

    NOT_GIVEN = "not given"

    def __repr__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN: Final = NotGiven.NOT_GIVEN
"""An argument that is left out, where `None` is a value: a field keeps its value instead of losing it."""


class Malformed(ValueError):
    """A value is not what the API describes. The message has the place."""


@dataclass(frozen=True, slots=True)
class ResponseInfo:
    """What the response said beside its body."""

    status: int
    request_id: str | None
    """The id under which the server's log has the request."""
    etag: str | None
    """The version of the resource."""
    replayed: bool
    """Whether this is the first response to the idempotency key again."""
    dry_run: bool
    """Whether nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What all values of responses have in common."""

    response: ResponseInfo | None = dataclasses.field(default=None, compare=False, repr=False)
    """What the response said beside this value. None for a value inside of another."""

    @property
    def etag(self) -> str | None:
        """The version of the resource, for `if_match`. None if the response had none, as that of a list."""
        return None if self.response is None else self.response.etag


IfMatch: TypeAlias = Model | str
"""The version that a change is for: a resource as a response had it, an `ETag`, or `*` for any."""


def version(of: IfMatch | None) -> str | None:
    """The value of the header `If-Match`. A resource without a version is refused, and not changed regardless of it."""
    if of is None:
        return None
    if not isinstance(of, Model):
        return visible("if_match", of)
    if of.etag is None:
        kind = type(of).__name__
        raise ValueError(f"this {kind} has no version, because its response had no ETag: get it on its own first")
    return of.etag


# Reading


def fields(value: object) -> Mapping[str, object]:
    """The fields of an object."""
    if not isinstance(value, dict):
        raise Malformed("is not an object")
    return cast("dict[str, object]", value)


def field(of: Mapping[str, object], name: str, read: Callable[[object], T]) -> T:
    """A field that is there."""
    if name not in of:
        raise Malformed(f"/{name} is missing")
    return _inside(name, of[name], read)


def optional_field(of: Mapping[str, object], name: str, read: Callable[[object], T]) -> T | None:
    """A field that is null, or left out."""
    value = of.get(name)
    return None if value is None else _inside(name, value, read)


def text(value: object) -> str:
    """A string."""
    if not isinstance(value, str):
        raise Malformed("is not a string")
    return value


def integer(value: object) -> int:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed("is not a whole number")
    return value


def number(value: object) -> float:
    """A number."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise Malformed("is not a number")
    return float(value)


def boolean(value: object) -> bool:
    """A truth value."""
    if not isinstance(value, bool):
        raise Malformed("is neither true nor false")
    return value


def instant(value: object) -> datetime:
    """A time with its offset."""
    read = _parsed(value, datetime.fromisoformat)
    if read.tzinfo is None:
        raise Malformed("has no offset")
    return read


def day(value: object) -> date:
    """A day."""
    return _parsed(value, date.fromisoformat)


def anything(value: object) -> object:
    """A value of any kind."""
    return value


def nullable(read: Callable[[object], T]) -> Callable[[object], T | None]:
    """A value that may be null."""
    return lambda value: None if value is None else read(value)


def list_of(read: Callable[[object], T]) -> Callable[[object], list[T]]:
    """A list."""

    def read_list(value: object) -> list[T]:
        if not isinstance(value, list):
            raise Malformed("is not a list")
        return [_inside(str(at), item, read) for at, item in enumerate(cast("list[object]", value))]

    return read_list


def map_of(read: Callable[[object], T]) -> Callable[[object], dict[str, T]]:
    """An object with fields of any name."""
    return lambda value: {name: _inside(name, item, read) for name, item in fields(value).items()}


def _inside(name: str, value: object, read: Callable[[object], T]) -> T:
    try:
        return read(value)
    except Malformed as fault:
        message = str(fault)
        separator = "" if message.startswith("/") else " "
        raise Malformed(f"/{name}{separator}{message}") from None


def _parsed(value: object, parse: Callable[[str], T]) -> T:
    try:
        return parse(text(value))
    except Malformed:
        raise
    except ValueError:
        raise Malformed(f"is {value!r}") from None


# Writing


def body(**given: object) -> bytes:
    """A request's body, without what was not given. The same bytes go into each attempt."""
    values = {name: _json(value) for name, value in given.items() if value is not NOT_GIVEN}
    return json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def query(**given: object) -> dict[str, str]:
    """A request's parameters, without what is None. A name may end in `_`, where it would be a keyword."""
    pairs = ((name.rstrip("_"), _json(value)) for name, value in given.items() if value is not None)
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in pairs}


def path(template: str, **segments: str) -> str:
    """A path with its parameters. An empty one is refused: the path would be another one."""
    for name, value in segments.items():
        if not value:
            raise ValueError(f"{name} is empty")
    return template.format(**{name: _segment(value) for name, value in segments.items()})


def sequence(value: Sequence[T]) -> list[T]:
    """A list. A string is refused: its characters are not meant."""
    if isinstance(value, str):
        raise TypeError("a list is needed, not a string")
    return list(value)


def optional(value: T | None) -> T | NotGiven:
    """None is the same as leaving the field out."""
    return NOT_GIVEN if value is None else value


def key_or_new(key: str | None) -> str:
    """The idempotency key of a request, which all of its attempts have."""
    return str(uuid4()) if key is None else visible("idempotency_key", key)


def visible(name: str, value: str) -> str:
    """The value of a header. The error does not show it: it may be a secret."""
    if not value or not all("!" <= character <= "~" for character in value):
        raise ValueError(f"{name} needs visible ASCII characters and no others: no space, no end of line")
    return value


def _segment(value: str) -> str:
    # `.` and `..` would be taken out of a path, unless they are encoded.
    return quote(value, safe="") if value.strip(".") else value.replace(".", "%2E")


def _json(value: object) -> object:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: give it one, such as datetime.now(timezone.utc) has")
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        given = cast("Mapping[str, object]", value)
        return {name: _json(item) for name, item in given.items()}
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in cast("Sequence[object]", value)]
    return value
