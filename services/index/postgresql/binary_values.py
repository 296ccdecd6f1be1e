"""Values in PostgreSQL's binary form: half as long as in text, and nothing is read from digits."""

import struct
from typing import Any

import numpy as np
import psycopg
from psycopg.adapt import Dumper, PyFormat
from psycopg.pq import Format
from psycopg.types.array import ListBinaryDumper

from use_cases.kernel.model import Vector

_WHOLE = psycopg.postgres.types["int8"]
_ITEM = np.dtype([("bytes", ">i4"), ("value", ">i8")])


class SentVector(bytes):
    """A vector as pgvector receives it (`vector_recv`): its length, two unused bytes, its components."""

    __slots__ = ()


def sent(vector: Vector) -> SentVector:
    """Returns a vector as it is sent."""
    components = np.frombuffer(vector, "<f4")
    return SentVector(struct.pack(">HH", len(components), 0) + components.astype(">f4").tobytes())


class BinaryCursor(psycopg.Cursor[Any]):
    """A cursor to which the server sends values as they are."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.format = Format.BINARY


class _VectorDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: SentVector) -> bytes:
        return obj


class _NumbersDumper(Dumper):
    """Writes an array as `array_recv` reads it: dimensions, no NULL, type; length, first place; the items."""

    format = Format.BINARY
    oid = _WHOLE.array_oid

    def dump(self, obj: list[int]) -> bytes:
        items = np.empty(len(obj), _ITEM)
        items["bytes"], items["value"] = 8, obj
        return struct.pack(">5i", 1, 0, _WHOLE.oid, len(obj), 1) + items.tobytes()


class _ListDumper(ListBinaryDumper):
    """Numbers are written at once, and not one by one; other lists as the driver does."""

    def get_key(self, obj: list[Any], format: PyFormat) -> Any:  # noqa: A002  (the driver's name)
        return (list, int) if _are_numbers(obj) else super().get_key(obj, format)

    def upgrade(self, obj: list[Any], format: PyFormat) -> Any:  # noqa: A002  (as above)
        return _NumbersDumper(list) if _are_numbers(obj) else super().upgrade(obj, format)


def _are_numbers(listed: list[Any]) -> bool:
    return set(map(type, listed)) == {int}


def send_binary(connection: "psycopg.Connection[Any]", _: object) -> None:
    """Lets a new connection send vectors, which the statement says they are, and lists of numbers."""
    connection.adapters.register_dumper(SentVector, _VectorDumper)
    connection.adapters.register_dumper(list, _ListDumper)
