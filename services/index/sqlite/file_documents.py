"""The writes and removals of one document in the file: its passages, and a real SQL table for each of its data
tables.

They are created and dropped in the transaction that writes their document. A table keeps the name
from its reader; a name of another document's table, or of one of Candor's own, gets a suffix that
depends on the document alone, so that rebuilds in the same order give the same names.
Leaves to others: guarded queries over the tables.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

from services.index.identity_rules import free_name
from services.index.records import columns_json, columns_of
from services.index.sqlite import bits
from services.index.sqlite.connection import Connection
from services.index.sqlite.database import add_tokens_table, add_uploaders_table
from services.index.sqlite.stored_passages import vectors_of
from services.index.stored_document import DocumentToStore
from services.index.terms import category_token
from services.index.whole_numbers import to_whole
from use_cases.kernel.model import ColumnType, PassageVectors, Scalar
from use_cases.kernel.text.plain_text import storable
from use_cases.knowledge.model import TableData

_SQL_TYPES = {
    ColumnType.TEXT: "TEXT",
    ColumnType.INTEGER: "INTEGER",
    ColumnType.REAL: "REAL",
    ColumnType.DATE: "TEXT",
    ColumnType.BOOLEAN: "INTEGER",
}
_INT64 = 1 << 63


class FileDocument(DocumentToStore[Connection]):
    """A document for the file."""

    HAS_VECTOR = "EXISTS (SELECT 1 FROM candor_vectors_rowids v WHERE v.rowid = p.passage_id)"

    @classmethod
    def vectors_of(
        cls, connection: Connection, number: int, dimensions: int
    ) -> Mapping[int, PassageVectors]:
        """Returns the vectors of a document by passage id."""
        return vectors_of(connection, number, dimensions)

    @classmethod
    def tables_of(cls, connection: Connection, number: int) -> Sequence[TableData]:
        """Returns the tables that a document holds, by their names."""
        rows = connection.rows(
            "SELECT name, title, description, columns FROM loaded_tables WHERE document_id ="
            " (SELECT document_id FROM candor_documents WHERE number = ?) ORDER BY name",
            (number,),
        )
        return [
            TableData(
                name,
                title,
                description,
                columns_of(columns),
                cast(
                    "list[tuple[Scalar, ...]]",
                    connection.rows(f"SELECT * FROM {_identifier(name)} ORDER BY rowid"),  # noqa: S608  (quoted identifier)
                ),
            )
            for name, title, description, columns in cast("list[tuple[str, str, str, str]]", rows)
        ]

    @classmethod
    def _clear_index(cls, connection: Connection, number: int) -> None:
        one = connection.rows(
            "SELECT passage_id FROM candor_passages WHERE document = ?", (number,)
        )
        connection.execute_many("DELETE FROM candor_fts WHERE rowid = ?", one)
        if connection.value("SELECT 1 FROM candor_bits WHERE document = ?", (number,)):
            connection.execute_many("DELETE FROM candor_vectors WHERE passage_id = ?", one)
        connection.execute("DELETE FROM candor_bits WHERE document = ?", (number,))
        _drop_tables(connection, number)

    def _write_document(self, connection: Connection, version_id: int) -> int:
        number = super()._write_document(connection, version_id)
        if self.document.owner:
            add_uploaders_table(connection)
            connection.execute(
                "INSERT OR REPLACE INTO candor_uploaders VALUES (?, ?)",
                (number, storable(self.document.owner)),
            )
        return number

    def _index_passages(self, connection: Connection, number: int, ids: Sequence[int]) -> None:
        token = category_token(self.document.category)
        connection.execute_many(
            "INSERT INTO candor_fts (rowid, title, heading, body, category) VALUES (?, ?, ?, ?, ?)",
            [
                (passage_id, *fields, token)
                for passage_id, fields in zip(ids, self.indexed, strict=True)
            ],
        )

    @classmethod
    def _store_vectors(
        cls,
        connection: Connection,
        number: int,
        category: str,
        vectors: Mapping[int, PassageVectors],
    ) -> None:
        whole = to_whole([one.vector for one in vectors.values()])
        connection.execute_many(
            "INSERT INTO candor_vectors (passage_id, category, embedding) VALUES (?, ?, vec_int8(?))",
            [(passage_id, category, one) for passage_id, one in zip(vectors, whole, strict=True)],
        )
        tokens = [(passage_id, one.tokens) for passage_id, one in vectors.items() if one.tokens]
        if tokens:
            add_tokens_table(connection)
            connection.execute_many("INSERT INTO candor_tokens VALUES (?, ?)", tokens)
        ids = b"".join(passage_id.to_bytes(8, "little") for passage_id in vectors)
        packed = bits.pack([one.vector for one in vectors.values()])
        stored = connection.rows(
            "DELETE FROM candor_bits WHERE document = ? RETURNING passage_ids, bits", (number,)
        )
        for before in cast("list[tuple[bytes, bytes]]", stored):
            ids, packed = before[0] + ids, before[1] + packed
        connection.execute(
            "INSERT INTO candor_bits VALUES (?, ?, ?, ?)", (number, category, ids, packed)
        )

    def _write_tables(self, connection: Connection, number: int) -> None:
        for table in self.document.tables:
            name = free_name(table.name, self.document_id, partial(_is_taken, connection))
            columns = ", ".join(
                f"{_identifier(column.name)} {_SQL_TYPES[column.type]}" for column in table.columns
            )
            connection.execute(f"CREATE TABLE {_identifier(name)} ({columns})")
            places = ", ".join("?" * len(table.columns))
            connection.execute_many(
                f"INSERT INTO {_identifier(name)} VALUES ({places})",  # noqa: S608  (quoted identifier)
                ([_cell(cell) for cell in row] for row in table.rows),
            )
            connection.execute(
                "INSERT INTO loaded_tables VALUES (?, ?, ?, ?, ?, ?)",
                (
                    name,
                    storable(table.title),
                    storable(table.description),
                    self.document_id,
                    columns_json(table.columns),
                    len(table.rows),
                ),
            )


def _drop_tables(connection: Connection, number: int) -> None:
    """Drops the tables of one document and their entries."""
    of_document = "document_id = (SELECT document_id FROM candor_documents WHERE number = ?)"
    names = connection.rows(
        f"SELECT name FROM loaded_tables WHERE {of_document}",  # noqa: S608  (constant text)
        (number,),
    )
    for (name,) in names:
        connection.execute(f"DROP TABLE {_identifier(str(name))}")
    connection.execute(f"DELETE FROM loaded_tables WHERE {of_document}", (number,))  # noqa: S608


def _is_taken(connection: Connection, name: str) -> bool:
    found = connection.value(
        "SELECT count(*) FROM sqlite_schema WHERE name = ? COLLATE NOCASE", (name,)
    )
    return found != 0


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _cell(value: Scalar) -> Scalar:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        return float(
            value
        )  # SQLite's integers have 64 bits; the nearest number beats a failed file
    return value
