"""What every `Library` promises; run on the one in memory and on the real one."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import anyio
import pytest

from services.index.postgresql.knowledge_server import VERSION
from services.index.postgresql.server_library import ServerLibrary
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_library import SqliteLibrary
from tests.fakes.documents import a_document, identity_of
from tests.fakes.embedder import WordEmbedder
from tests.fakes.library import MemoryLibrary
from tests.postgres import knowledge_server, needs_any_server
from use_cases.kernel.model import Authority, Column, ColumnType, DateOrigin, PassageVectors
from use_cases.knowledge.errors import (
    DimensionMismatch,
    DocumentAmbiguous,
    DocumentNotFound,
    EmbedderMismatch,
)
from use_cases.knowledge.model import Change, IndexIdentity, TableData, UnembeddedPassage
from use_cases.knowledge.ports import Library

pytestmark = pytest.mark.anyio

EMBEDDER = WordEmbedder(dimensions=8)
PRICES = TableData(
    name="prices",
    title="Prices",
    description="What things cost",
    columns=[Column("item", "Item", ColumnType.TEXT), Column("euro", "€", ColumnType.REAL)],
    rows=[("tea", 2.5), ("cake", None)],
)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=needs_any_server)])
async def library(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Library]:
    if request.param == "memory":
        yield MemoryLibrary()
        return
    if request.param == "postgresql":
        async with knowledge_server() as server:
            yield ServerLibrary(server)
        return
    database = KnowledgeDatabase(tmp_path / "knowledge.sqlite")
    yield SqliteLibrary(database)
    await database.close()


@pytest.fixture
async def ready(library: Library) -> Library:
    await library.prepare(identity_of(EMBEDDER))
    return library


async def test_a_new_library_is_empty(library: Library) -> None:
    found = await library.statistics()
    assert (found.documents, found.passages, found.vectors, found.tables) == (0, 0, 0, 0)
    assert found.categories == {}
    assert found.identity is None
    assert list(await library.documents()) == []


async def test_a_saved_document_is_found_by_id_and_by_name(ready: Library) -> None:
    ref = (await ready.save(a_document("a.md", "one\ntwo", title="A", category="policies"))).ref
    assert (ref.name, ref.title, ref.category) == ("a.md", "A", "policies")
    assert (ref.updated, ref.date_origin) == (date(2026, 3, 4), DateOrigin.STATED)
    assert ref.authority is Authority.OFFICIAL
    by_id = await ready.document(ref.document_id)
    assert by_id == await ready.document("a.md")
    assert (by_id.ref, by_id.uri) == (ref, "file:///docs/a.md")
    assert (by_id.characters, by_id.passages, by_id.versions) == (7, 2, 1)
    assert by_id.ingested_at.tzinfo is not None


async def test_a_name_of_two_documents_stands_for_neither(ready: Library) -> None:
    first = (await ready.save(a_document("a.md", "one"))).ref
    elsewhere = replace(a_document("a.md", "two"), uri="file:///elsewhere/a.md")
    second = (await ready.save(elsewhere)).ref
    with pytest.raises(DocumentAmbiguous) as caught:
        await ready.document("a.md")
    assert first.document_id in caught.value.detail
    assert second.document_id in caught.value.detail
    assert (await ready.document(second.document_id)).uri == "file:///elsewhere/a.md"


async def test_an_id_wins_over_a_name_that_looks_like_it(ready: Library) -> None:
    first = (await ready.save(a_document("a.md", "one"))).ref
    await ready.save(a_document(first.document_id, "two"))
    assert (await ready.document(first.document_id)).ref.name == "a.md"


async def test_the_text_of_a_version_is_what_was_saved(ready: Library) -> None:
    text = "naïve €\0 \U0001f600\nend\r\n"
    ref = (await ready.save(a_document("a.md", "plain"))).ref
    assert await ready.text(ref.document_id, ref.version_id) == "plain"
    other = (await ready.save(a_document("b.md", text.replace("\0", "")))).ref
    assert await ready.text(other.document_id, other.version_id) == text.replace("\0", "")
    with pytest.raises(DocumentNotFound):
        await ready.text(ref.document_id, other.version_id)


async def test_an_older_version_keeps_its_text(ready: Library) -> None:
    old = (await ready.save(a_document("a.md", "old text"))).ref
    new = (await ready.save(a_document("a.md", "new text"))).ref
    assert new.document_id == old.document_id
    assert new.version_id != old.version_id
    assert await ready.text(old.document_id, old.version_id) == "old text"
    assert await ready.text(new.document_id, new.version_id) == "new text"
    summary = await ready.document(new.document_id)
    assert (summary.versions, summary.passages) == (2, 1)


async def test_the_same_content_hash_is_left_untouched(ready: Library) -> None:
    first = (await ready.save(a_document("a.md", "text", content_hash="1"))).ref
    second = (await ready.save(a_document("a.md", "other", title="Other", content_hash="1"))).ref
    assert second == first
    assert await ready.text(first.document_id, first.version_id) == "text"


async def test_saving_says_what_it_did(ready: Library) -> None:
    document = a_document("a.md", "text", content_hash="1")
    other = replace(document, content_hash="2")
    saved = [await ready.save(each) for each in (document, document, other)]
    assert [one.change for one in saved] == [Change.ADDED, Change.UNCHANGED, Change.CHANGED]
    await ready.remove(saved[0].ref.document_id)
    assert (await ready.save(document)).change is Change.ADDED


async def test_new_metadata_makes_no_new_version(ready: Library) -> None:
    first = (await ready.save(a_document("a.md", "text", title="Old"))).ref
    second = (await ready.save(a_document("a.md", "text", title="New"))).ref
    assert second.version_id == first.version_id
    assert second.title == "New"
    assert (await ready.document("a.md")).versions == 1


async def test_of_two_tables_of_one_name_the_second_gets_another(ready: Library) -> None:
    first = (await ready.save(a_document("a/prices.csv", "tea", tables=[PRICES]))).ref
    costs = replace(PRICES, name="costs")
    second = (await ready.save(a_document("b/prices.csv", "tea", tables=[PRICES, costs]))).ref

    assert await ready.table_names(first.document_id) == ["prices"]
    names = await ready.table_names(second.document_id)
    assert names[0] == "costs"
    assert names[1].startswith("prices_")
    assert list(await ready.table_names("doc_of_nobody")) == []


async def test_documents_are_ordered_by_name_and_paged(ready: Library) -> None:
    for name in ("c.md", "a.md", "b.md"):
        await ready.save(a_document(name, "text"))
    assert [found.ref.name for found in await ready.documents()] == ["a.md", "b.md", "c.md"]
    assert [found.ref.name for found in await ready.documents(limit=1, offset=1)] == ["b.md"]
    assert list(await ready.documents(limit=0)) == []
    assert (await ready.documents(limit=2)).more
    assert not (await ready.documents(limit=2, offset=1)).more


async def test_documents_are_filtered_by_category_whatever_its_case(ready: Library) -> None:
    await ready.save(a_document("a.md", "text", category="Policies"))
    await ready.save(a_document("b.md", "text", category="runbooks"))
    assert [f.ref.name for f in await ready.documents(category=" policies ")] == ["a.md"]
    assert list(await ready.documents(category="domain")) == []
    assert (await ready.statistics()).categories == {"Policies": 1, "runbooks": 1}


async def test_fingerprints_are_by_uri_below_the_prefix(ready: Library) -> None:
    ref = (await ready.save(a_document("sub/a_b.md", "text", content_hash="h1"))).ref
    await ready.save(a_document("sub/aXb.md", "text", content_hash="h2"))
    await ready.save(replace(a_document("c.md", "text"), uri="upload:///c.md"))
    found = await ready.fingerprints("file:///docs/sub/a_")
    assert list(found) == ["file:///docs/sub/a_b.md"]
    only = found["file:///docs/sub/a_b.md"]
    assert (only.document_id, only.content_hash) == (ref.document_id, "h1")
    assert len(await ready.fingerprints("")) == 3


async def test_a_removed_document_is_gone_with_its_versions(ready: Library) -> None:
    old = (await ready.save(a_document("a.md", "old", tables=[PRICES]))).ref
    new = (await ready.save(a_document("a.md", "new", tables=[PRICES]))).ref
    await ready.remove(new.document_id)
    for version in (old.version_id, new.version_id):
        with pytest.raises(DocumentNotFound):
            await ready.text(new.document_id, version)
    with pytest.raises(DocumentNotFound):
        await ready.document("a.md")
    found = await ready.statistics()
    assert (found.documents, found.passages, found.vectors, found.tables) == (0, 0, 0, 0)
    assert await ready.fingerprints("") == {}


async def test_what_is_not_there_is_said(ready: Library) -> None:
    with pytest.raises(DocumentNotFound):
        await ready.remove("doc_nowhere")
    with pytest.raises(DocumentNotFound):
        await ready.original("doc_nowhere")
    with pytest.raises(DocumentNotFound):
        await ready.document("doc_nowhere")
    with pytest.raises(DocumentNotFound):
        await ready.text("doc_x", 12345)


async def test_original_bytes_are_kept_with_their_document(ready: Library) -> None:
    kept = (await ready.save(a_document("a.md", "text", original=b"\x00bytes"))).ref
    plain = (await ready.save(a_document("b.md", "text"))).ref
    assert await ready.original(kept.document_id) == b"\x00bytes"
    assert await ready.original(plain.document_id) is None
    await ready.save(a_document("a.md", "newer"))
    assert await ready.original(kept.document_id) is None


async def test_vectors_and_tables_are_counted(ready: Library) -> None:
    vectors = await EMBEDDER.embed_documents(["one", "two"])
    await ready.save(a_document("a.md", "one\ntwo", vectors=vectors, tables=[PRICES]))
    await ready.save(a_document("b.md", "three"))
    found = await ready.statistics()
    assert (found.documents, found.passages, found.vectors, found.tables) == (2, 3, 2, 1)


async def lacking_in(library: Library, *, limit: int = 9) -> list[UnembeddedPassage]:
    """What waits in all documents, the first stored first."""
    waiting = reversed(await library.waiting())
    found = [
        passage
        for one in waiting
        for passage in await library.claim(one.document_id, "looking", limit=limit, seconds=60)
    ]
    await library.release_claims("looking")
    return found


async def test_passages_without_vectors_get_them_later(ready: Library) -> None:
    await ready.save(a_document("a.md", "one\ntwo", title="A"))
    whole = await EMBEDDER.embed_documents(["three"])
    await ready.save(a_document("b.md", "three", vectors=whole))
    await ready.save(a_document("c.md", "four"))
    lacking = await lacking_in(ready)
    assert [(one.name, one.title, one.text) for one in lacking] == [
        ("a.md", "A", "one"),
        ("a.md", "A", "two"),
        ("c.md", "c.md", "four"),
    ]
    first, second, third = (one.passage_id for one in lacking)
    few = await lacking_in(ready, limit=1)
    assert [one.passage_id for one in few] == [first, third]
    made = dict(zip((second, third), await EMBEDDER.embed_passages(["two", "four"]), strict=True))
    assert await ready.add_vectors(made) == 2
    assert (await ready.statistics()).vectors == 3
    assert await ready.add_vectors(made) == 0
    assert [one.passage_id for one in await lacking_in(ready)] == [first]
    assert await ready.add_vectors({}) == 0


async def test_documents_that_wait_are_listed_with_their_owners(ready: Library) -> None:
    first = (await ready.save(a_document("a.md", "one\ntwo", owner="ann"))).ref.document_id
    whole = await EMBEDDER.embed_documents(["three"])
    await ready.save(a_document("b.md", "three", vectors=whole, owner="bob"))
    other = (await ready.save(a_document("c.md", "four"))).ref.document_id
    empty = replace(a_document("d.md", ""), passages=())
    await ready.save(empty)
    found = await ready.waiting()
    assert [(one.document_id, one.owner) for one in found] == [(other, ""), (first, "ann")]
    ids = [one.passage_id for one in await lacking_in(ready)]
    assert [one.newest for one in found] == [ids[2], ids[1]]
    await ready.save(a_document("a.md", "one\nnew", owner="ann"))
    assert [one.document_id for one in await ready.waiting()] == [first, other]
    await ready.remove(first)
    assert [one.document_id for one in await ready.waiting()] == [other]
    assert await ready.claim(first, "one", limit=9, seconds=60) == []


async def test_a_passage_is_claimed_by_one_and_free_again_when_that_one_is_gone(
    ready: Library,
) -> None:
    book = (await ready.save(a_document("a.md", "\n".join("abcdef")))).ref.document_id
    other = (await ready.save(a_document("b.md", "g"))).ref.document_id

    async def claim(holder: str, limit: int, seconds: float = 60) -> str:
        found = await ready.claim(book, holder, limit=limit, seconds=seconds)
        return "".join(one.text for one in found)

    async def waiting(holder: str) -> list[tuple[str, bool]]:
        return [(one.document_id, one.lost) for one in await ready.waiting(holder)]

    assert not await ready.is_claimed()
    assert await claim("one", 2) == "ab"
    assert await ready.is_claimed()
    assert await claim("gone", 2, seconds=-1) == "cd"
    assert await waiting("two") == [(other, False), (book, True)]
    assert await claim("two", 3) == "cde"
    assert await claim("two", 9) == "f"
    assert await waiting("three") == [(other, False)]
    assert await waiting("one") == [(other, False), (book, False)]
    await ready.keep_claims("one", -1)
    assert await waiting("three") == [(other, False), (book, True)]
    await ready.keep_claims("one", 60)
    first = (await ready.claim(other, "two", limit=9, seconds=60))[0].passage_id
    await ready.release_claims("one", [first])
    assert await claim("three", 9) == ""
    await ready.release_claims("two", [first])
    await ready.release_claims("one")
    assert await claim("three", 9) == "ab"
    await ready.release_claims("two")
    await ready.release_claims("three")
    assert not await ready.is_claimed()
    assert len(await lacking_in(ready)) == 7


async def test_what_two_claim_at_once_is_one_s(ready: Library) -> None:
    texts = [str(place) for place in range(40)]
    book = (await ready.save(a_document("a.md", "\n".join(texts)))).ref.document_id
    taken = dict[str, list[str]]()

    async def take(holder: str) -> None:
        taken[holder] = [one.text for one in await ready.claim(book, holder, limit=10, seconds=60)]

    async with anyio.create_task_group() as group:
        for holder in "abcd":
            group.start_soon(take, holder)
    assert sorted(one for some in taken.values() for one in some) == sorted(texts)


async def test_a_document_says_how_many_of_its_passages_have_and_await_vectors(
    ready: Library,
) -> None:
    document_id = (await ready.save(a_document("a.md", "one\ntwo\nthree"))).ref.document_id
    first, second, _ = [one.passage_id for one in await lacking_in(ready)]
    (vector,) = await EMBEDDER.embed_passages(["one"])
    await ready.add_vectors({first: vector})
    await ready.refuse([second, 4_000])
    found = await ready.document(document_id)
    assert (found.passages, found.vectors, found.waiting) == (3, 1, 1)
    assert list(await ready.documents()) == [found]


async def test_refused_passages_wait_no_longer_until_that_is_forgotten(ready: Library) -> None:
    await ready.forget_refusals()
    await ready.save(a_document("a.md", "one\ntwo"))
    first, second = [one.passage_id for one in await lacking_in(ready)]
    await ready.refuse([first])
    await ready.refuse([first])
    assert [one.passage_id for one in await lacking_in(ready)] == [second]
    await ready.refuse([second])
    assert await ready.waiting() == []
    assert (await ready.statistics()).refused == 2
    await ready.forget_refusals()
    assert len(await lacking_in(ready)) == 2
    await ready.refuse([first])
    await ready.reset(identity_of(EMBEDDER))
    assert (await ready.statistics()).refused == 0
    await ready.refuse([first])
    await ready.save(a_document("a.md", "newer"))
    assert (await ready.statistics()).refused == 0


async def test_a_changed_document_keeps_the_vectors_of_what_it_keeps(ready: Library) -> None:
    vectors = await EMBEDDER.embed_documents(["one", "two"])
    await ready.save(a_document("a.md", "one\ntwo", title="A", vectors=vectors))
    await ready.save(a_document("a.md", "zero\ntwo", title="A"))
    assert [one.text for one in await lacking_in(ready)] == ["zero"]
    await ready.save(a_document("a.md", "zero\ntwo", title="B"))
    lacking = await lacking_in(ready)
    assert [one.text for one in lacking] == ["zero", "two"]


async def test_a_vector_of_a_text_that_was_replaced_meanwhile_is_left_out(ready: Library) -> None:
    await ready.save(a_document("a.md", "one"))
    await ready.save(a_document("b.md", "two"))
    old, kept = (one.passage_id for one in await lacking_in(ready))
    await ready.save(a_document("a.md", "newer"))
    vectors = await EMBEDDER.embed_passages(["one", "two"])
    assert await ready.add_vectors(dict(zip((old, kept), vectors, strict=True))) == 1
    assert [one.text for one in await lacking_in(ready)] == ["newer"]


async def test_vectors_of_another_length_are_not_added(ready: Library) -> None:
    await ready.save(a_document("a.md", "one"))
    (lacking,) = await lacking_in(ready)
    with pytest.raises(DimensionMismatch):
        await ready.add_vectors({lacking.passage_id: PassageVectors(b"\0" * 16)})
    assert len(await lacking_in(ready)) == 1


async def test_without_an_embedder_no_passage_waits_for_a_vector(library: Library) -> None:
    assert await lacking_in(library) == []
    await library.prepare(identity_of(None))
    await library.save(a_document("a.md", "one"))
    assert await lacking_in(library) == []


async def test_vectors_of_another_length_are_refused_and_nothing_is_kept(ready: Library) -> None:
    with pytest.raises(DimensionMismatch):
        await ready.save(a_document("a.md", "one", vectors=[b"\0" * 16]))
    with pytest.raises(DimensionMismatch):
        await ready.save(
            a_document("a.md", "one", vectors=await EMBEDDER.embed_documents(["one", "two"]))
        )
    assert (await ready.statistics()).documents == 0


async def test_another_embedder_is_refused_once_something_is_stored(ready: Library) -> None:
    await ready.save(a_document("a.md", "text"))
    with pytest.raises(EmbedderMismatch):
        await ready.prepare(IndexIdentity("other", 8, "test-1"))
    with pytest.raises(EmbedderMismatch):
        await ready.prepare(replace(identity_of(EMBEDDER), chunker="test-2"))
    await ready.prepare(identity_of(EMBEDDER))
    assert (await ready.statistics()).identity == identity_of(EMBEDDER)


async def test_no_embedder_fits_every_index_of_the_same_chunker(ready: Library) -> None:
    await ready.save(a_document("a.md", "text"))
    await ready.prepare(identity_of(None))
    await ready.save(a_document("b.md", "text"))
    assert (await ready.statistics()).identity == identity_of(EMBEDDER)
    with pytest.raises(EmbedderMismatch):
        await ready.prepare(IndexIdentity("", 0, "test-2"))


async def test_the_first_real_embedder_takes_the_place_of_none(library: Library) -> None:
    await library.prepare(identity_of(None))
    await library.save(a_document("a.md", "text"))
    await library.prepare(identity_of(EMBEDDER))
    vectors = await EMBEDDER.embed_documents(["more"])
    await library.save(a_document("b.md", "more", vectors=vectors))
    found = await library.statistics()
    assert found.identity == identity_of(EMBEDDER)
    assert (found.documents, found.vectors) == (2, 1)


async def test_a_reset_drops_vectors_and_hashes_and_keeps_documents(ready: Library) -> None:
    vectors = await EMBEDDER.embed_documents(["text"])
    document = a_document("a.md", "text", vectors=vectors, tables=[PRICES])
    ref = (await ready.save(document)).ref
    other = IndexIdentity("other", 3, "test-2")
    await ready.reset(other)
    found = await ready.statistics()
    assert (found.documents, found.passages, found.vectors, found.tables) == (1, 1, 0, 1)
    assert found.identity == other
    assert [f.content_hash for f in (await ready.fingerprints("")).values()] == [""]
    assert await ready.text(ref.document_id, ref.version_id) == "text"
    with pytest.raises(DimensionMismatch):
        await ready.save(document)
    again = (await ready.save(replace(document, vectors=[PassageVectors(b"\0" * 12)]))).ref
    assert again.version_id == ref.version_id
    assert (await ready.statistics()).vectors == 1


@needs_any_server
async def test_tables_of_an_older_version_are_marked_so_that_it_refuses_them() -> None:
    version = "FROM candor_meta WHERE key = 'version'"
    async with knowledge_server() as server:
        await server.write(
            lambda connection: connection.execute(
                f"DELETE {version}; INSERT INTO candor_meta VALUES ('version', '1')"
            )
        )
        await server.close()
        found = await server.read(lambda connection: connection.value(f"SELECT value {version}"))
        assert found == str(VERSION)
