"""The loaded tables, read from the knowledge database's own catalogue.

Promises: the tables come in the order of their names, each with its document; the names of
everything else in the file, which no query may read, come with them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypedDict, cast

from services.tables.driver import Driver, Value
from use_cases.kernel.model import (
    Authority,
    Column,
    ColumnType,
    DateOrigin,
    DocumentRef,
    Table,
)

_TABLES = """
SELECT t.name, t.title, t.description, t.columns, t.row_count,
       d.document_id, d.version_id, d.name, d.title, d.category, d.updated, d.date_origin,
       d.authority, d.superseded_by
FROM loaded_tables t JOIN candor_documents d ON d.document_id = t.document_id
ORDER BY t.name
"""
_OTHER_NAMES = "SELECT name FROM sqlite_schema UNION SELECT name FROM pragma_module_list"
_HAS_CATALOGUE = "SELECT count(*) FROM sqlite_schema WHERE name = 'loaded_tables'"


class _StoredColumn(TypedDict):
    name: str
    original: str
    type: str
    description: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The loaded tables, and `forbidden`: lower-case names of all other readable objects."""

    tables: Sequence[Table] = ()
    forbidden: frozenset[str] = frozenset()

    @property
    def by_name(self) -> Mapping[str, Table]:
        """The loaded tables by lower-case name."""
        return {table.name.lower(): table for table in self.tables}


def read_catalogue(connection: Driver) -> Catalogue:
    """Reads the tables loaded at this moment; none from a file without a catalogue."""
    if connection.execute(_HAS_CATALOGUE).fetchall() == [(0,)]:
        return Catalogue()
    tables = [_table(row) for row in connection.execute(_TABLES)]
    allowed = {table.name.lower() for table in tables}
    names = {str(name).lower() for (name,) in connection.execute(_OTHER_NAMES)}
    return Catalogue(tables, frozenset(names - allowed))


def _table(row: Sequence[Value]) -> Table:
    name, title, description, columns, count = cast("tuple[str, str, str, str, int]", row[:5])
    return Table(
        name=name,
        title=title,
        description=description,
        columns=[_column(column) for column in cast("list[_StoredColumn]", json.loads(columns))],
        row_count=count,
        document=_document(row[5:]),
    )


def _column(stored: _StoredColumn) -> Column:
    return Column(
        stored["name"], stored["original"], ColumnType(stored["type"]), stored["description"]
    )


def _document(row: Sequence[Value]) -> DocumentRef:
    values = cast("tuple[str, int, str, str, str, str, str, int, str | None]", tuple(row))
    document_id, version_id, name, title, category, updated, origin, authority, superseded = values
    return DocumentRef(
        document_id=document_id,
        version_id=version_id,
        name=name,
        title=title,
        category=category,
        updated=date.fromisoformat(updated),
        date_origin=DateOrigin(origin),
        authority=Authority(authority),
        superseded_by=superseded,
    )
