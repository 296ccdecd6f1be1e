"""What saving leaves in the file, table by table: nothing twice, nothing that was removed."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_library import SqliteLibrary
from tests.fakes.documents import a_document, identity_of
from tests.fakes.embedder import WordEmbedder
from use_cases.kernel.model import Column, ColumnType
from use_cases.knowledge.model import PreparedDocument, TableData

pytestmark = pytest.mark.anyio

EMBEDDER = WordEmbedder(dimensions=16)
COUNTED = (
    "candor_documents",
    "candor_versions",
    "candor_originals",
    "candor_passages",
    "candor_vectors",
    "candor_vectors_rowids",
    "candor_bits",
    "candor_vocabulary",
    "loaded_tables",
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[KnowledgeDatabase]:
    database = KnowledgeDatabase(tmp_path / "knowledge.sqlite")
    yield database
    await database.close()


@pytest.fixture
async def library(database: KnowledgeDatabase) -> SqliteLibrary:
    library = SqliteLibrary(database)
    await library.prepare(identity_of(EMBEDDER))
    return library


def a_table(name: str, *rows: tuple[str | int | float | None, ...]) -> TableData:
    columns = [
        Column("item", "Item", ColumnType.TEXT),
        Column("order", "Order", ColumnType.INTEGER, "how many"),
        Column("since", "Since", ColumnType.DATE),
        Column("open", "Open", ColumnType.BOOLEAN),
        Column("euro", "€", ColumnType.REAL),
    ]
    return TableData(name, "Prices", "What things cost", columns, rows)


async def a_full_document(name: str, text: str, *tables: TableData) -> PreparedDocument:
    vectors = await EMBEDDER.embed_documents(text.split("\n"))
    return a_document(name, text, vectors=vectors, tables=tables, original=b"bytes")


async def counts(database: KnowledgeDatabase) -> dict[str, int]:
    return await database.read(
        lambda connection: {
            table: connection.number(f"SELECT count(*) FROM {table}") for table in COUNTED
        }
    )


async def tables(database: KnowledgeDatabase) -> list[str]:
    rows = await database.read(
        lambda connection: connection.rows("SELECT name FROM loaded_tables ORDER BY name")
    )
    return [str(row[0]) for row in rows]


async def test_a_removed_document_leaves_no_ghost(
    database: KnowledgeDatabase, library: SqliteLibrary
) -> None:
    ref = (await library.save(await a_full_document("a.md", "one\ntwo", a_table("prices")))).ref
    before = await counts(database)
    assert min(before.values()) > 0
    await library.remove(ref.document_id)
    assert set((await counts(database)).values()) == {0}
    assert "prices" not in await database.read(
        lambda connection: str(connection.rows("SELECT name FROM sqlite_schema"))
    )


async def test_a_replaced_document_leaves_only_its_older_text(
    database: KnowledgeDatabase, library: SqliteLibrary
) -> None:
    await library.save(await a_full_document("a.md", "one\ntwo\nthree", a_table("prices")))
    await library.save(await a_full_document("a.md", "four", a_table("costs")))
    assert await counts(database) == {
        "candor_documents": 1,
        "candor_versions": 2,
        "candor_originals": 1,
        "candor_passages": 1,
        "candor_vectors": 1,
        "candor_vectors_rowids": 1,
        "candor_bits": 1,
        "candor_vocabulary": 4,  # a, md (the title), four, and the category's token
        "loaded_tables": 1,
    }
    assert await tables(database) == ["costs"]


async def test_a_kept_passage_keeps_its_token_vectors_too(
    database: KnowledgeDatabase, library: SqliteLibrary
) -> None:
    made = await EMBEDDER.embed_passages(["one", "two"])
    held = [replace(one, tokens=bytes([place])) for place, one in enumerate(made)]
    document = a_document("a.md", "one\ntwo")
    await library.save(replace(document, vectors=held))
    await library.save(a_document("a.md", "zero\ntwo"))
    found = await database.read(
        lambda connection: connection.rows("SELECT tokens FROM candor_tokens")
    )
    assert found == [(b"\x01",)]


async def test_a_passage_id_is_never_used_twice(
    database: KnowledgeDatabase, library: SqliteLibrary
) -> None:
    sql = "SELECT max(passage_id) FROM candor_passages"
    ref = (await library.save(await a_full_document("a.md", "one\ntwo"))).ref
    old = await database.read(lambda connection: connection.number(sql))
    await library.remove(ref.document_id)
    await library.save(await a_full_document("b.md", "one"))
    assert await database.read(lambda connection: connection.number(sql)) == old + 1


async def test_ids_are_the_same_after_a_rebuild_from_the_same_sources(
    library: SqliteLibrary, tmp_path: Path
) -> None:
    other = KnowledgeDatabase(tmp_path / "other.sqlite")
    rebuilt = SqliteLibrary(other)
    await rebuilt.prepare(identity_of(EMBEDDER))
    await rebuilt.save(await a_full_document("z.md", "something else first"))
    one = (await library.save(await a_full_document("a.md", "text"))).ref
    two = (await rebuilt.save(await a_full_document("a.md", "text"))).ref
    await other.close()
    assert (one.document_id, one.version_id) == (two.document_id, two.version_id)
    assert one.version_id < 2**53


async def test_a_text_that_comes_back_is_its_old_version_again(library: SqliteLibrary) -> None:
    first = (await library.save(a_document("a.md", "one"))).ref
    await library.save(a_document("a.md", "two"))
    again = (await library.save(a_document("a.md", "one", title="again"))).ref
    assert again.version_id == first.version_id
    assert (await library.document("a.md")).versions == 2


async def test_a_table_is_a_real_table_with_its_entry(
    database: KnowledgeDatabase, library: SqliteLibrary
) -> None:
    rows = [("tea", 3, "2026-01-02", 1, 2.5), (None, None, None, None, None)]
    ref = (await library.save(await a_full_document("p.csv", "tea", a_table("prices", *rows)))).ref
    assert await database.read(lambda c: c.rows("SELECT * FROM prices")) == rows
    entry = (await database.read(lambda c: c.rows("SELECT * FROM loaded_tables")))[0]
    assert entry[:4] == ("prices", "Prices", "What things cost", ref.document_id)
    assert entry[5] == 2
    assert json.loads(str(entry[4]))[1] == {
        "name": "order",
        "original": "Order",
        "type": "integer",
        "description": "how many",
    }


async def test_a_number_too_large_for_the_database_is_kept_as_nearly_as_it_can(
    database: KnowledgeDatabase, library: SqliteLibrary
) -> None:
    table = a_table("prices", ("tea", 2**70, None, None, None))
    await library.save(await a_full_document("p.csv", "tea", table))
    assert await database.read(lambda c: c.value('SELECT "order" FROM prices')) == float(2**70)


async def test_candors_own_tables_cannot_be_shadowed(
    database: KnowledgeDatabase, library: SqliteLibrary
) -> None:
    names = ("candor_meta", "loaded_tables", "sqlite_schema")
    loaded = [a_table(name) for name in names]
    await library.save(await a_full_document("a.csv", "tea", *loaded))
    assert await tables(database) == ["t_candor_meta", "t_loaded_tables", "t_sqlite_schema"]


async def test_odd_names_are_only_names(
    database: KnowledgeDatabase, library: SqliteLibrary
) -> None:
    table = replace(
        a_table('x"; DROP TABLE candor_meta; --', ("tea", 1, None, None, None)),
    )
    ref = (await library.save(await a_full_document("a.csv", "tea", table))).ref
    assert await tables(database) == ['x"; DROP TABLE candor_meta; --']
    await library.remove(ref.document_id)
    assert await tables(database) == []


async def test_text_that_utf8_cannot_hold_keeps_its_offsets(library: SqliteLibrary) -> None:
    ref = (await library.save(a_document("a.md", "a\ud800b\0c"))).ref
    assert await library.text(ref.document_id, ref.version_id) == "a\ufffdb\ufffdc"
