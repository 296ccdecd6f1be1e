"""Column types that mean the same on SQLite and on PostgreSQL, where the plain ones do not.

Text keeps to what both can hold, ids sort by code point in both, moments stay aware and in UTC
(SQLite has no time zones), and decimals stay exact (SQLite has only binary floats).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from math import isfinite
from types import GenericAlias
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from pydantic import JsonValue, TypeAdapter
from sqlalchemy.types import TypeDecorator, TypeEngine

from use_cases.kernel.errors import NewerDatabase
from use_cases.kernel.text.plain_text import storable

Member = TypeVar("Member", bound=StrEnum)
Item = TypeVar("Item")


class StoredText(TypeDecorator[str]):
    """Text of any length; see `storable` for the characters that are replaced."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """Replaces what not every database can hold."""
        return None if value is None else storable(value)


class StoredId(StoredText):
    """An identifier: text, compared and sorted by code point whatever the server's language."""

    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        """Names the collation where the default would depend on the server."""
        return sa.Text(collation="C" if dialect.name == "postgresql" else None)


@dataclass(frozen=True, slots=True)
class UnreadableValue:
    """A stored value that means nothing to this version; who reads the row raises `error`."""

    error: ValueError


class StoredEnum(TypeDecorator[Member]):
    """A member of an enumeration, by its value."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, kind: type[Member]) -> None:
        super().__init__()
        self.kind = kind
        self._members = {member.value: member for member in kind}

    def process_bind_param(self, value: Member | None, dialect: sa.Dialect) -> str | None:
        """Returns its value."""
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        """Returns the member; `UnreadableValue` for another word."""
        if value is None:
            return None
        return self._members.get(value) or UnreadableValue(ValueError(f"no {self.kind.__name__}"))


VERSION = 1
"""Version of the form of JSON. It goes up only when an old reader would misunderstand a new row."""


class StoredItems(TypeDecorator[Sequence[Item]]):
    """Values of a type, `kind`, as JSON: `{"version": 1, "items": [...]}`, an item's fields by name.

    Reading ignores fields it does not know and fills in the defaults of those that older rows lack.
    So a field that is renamed needs an alias for its old name, and a new one a default.
    """

    impl = sa.JSON
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    @cached_property
    def _items(self) -> TypeAdapter[tuple[Item, ...]]:
        """Built at its first use: most processes read few of all tables."""
        form: Any = GenericAlias(tuple, (self.kind, ...))
        return TypeAdapter(form)

    def form(self, items: Sequence[Item] | None) -> JsonValue:
        """Returns the stored form. Raises `ValueError` for infinity and not-a-number."""
        stored = self._items.dump_python(tuple(items or ()), mode="json", warnings=False)
        return {"version": VERSION, "items": _storable(stored)}

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> JsonValue:
        """Returns the stored form, which `Rows.values` has made before the transaction."""
        return cast("JsonValue", value) if isinstance(value, dict) else self.form(value)

    def process_result_value(self, value: JsonValue, dialect: sa.Dialect) -> Any:
        """Returns the items; `UnreadableValue` for what is no stored form. Raises `NewerDatabase`."""
        match value:
            case {"version": int(version)} if version > VERSION:
                message = f"A row was recorded in form {version}; this version reads {VERSION}."
                raise NewerDatabase(message)
            case {"items": items}:
                try:
                    return self._items.validate_python(items)
                except ValueError as error:
                    return UnreadableValue(error)
            case _:
                return UnreadableValue(ValueError("not a stored form"))


class StoredValue(StoredItems[Item]):
    """A value of a type, stored as items of one."""

    cache_ok = True

    def form(self, items: Any) -> JsonValue:
        """Returns the stored form of the value."""
        return super().form((items,))

    def process_result_value(self, value: JsonValue, dialect: sa.Dialect) -> Any:
        """Returns the value; `UnreadableValue` for what is no stored form. Raises `NewerDatabase`."""
        found: Any = super().process_result_value(value, dialect)
        return found if isinstance(found, UnreadableValue) or not found else found[0]


class StoredOptional(StoredValue[Item]):
    """A value of a type, or NULL."""

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    def form(self, items: Any) -> JsonValue:
        """Returns the stored form of the value, if there is one."""
        return None if items is None else super().form(items)

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> JsonValue:
        """Returns the stored form of the value, if there is one."""
        return None if value is None else super().process_bind_param(value, dialect)

    def process_result_value(self, value: JsonValue, dialect: sa.Dialect) -> Any:
        """Returns the value, if there is one; `UnreadableValue` for what is no stored form. Raises
        `NewerDatabase`.
        """
        return None if value is None else super().process_result_value(value, dialect)


def _storable(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return storable(value)
        case list():
            return [_storable(item) for item in value]
        case dict():
            return {name: _storable(item) for name, item in value.items()}
        case float() if not isfinite(value):
            raise ValueError(f"not a finite number: {value!r}")
        case _:
            return value


class UtcMoment(TypeDecorator[datetime]):
    """A moment, kept in UTC to the microsecond, aware on both sides."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Converts it to UTC. Raises `ValueError` for a moment without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs its time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Says again that it is UTC, where the database could not."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """A finite decimal number, to the last digit: NUMERIC, and text on SQLite.

    As text it does not add up in SQL; sums over it are made in Python.
    """

    impl = sa.Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        """Text on SQLite: its NUMERIC would make a float of it."""
        return sa.Text() if dialect.name == "sqlite" else sa.Numeric()

    def process_bind_param(
        self, value: Decimal | None, dialect: sa.Dialect
    ) -> Decimal | str | None:
        """Returns it as the dialect stores it. Raises `ValueError` for infinity and not-a-number."""
        if value is None:
            return None
        if not value.is_finite():
            raise ValueError(f"not a finite number: {value!r}")
        return str(value) if dialect.name == "sqlite" else value

    def process_result_value(
        self, value: Decimal | str | None, dialect: sa.Dialect
    ) -> Decimal | None:
        """Returns the number that was kept."""
        return None if value is None else Decimal(value)
