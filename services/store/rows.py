"""Frozen dataclasses as tables and rows (a field is the column of its name, read by place), and statements
that are run for many rows at once.

SQLAlchemy looks up every value of every row anew, which takes longer than SQLite needs to store the
row. Here a statement is compiled once for a dialect, and what the rows share is converted once.

Promises that a row which holds no such thing is named in the error, and that a new field costs nothing
here: its type says what its column is. The revision that adds the column is written by hand.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from importlib import import_module
from types import NoneType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    TypeAlias,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import sqlalchemy as sa
from pydantic import JsonValue
from sqlalchemy.schema import SchemaItem

from services.store.column_types import (
    ExactDecimal,
    StoredEnum,
    StoredId,
    StoredItems,
    StoredOptional,
    StoredText,
    StoredValue,
    UnreadableValue,
    UtcMoment,
)
from services.store.engine.engines import Access
from use_cases.kernel.errors import CandorError, StorageDamaged
from use_cases.kernel.model import Page, page_of

if TYPE_CHECKING:
    from sqlalchemy.dialects import sqlite

_Convert: TypeAlias = Callable[[Any], Any] | None


class BatchStatement:
    """An INSERT, UPDATE or DELETE without a result. `names` are the parameters that each row has."""

    def __init__(self, statement: sa.Insert | sa.Update | sa.Delete, names: Sequence[str]) -> None:
        self._statement = statement
        self._names = names
        self._compiled: dict[str, _Compiled] = {}

    def run(
        self,
        connection: sa.Connection,
        rows: Sequence[Sequence[object]],
        shared: Mapping[str, object],
    ) -> None:
        """Runs it for each row of values, in the order of `names`; `shared` are the other parameters."""
        if not rows:
            return
        dialect = connection.dialect.name
        if dialect not in self._compiled:
            self._compiled[dialect] = _Compiled(
                connection, self._statement, [*self._names, *shared]
            )
        self._compiled[dialect].run(connection, self._names, rows, shared)


class _Compiled:
    """A statement as one dialect has it."""

    def __init__(
        self,
        connection: sa.Connection,
        statement: sa.Insert | sa.Update | sa.Delete,
        names: Sequence[str],
    ) -> None:
        dialect = connection.dialect
        compiled = statement.compile(dialect=dialect, column_keys=names)
        self._sql = compiled.string
        self._constants = dict(compiled.params)
        self._order: Sequence[str] | None = getattr(compiled, "positiontup", None)
        binds: Mapping[str, Any] = getattr(compiled, "binds", {})
        self._converts: dict[str, _Convert] = {
            name: binds[name].type.dialect_impl(dialect).bind_processor(dialect)
            for name in self._constants
        }

    def run(
        self,
        connection: sa.Connection,
        names: Sequence[str],
        rows: Sequence[Sequence[object]],
        shared: Mapping[str, object],
    ) -> None:
        same = self._constants | {name: self._value(name, each) for name, each in shared.items()}
        columns: dict[str, Sequence[object]] = {
            name: [value] * len(rows) for name, value in same.items()
        }
        for name, values in zip(names, zip(*rows, strict=True), strict=True):
            convert = self._converts[name]
            columns[name] = values if convert is None else list(map(convert, values))
        if self._order is None:
            each_row = zip(*columns.values(), strict=True)
            given: Any = [dict(zip(columns, row, strict=True)) for row in each_row]
        else:
            given = list(zip(*(columns[name] for name in self._order), strict=True))
        connection.exec_driver_sql(self._sql, given)

    def _value(self, name: str, value: object) -> object:
        convert = self._converts[name]
        return value if convert is None else convert(value)


Thing = TypeVar("Thing")

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All declared tables, with the names of their constraints and indices."""

_TYPES: Mapping[object, Any] = {
    str: StoredText,
    int: sa.BigInteger,
    float: sa.Float,
    bool: sa.Boolean,
    bytes: sa.LargeBinary,
    datetime: UtcMoment,
    date: sa.Date,
    Decimal: ExactDecimal,
}


def table_of(
    kind: type,
    name: str,
    *items: SchemaItem,
    key: str,
    ids: str = "",
    without: str = "",
    renamed: Mapping[str, str] | None = None,
) -> sa.Table[Any]:
    """Declares a table with a column for each field of a dataclass.

    `key` names the columns of the primary key, parted by blanks. `items` are constraints, indices,
    columns beyond the fields, and columns that differ from those of their field. The rest is as in
    `columns_of`.
    """
    own: dict[str, sa.Column[Any]] = {
        item.name: item for item in items if isinstance(item, sa.Column)
    }
    columns = [
        own.pop(column.name, column)
        for column in columns_of(kind, key=key, ids=ids, without=without, renamed=renamed)
    ]
    others = [item for item in items if not isinstance(item, sa.Column)]
    return sa.Table(name, metadata, *columns, *own.values(), *others)


def columns_of(
    kind: type,
    *,
    key: str = "",
    ids: str = "",
    without: str = "",
    renamed: Mapping[str, str] | None = None,
    optional: bool = False,
) -> Sequence[sa.Column[Any]]:
    """Makes a column for each field of a dataclass.

    `ids` names the texts that are identifiers beside those that end in `_id`, `without` the fields
    that have no column, each parted by blanks. The columns of an `optional` part may all be NULL.
    """
    names = {field: (renamed or {}).get(field, field) for field in get_type_hints(kind)}
    return [
        _column(names[field], hint, key.split(), ids.split(), optional=optional)
        for field, hint in get_type_hints(kind, include_extras=True).items()
        if field not in without.split()
    ]


def _column(
    name: str, hint: Any, key: Sequence[str], ids: Sequence[str], *, optional: bool
) -> sa.Column[Any]:
    """Returns the column of a field; one whose type the database does not know is JSON."""
    bare = _bare(hint)
    is_optional = NoneType in get_args(bare)
    kinds = [_bare(one) for one in get_args(bare) if one is not NoneType]
    kind = kinds[0] if is_optional and len(kinds) == 1 else bare
    if kind is str and (name in key or name in ids or name.endswith("_id")):
        form: Any = StoredId
    elif kind in _TYPES:
        form = _TYPES[kind]
    elif isinstance(kind, type) and issubclass(kind, StrEnum):
        form = StoredEnum(kind)
    elif get_origin(kind) in (Sequence, tuple):
        form = StoredItems[Any](get_args(kind)[0])
    else:
        form = (StoredOptional if is_optional else StoredValue)[Any](hint)
    is_key = name in key
    nullable = (is_optional or optional) and not is_key
    return sa.Column(name, form, primary_key=is_key, nullable=nullable, autoincrement=False)


def _bare(hint: Any) -> Any:
    """Returns a type without what the wire says about it."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def refers(column: str, to: str, *, cascade: bool = True) -> sa.ForeignKeyConstraint:
    """Declares that a column refers to another's (`table.column`); its row goes with the other one."""
    return sa.ForeignKeyConstraint([column], [to], ondelete="CASCADE" if cascade else None)


class Rows(Generic[Thing]):
    """A kind of thing in the rows of a table.

    `noun` is what an error calls it. `renamed` names the columns of fields that have another name;
    `parts` are things within it, in columns of the same row; a part is absent where the column
    `absent_without` is NULL. `elsewhere` are fields that the caller reads from other rows. `computed`
    are expressions that stand for columns when a thing is read.
    """

    def __init__(
        self,
        kind: Callable[..., Thing],
        table: sa.Table[Any],
        noun: str = "",
        *,
        renamed: Mapping[str, str] | None = None,
        parts: Mapping[str, "Rows[Any]"] | None = None,
        absent_without: str | None = None,
        elsewhere: Collection[str] = (),
        computed: Mapping[str, sa.ColumnElement[Any]] | None = None,
    ) -> None:
        self.table = table
        self._noun = noun
        self._parts = dict(parts or {})
        hints = get_type_hints(kind)
        flat = [name for name in hints if name not in self._parts and name not in elsewhere]
        self._names = {name: (renamed or {}).get(name, name) for name in flat}
        own = [table.c[column] for column in self._names.values()]
        self._forms: dict[str, Callable[[Any], JsonValue]] = {
            column.name: cast("StoredItems[Any]", column.type).form
            for column in own
            if isinstance(column.type, StoredItems)
        }
        flags = {name for name in flat if hints[name] is bool}
        self._key = next((place for place, column in enumerate(own) if column.primary_key), None)
        self._needed = [
            place
            for place, name in enumerate(self._names)
            if own[place].nullable and NoneType not in get_args(hints[name]) and name not in flags
        ]
        self._doubtful = [
            place
            for place, column in enumerate(own)
            if isinstance(column.type, (StoredEnum, StoredItems))
        ]
        self._absent = None if absent_without is None else table.c[absent_without]
        shown: dict[str, sa.ColumnElement[Any]] = {column.name: column for column in own}
        self.columns: Sequence[sa.ColumnElement[Any]] = (
            *(shown | dict(computed or {})).values(),
            *(column for part in self._parts.values() for column in part.columns),
        )
        self._make = self._maker(kind, flags, elsewhere)

    def values(self, thing: Thing | None) -> dict[str, object]:
        """Returns the row of a thing, by column; nothing for a part that is absent.

        Items are in their stored form already, so that none is made while others wait for the writer.
        Raises `ValueError` for a number that JSON cannot hold.
        """
        if thing is None:
            return {}
        found = {column: getattr(thing, name) for name, column in self._names.items()}
        for column, form in self._forms.items():
            found[column] = form(found[column])
        for name, part in self._parts.items():
            found |= part.values(getattr(thing, name))
        return found

    def of(self, row: Sequence[Any], name: str | None = None, /, **others: object) -> Thing:
        """Returns the thing in a row of `columns`; `others` are the fields from elsewhere.

        `name` is for an error where the thing does not hold its own. Raises `StorageDamaged`.
        """
        try:
            return self._made(row, others)
        except ValueError as error:
            name = name if self._key is None else row[self._key]
            raise StorageDamaged(f"The {self._noun} {name!r} cannot be read.") from error

    def one(
        self,
        connection: sa.Connection,
        *conditions: sa.ColumnElement[bool],
        source: sa.FromClause | None = None,
    ) -> Thing | None:
        """Returns the first thing that meets the conditions, in the table or a join of it."""
        found = sa.select(*self.columns).select_from(self.table if source is None else source)
        row = connection.execute(found.where(*conditions).limit(1)).first()
        return None if row is None else self.of(row)

    def all(
        self,
        connection: sa.Connection,
        *conditions: sa.ColumnElement[bool],
        by: Sequence[sa.ColumnElement[Any]] = (),
    ) -> Sequence[Thing]:
        """Returns every thing that meets the conditions, in the order `by`."""
        found = sa.select(*self.columns).where(*conditions).order_by(*by)
        return [self.of(row) for row in connection.execute(found)]

    def page(
        self,
        connection: sa.Connection,
        *conditions: sa.ColumnElement[bool],
        by: Sequence[sa.ColumnElement[Any]],
        limit: int,
        skip: int = 0,
        source: sa.FromClause | None = None,
    ) -> Page[Thing]:
        """Returns at most `limit` that meet the conditions, in the order `by`, after the first `skip`."""
        found = sa.select(*self.columns).select_from(self.table if source is None else source)
        found = found.where(*conditions).order_by(*by).limit(limit + 1)
        rows = connection.execute(found.offset(skip) if skip else found)
        return page_of([self.of(row) for row in rows], limit)

    def found(self, row: Sequence[Any]) -> Thing | None:
        """Returns the thing in a row of an outer join, where it has one. Raises `StorageDamaged`."""
        return None if self._key is None or row[self._key] is None else self.of(row)

    def _made(self, row: Sequence[Any], others: Mapping[str, object]) -> Thing:
        """Raises `ValueError`."""
        for place in self._doubtful:
            if type(row[place]) is UnreadableValue:
                raise ValueError("a value that is of no known form") from row[place].error
        for place in self._needed:
            if row[place] is None:
                raise ValueError(f"{list(self._names)[place]} is missing")
        return self._make(row, others)

    def _maker(
        self, kind: Callable[..., Thing], flags: Collection[str], elsewhere: Collection[str]
    ) -> Callable[[Sequence[Any], Mapping[str, object]], Thing]:
        """Returns `lambda row, others: kind(a=row[0], b=row[1], …)`, compiled once for the kind.

        A dict for each row instead would take a seventh longer.
        """
        # A flag that older rows lack is not set.
        given = [
            f"{name}=row[{place}]{' or False' * (name in flags)}"
            for place, name in enumerate(self._names)
        ]
        start = len(given)
        for name, part in self._parts.items():
            end = start + len(part.columns)
            given.append(f"{name}=parts[{name!r}].part_of(row[{start}:{end}])")
            start = end
        given += [f"{name}=others[{name!r}]" for name in elsewhere]
        source = f"lambda row, others: kind({', '.join(given)})"
        return eval(source, {"kind": kind, "parts": self._parts})  # noqa: S307  (field names only)

    def part_of(self, row: Sequence[Any]) -> Thing | None:
        """Returns the part in these columns. Raises `ValueError`."""
        if self._absent is not None and row[self.columns.index(self._absent)] is None:
            return None
        return self._made(row, {})


class SqlAdapter:
    """An adapter over the store. Each of these methods is one transaction."""

    def __init__(self, store: Access) -> None:
        self._store = store

    async def _run(
        self, statement: sa.UpdateBase, values: Mapping[str, object] | None = None
    ) -> int:
        """Runs a statement that writes; how many rows it met."""
        return await self._store.write(
            lambda connection: connection.execute(statement, values).rowcount
        )

    async def _add(self, rows: Rows[Thing], thing: Thing, **more: object) -> None:
        """Stores a new thing."""
        await self._run(sa.insert(rows.table), rows.values(thing) | more)

    async def _one(self, rows: Rows[Thing], *conditions: sa.ColumnElement[bool]) -> Thing | None:
        """Returns the first thing that meets the conditions."""
        return await self._store.read(lambda connection: rows.one(connection, *conditions))

    async def _all(
        self,
        rows: Rows[Thing],
        *conditions: sa.ColumnElement[bool],
        by: Sequence[sa.ColumnElement[Any]] = (),
    ) -> Sequence[Thing]:
        """Returns every thing that meets the conditions, in the order `by`."""
        return await self._store.read(lambda connection: rows.all(connection, *conditions, by=by))


def required(found: Thing | None, missing: CandorError) -> Thing:
    """Returns what was found. Raises `missing` where nothing was."""
    if found is None:
        raise missing
    return found


def insert_for(dialect: str) -> Callable[[sa.Table[Any]], "sqlite.Insert"]:
    """Returns the dialect's own `insert`, which can pass over conflicts; it imports that dialect alone."""
    return import_module(f"sqlalchemy.dialects.{dialect}").insert


def locked_row(
    connection: sa.Connection,
    table: sa.Table[Any],
    values: Mapping[str, object],
    columns: Sequence[sa.ColumnElement[Any]],
) -> sa.Row[Any]:
    """Returns these columns of the row with these keys, locked until the transaction ends; it is added where it is not
    there.
    """
    keys = list(table.primary_key.columns)
    made = insert_for(connection.dialect.name)(table)
    same = {keys[0].name: keys[0]}  # an update, which locks, and changes nothing
    there = made.on_conflict_do_update(index_elements=keys, set_=same).returning(*columns)
    return connection.execute(there, dict(values)).one()


def add_unless_there(
    connection: sa.Connection, table: sa.Table[Any], values: Mapping[str, object]
) -> bool:
    """Adds a row whose keys are new; false when one of them is taken, and nothing is changed."""
    into = insert_for(connection.dialect.name)
    # Not by the count of rows: not every driver tells it here.
    made = into(table).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return connection.execute(made, dict(values)).first() is not None
