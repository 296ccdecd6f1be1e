"""The writes and removals of one document in PostgreSQL: its stems, its vectors, and its data tables, each as one
value (see `tables_copy.py`). Its row counts its passages, words and vectors.
"""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import numpy as np

from services.index.identity_rules import free_name
from services.index.postgresql.binary_values import sent
from services.index.postgresql.knowledge_server import ServerConnection
from services.index.postgresql.postings import add_postings, remove_postings
from services.index.postgresql.stemmed import stems_of
from services.index.records import columns_json, columns_of
from services.index.relations import Value
from services.index.stored_document import DocumentToStore
from services.index.terms import category_key, index_text
from use_cases.kernel.model import PassageVectors
from use_cases.kernel.text.plain_text import storable
from use_cases.knowledge.model import PassageDraft, PreparedDocument, TableData


class ServerDocument(DocumentToStore[ServerConnection]):
    """A document with the stems of each of its passages."""

    HAS_VECTOR = "EXISTS (SELECT FROM candor_vectors v WHERE v.passage_id = p.passage_id)"

    def __init__(
        self, document: PreparedDocument, indexed: Callable[[str], str] = index_text
    ) -> None:
        super().__init__(document, indexed)
        self._stems = [stems_of(*fields) for fields in self.indexed]

    @classmethod
    def vectors_of(
        cls, connection: ServerConnection, number: int, dimensions: int
    ) -> Mapping[int, PassageVectors]:
        """Returns the vectors of a document by passage id."""
        rows = connection.rows(
            "SELECT passage_id, v.embedding::text, t.tokens FROM candor_passages p"
            " JOIN candor_vectors v USING (passage_id) LEFT JOIN candor_tokens t USING (passage_id)"
            " WHERE p.document = :number",
            {"number": number},
        )
        return {
            passage_id: PassageVectors(
                np.array(written.strip("[]").split(","), dtype="<f4").tobytes(), tokens or b""
            )
            for passage_id, written, tokens in cast("list[tuple[int, str, bytes | None]]", rows)
        }

    @classmethod
    def tables_of(cls, connection: ServerConnection, number: int) -> Sequence[TableData]:
        """Returns the tables that a document holds, by their names."""
        rows = connection.rows(
            "SELECT name, title, description, columns, rows FROM loaded_tables"
            " WHERE document = :number ORDER BY name",
            {"number": number},
        )
        return [
            TableData(name, title, description, columns_of(columns), json.loads(cells))
            for name, title, description, columns, cells in cast(
                "list[tuple[str, str, str, str, str]]", rows
            )
        ]

    @classmethod
    def _clear_index(cls, connection: ServerConnection, number: int) -> None:
        connection.write_gathered()
        remove_postings(connection, number)
        connection.execute("DELETE FROM loaded_tables WHERE document = :number", {"number": number})

    def _values(self) -> dict[str, Value]:
        return {**super()._values(), "owner": self.document.owner}

    def _passage(self, place: int, draft: PassageDraft) -> dict[str, Value]:
        one = self._stems[place]
        category = category_key(self.document.category)
        words = {"category_key": category, "words": one.words, "terms": one.vector}
        return {**super()._passage(place, draft), **words}

    def _index_passages(
        self, connection: ServerConnection, number: int, ids: Sequence[int]
    ) -> None:
        connection.execute(
            "UPDATE candor_documents SET passages = :passages, words = :words, vectors = 0, refused = 0"
            " WHERE number = :number",
            {
                "passages": len(ids),
                "words": sum(one.words for one in self._stems),
                "number": number,
            },
        )
        connection.gather(add_postings, dict(zip(ids, self._stems, strict=True)))

    @classmethod
    def _store_vectors(
        cls,
        connection: ServerConnection,
        number: int,
        category: str,
        vectors: Mapping[int, PassageVectors],
    ) -> None:
        connection.execute_many(
            "INSERT INTO candor_vectors VALUES (:id, :category, :vector)",
            [
                {"id": one, "category": category, "vector": sent(held.vector)}
                for one, held in vectors.items()
            ],
        )
        connection.execute_many(
            "INSERT INTO candor_tokens VALUES (:id, :tokens)",
            [{"id": one, "tokens": held.tokens} for one, held in vectors.items() if held.tokens],
        )
        connection.execute(
            "UPDATE candor_documents SET vectors = vectors + :added WHERE number = :number",
            {"added": len(vectors), "number": number},
        )

    def _write_tables(self, connection: ServerConnection, number: int) -> None:
        def is_taken(name: str) -> bool:
            same = "SELECT 1 FROM loaded_tables WHERE lower(name) = lower(:name)"
            return connection.value(same, {"name": name}) is not None

        for table in self.document.tables:
            connection.execute(
                "INSERT INTO loaded_tables"
                " VALUES (:name, :title, :description, :number, :columns, :rows, :stamp)",
                {
                    "name": free_name(table.name, self.document_id, is_taken),
                    "title": storable(table.title),
                    "description": storable(table.description),
                    "number": number,
                    "columns": columns_json(table.columns),
                    "rows": storable(json.dumps(table.rows, ensure_ascii=False)),
                    "stamp": secrets.token_hex(8),
                },
            )
