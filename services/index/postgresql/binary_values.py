"""Values in PostgreSQL's binary form: half as long as in text, and nothing is read from digits."""

import struct
from importlib import import_module
from typing import Any

import numpy as np

from use_cases.kernel.model import Vector


class SentVector(bytes):
    """A vector as pgvector receives it (`vector_recv`): its length, two unused bytes, its components."""

    __slots__ = ()


def sent(vector: Vector) -> SentVector:
    """Returns a vector as it is sent."""
    components = np.frombuffer(vector, "<f4")
    return SentVector(struct.pack(">HH", len(components), 0) + components.astype(">f4").tobytes())


def binary_cursor() -> type:
    """Returns a cursor to which the server sends values as they are."""
    psycopg = import_module("psycopg")

    class BinaryCursor(psycopg.Cursor):  # pyright: ignore[reportUntypedBaseClass]
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)  # pyright: ignore[reportUnknownMemberType]
            self.format = psycopg.pq.Format.BINARY

    return BinaryCursor


def send_vectors(connection: Any, _: object) -> None:
    """Lets a new connection send vectors; the statement says that they are."""
    psycopg = import_module("psycopg")

    class VectorDumper(psycopg.adapt.Dumper):  # pyright: ignore[reportUntypedBaseClass]
        format = psycopg.pq.Format.BINARY

        def dump(self, obj: SentVector) -> bytes:
            return obj

    connection.adapters.register_dumper(SentVector, VectorDumper)
