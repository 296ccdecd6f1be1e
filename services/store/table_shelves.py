"""The rows of every table of the store, as pieces of a move."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import sqlalchemy as sa

from services.store.store import Store, all_tables
from use_cases.kernel.moving import digest_of, key_of

_LEFT = {
    "conversation_changes",  # what the index of conversations has to read; made anew
    "leases",  # of processes that run
    "rates",  # of the last minutes
    "relayed_pieces",  # of answers that are being given
    "sign_in_attempts",
}
_PARTS = 500

Row: TypeAlias = Mapping[Any, Any]


class TableShelf:
    """The rows of one table."""

    batch = 500

    def __init__(self, store: Store, table: sa.Table) -> None:
        self.name = table.name.replace("_", " ")
        self._store = store
        self._table = table
        self._key = list(table.primary_key)
        self._places: dict[str, Sequence[Any]] = {}

    async def inventory(self) -> Mapping[str, str]:
        """Returns the digests of the rows, one that others refer to before them."""
        rows, parents = await self._store.read(self._digests)
        if not parents:
            return rows
        ordered: dict[str, str] = {}
        for key in rows:
            waiting: list[str] = []
            at: str | None = key
            while at is not None and at not in ordered:
                waiting.append(at)
                at = parents.get(at)
            ordered.update((one, rows[one]) for one in reversed(waiting))
        return ordered

    async def take(self, keys: Sequence[str]) -> Sequence[Row]:
        """Returns rows by their keys."""
        wanted = sa.tuple_(*self._key).in_([self._places[key] for key in keys])

        def read(connection: sa.Connection) -> dict[str, Row]:
            rows = connection.execute(sa.select(self._table).where(wanted)).mappings()
            return {self._key_of(row): dict(row) for row in rows}

        found = await self._store.read(read)
        return [found[key] for key in keys]

    async def put(self, pieces: Sequence[Row]) -> None:
        """Inserts rows in one transaction."""
        await self._store.write(
            lambda connection: connection.execute(sa.insert(self._table), list(pieces))
        )

    def _digests(self, connection: sa.Connection) -> tuple[dict[str, str], dict[str, str]]:
        """Returns the digests, and the row to which each refers within its own table."""
        [*inner] = (
            one.parent.name for one in self._table.foreign_keys if one.column.table is self._table
        )
        digests: dict[str, str] = {}
        parents: dict[str, str] = {}
        rows = connection.execute(sa.select(self._table).order_by(*self._key))
        for row in rows.yield_per(_PARTS).mappings():
            key = self._key_of(row)
            self._places[key] = tuple(row[column.name] for column in self._key)
            digests[key] = digest_of([_plain(row[one.name]) for one in self._table.columns])
            for name in inner:
                if row[name] is not None:
                    parents[key] = key_of([row[name]])
        return digests, parents

    def _key_of(self, row: Row) -> str:
        return key_of([row[column.name] for column in self._key])


def _plain(value: object) -> object:
    """Returns a value as both databases give it."""
    return value.normalize() if isinstance(value, Decimal) else value


def table_shelves(store: Store) -> Sequence[TableShelf]:
    """Returns the tables of the store, those that others refer to first."""
    return [
        TableShelf(store, table) for table in all_tables().sorted_tables if table.name not in _LEFT
    ]
