"""A statement that is run for many rows at once.

SQLAlchemy looks up every value of every row anew, which takes longer than SQLite needs to store the
row. Here a statement is compiled once for a dialect, and what the rows share is converted once.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

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
