"""Column types that mean the same on SQLite and on PostgreSQL, where the plain ones do not.

Text keeps to what both can hold, ids sort by code point in both, moments stay aware and in UTC
(SQLite has no time zones), and decimals stay exact (SQLite has only binary floats).
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import JsonValue
from sqlalchemy import JSON, DateTime, Dialect, Numeric, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from use_cases.kernel.text.storable_text import storable


class StoredText(TypeDecorator[str]):
    """Text of any length; see `storable` for the characters that are replaced."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what not every database can hold."""
        return None if value is None else storable(value)


class StoredId(StoredText):
    """An identifier: text, compared and sorted by code point whatever the server's language."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Name the collation where the default would depend on the server."""
        return Text(collation="C" if dialect.name == "postgresql" else None)


class StoredJson(TypeDecorator[JsonValue]):
    """A JSON value; the adapters' codecs say of which form."""

    impl = JSON
    cache_ok = True


class UtcMoment(TypeDecorator[datetime]):
    """A moment, kept in UTC to the microsecond, aware on both sides."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC. Raises `ValueError` for a moment without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs its time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say again that it is UTC, where the database could not."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """A finite decimal number, to the last digit: NUMERIC, and text on SQLite.

    As text it does not add up in SQL; sums over it are made in Python.
    """

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite: its NUMERIC would make a float of it."""
        return Text() if dialect.name == "sqlite" else Numeric()

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        """As the dialect keeps it. Raises `ValueError` for infinity and not-a-number."""
        if value is None:
            return None
        if not value.is_finite():
            raise ValueError(f"not a finite number: {value!r}")
        return str(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Decimal | str | None, dialect: Dialect) -> Decimal | None:
        """The number that was kept."""
        return None if value is None else Decimal(value)
