"""What every `Lanes` and `Vocabulary` promises; in memory, exact, and with sign bits in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from services.index.document_shelf import DocumentCopy
from services.index.postgresql.server_lanes import ServerLanes
from services.index.postgresql.server_library import ServerLibrary
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_lanes import SqliteLanes
from services.index.sqlite.file_library import SqliteLibrary
from tests.fakes.documents import a_document, identity_of
from tests.fakes.embedder import WordEmbedder
from tests.fakes.lanes import MemoryLanes
from tests.fakes.library import MemoryLibrary
from tests.postgres import knowledge_server, needs_any_server
from use_cases.kernel.fusion import Candidate
from use_cases.kernel.model import Span
from use_cases.kernel.ports import DocumentFrequencies, Vocabulary
from use_cases.knowledge.errors import DimensionMismatch, EmbedderMismatch
from use_cases.knowledge.hybrid_search import EMPTY_LIBRARY, SearchKnowledge
from use_cases.knowledge.model import IndexExtent
from use_cases.knowledge.ports import Lanes, Library

pytestmark = pytest.mark.anyio

EMBEDDER = WordEmbedder()


@dataclass(frozen=True, slots=True)
class Side:
    """A library and the lanes over it."""

    library: Library
    lanes: Lanes
    vocabulary: Vocabulary

    async def add(
        self, name: str, text: str, *, title: str = "", category: str = "general"
    ) -> None:
        """Save a document with vectors."""
        vectors = await EMBEDDER.embed_documents(text.split("\n"))
        await self.library.save(
            a_document(name, text, title=title, category=category, vectors=vectors)
        )

    async def missing(self) -> tuple[int, int]:
        """How many passages have no vector, of how many."""
        extent = await self.lanes.extent()
        return extent.missing, extent.passages

    async def texts(self, candidates: "list[Candidate]") -> list[str]:
        """The passages' texts, best first."""
        found = await self.lanes.passages([one.passage_id for one in candidates])
        return [found[one.passage_id].text for one in candidates]

    async def matching(self, query: str, category: str | None = None) -> list[str]:
        """What full text finds."""
        return await self.texts(list(await self.lanes.matching(query, limit=10, category=category)))

    async def nearest(self, query: str, category: str | None = None, limit: int = 10) -> list[str]:
        """What vectors find."""
        vector = await EMBEDDER.embed_query(query)
        found = await self.lanes.nearest(vector, limit=limit, category=category)
        return await self.texts(list(found))


@pytest.fixture(
    params=[
        "memory",
        "sqlite exact",
        "sqlite bits",
        pytest.param("postgresql exact", marks=needs_any_server),
        pytest.param("postgresql graph", marks=needs_any_server),
    ]
)
async def side(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Side]:
    if request.param == "memory":
        memory = MemoryLibrary()
        lanes = MemoryLanes(memory)
        await memory.prepare(identity_of(EMBEDDER))
        yield Side(memory, lanes, lanes)
        return
    if request.param.startswith("postgresql"):
        if request.param == "postgresql graph":
            monkeypatch.setattr("services.index.postgresql.server_lanes.EXACT", 0)
        async with knowledge_server() as server:
            kept = ServerLibrary(server)
            await kept.prepare(identity_of(EMBEDDER))
            found = ServerLanes(server)
            yield Side(kept, found, found)
        return
    monkeypatch.setattr("services.index.sqlite.file_lanes.SMALL", 0)
    database = KnowledgeDatabase(tmp_path / "knowledge.sqlite")
    library = SqliteLibrary(database)
    await library.prepare(identity_of(EMBEDDER))
    real = SqliteLanes(database, in_memory=request.param == "sqlite bits")
    yield Side(library, real, real)
    await database.close()


async def test_an_empty_library_has_no_identity_and_finds_nothing(side: Side) -> None:
    assert await side.lanes.extent() == IndexExtent(None, 0, 0)
    assert await side.matching("anything") == []
    assert await side.nearest("anything") == []
    assert await side.lanes.passages([1, 2]) == {}
    counted = await side.vocabulary.document_frequencies(["word"])
    assert counted == DocumentFrequencies({"word": 0.0}, 0)


async def test_identity_is_what_the_index_was_built_with(side: Side) -> None:
    await side.add("a.md", "text")
    assert (await side.lanes.extent()).identity == identity_of(EMBEDDER)


@pytest.mark.parametrize("dimensions", [EMBEDDER.dimensions, EMBEDDER.dimensions // 2])
async def test_a_search_notices_what_was_rebuilt_or_removed_since_the_last_one(
    side: Side, dimensions: int
) -> None:
    await side.add("a.md", "apple")
    search = SearchKnowledge(lanes=side.lanes, embedder=EMBEDDER)
    assert (await search.search("apple")).hits
    await side.library.reset(identity_of(WordEmbedder("other:model", dimensions)))
    for _ in range(2):
        with pytest.raises(EmbedderMismatch, match="other:model"):
            await search.search("apple")
    await side.library.reset(identity_of(EMBEDDER))
    await search.search("apple")
    for document in await side.library.documents():
        await side.library.remove(document.ref.document_id)
    for _ in range(2):
        assert (await search.search("apple")).notices == [EMPTY_LIBRARY]


async def test_full_text_finds_other_forms_of_a_word(side: Side) -> None:
    await side.add("a.md", "passwords must rotate every 90 days")
    await side.add("b.md", "the canteen opens at noon")
    assert await side.matching("What is the password rotation policy?") == [
        "passwords must rotate every 90 days"
    ]


async def test_documents_that_are_stored_together_are_found_as_they_are_last(side: Side) -> None:
    if not isinstance(side.library, SqliteLibrary | ServerLibrary):
        return

    def copy(name: str, text: str) -> DocumentCopy:
        return DocumentCopy(a_document(name, text), 0, "2026-01-01T00:00:00+00:00", [], [], None)

    await side.library.shelf().put(
        [copy("a.md", "grape"), copy("b.md", "lemon\ngrape"), copy("a.md", "mango")]
    )
    assert await side.matching("grape") == ["grape"]
    assert await side.matching("lemon mango") == ["lemon", "mango"]
    counted = await side.vocabulary.document_frequencies(["grape", "mango"])
    assert counted == DocumentFrequencies(dict.fromkeys(("grape", "mango"), 1 / 3), 3)


async def test_a_word_in_the_title_counts_more_than_one_in_the_text(side: Side) -> None:
    await side.add("a.md", "a holiday and other words of the same length")
    await side.add("b.md", "some words of about the same length here", title="Holiday")
    found = await side.matching("holiday")
    assert found[0] == "some words of about the same length here"
    assert len(found) == 2


async def test_vectors_find_the_nearest_by_cosine(side: Side) -> None:
    await side.add("a.md", "red apple\ngreen apple\nblue boat")
    vector = await EMBEDDER.embed_query("red apple")
    found = await side.lanes.nearest(vector, limit=3)
    assert await side.texts(list(found)) == ["red apple", "green apple", "blue boat"]
    assert [round(one.score, 4) for one in found] == [1.0, 0.5, 0.0]


async def test_a_numbered_name_finds_what_holds_it_as_it_is_written(side: Side) -> None:
    await side.add("a.md", "FIN-02 reviewed last in May\nFIN-01 reviewed last in April")
    found = await side.lanes.naming("When was FIN-01 reviewed?", limit=5)
    assert await side.texts(list(found)) == ["FIN-01 reviewed last in April"]
    assert await side.lanes.naming("When was it reviewed?", limit=5) == []


async def test_both_lanes_return_no_more_than_asked(side: Side) -> None:
    await side.add("a.md", "apple one\napple two\napple three")
    vector = await EMBEDDER.embed_query("apple")
    assert len(await side.lanes.nearest(vector, limit=2)) == 2
    assert len(await side.lanes.matching("apple", limit=2)) == 2
    assert not await side.lanes.nearest(vector, limit=0)
    assert await side.lanes.matching("apple", limit=0) == []


async def test_a_category_is_filtered_inside_both_lanes(side: Side) -> None:
    for number in range(30):
        await side.add(f"{number}.md", "apple apple apple", category="domain")
    await side.add("z.md", "an apple among many other words", category="Policies ")
    expected = ["an apple among many other words"]
    assert await side.matching("apple", "policies") == expected
    assert await side.nearest("apple", " POLICIES", limit=1) == expected
    assert await side.matching("apple", "nowhere") == []
    assert await side.nearest("apple", "nowhere") == []


async def test_equal_scores_are_ordered_by_passage_id(side: Side) -> None:
    await side.add("a.md", "same words\nsame words\nsame words")
    vector = await EMBEDDER.embed_query("same words")
    for found in (
        await side.lanes.nearest(vector, limit=3),
        await side.lanes.matching("same words", limit=3),
    ):
        ids = [one.passage_id for one in found]
        assert ids == sorted(ids)
        assert len(ids) == 3


async def test_a_vector_of_another_length_is_refused(side: Side) -> None:
    await side.add("a.md", "text")
    with pytest.raises(DimensionMismatch):
        await side.lanes.nearest(b"\0" * 8, limit=1)


async def test_a_replaced_document_is_found_by_its_new_text_only(side: Side) -> None:
    await side.add("a.md", "old apple\nold pear")
    assert await side.nearest("old apple", limit=1) == ["old apple"]
    await side.add("a.md", "new cherry")
    assert await side.matching("apple") == []
    assert await side.matching("pear old") == []
    assert await side.nearest("old apple") == ["new cherry"]


async def test_a_removed_document_is_found_no_more(side: Side) -> None:
    await side.add("a.md", "apple")
    await side.add("b.md", "apple tree")
    assert len(await side.nearest("apple")) == 2
    await side.library.remove((await side.library.document("a.md")).ref.document_id)
    assert await side.matching("apple") == ["apple tree"]
    assert await side.nearest("apple") == ["apple tree"]


async def test_a_passage_carries_its_document_and_its_spans(side: Side) -> None:
    await side.library.save(
        a_document("a.md", "héllo\nwörld 😀!", title="T", section="A › B", category="domain")
    )
    candidates = await side.lanes.matching("wörld", limit=1)
    passage = (await side.lanes.passages([candidates[0].passage_id]))[candidates[0].passage_id]
    assert passage.document == (await side.library.document("a.md")).ref
    assert (passage.section, passage.page) == ("A › B", 1)
    assert (passage.span, passage.text) == (Span(6, 14), "wörld 😀!")
    assert (passage.reading, passage.reading_text) == (Span(0, 14), "héllo\nwörld 😀!")


async def test_the_passages_of_one_document_come_in_their_order(side: Side) -> None:
    await side.add("a.md", "red apple\ngreen apple", category="Fruit")
    await side.add("b.md", "blue boat")
    within = await side.lanes.within("a.md")
    found = await side.lanes.passages(within)
    assert [found[number].text for number in within] == ["red apple", "green apple"]
    assert list(await side.lanes.within(found[within[0]].document.document_id)) == list(within)
    assert list(await side.lanes.within("a.md", category=" fruit ")) == list(within)
    assert list(await side.lanes.within("a.md", category="boats")) == []
    assert list(await side.lanes.within("nowhere.md")) == []


async def test_the_passages_in_a_reading_come_in_their_order(side: Side) -> None:
    await side.add("a.md", "red apple\ngreen apple")
    await side.add("b.md", "blue boat")
    first, second = await side.lanes.within("a.md")
    (boat,) = await side.lanes.within("b.md")
    found = await side.lanes.in_readings([second, boat, 999_999])
    texts = {one: [each.text for each, _ in passages] for one, passages in found.items()}
    assert texts == {second: ["red apple", "green apple"], boat: ["blue boat"]}
    assert [each.passage_id for each, _ in found[second]] == [first, second]


async def test_the_documents_of_passages_are_known_each_once_with_other_versions(
    side: Side,
) -> None:
    await side.add("a v1.md", "red apple\ngreen apple", title="Apples")
    await side.add("a v2.md", "blue boat", title="Boats")
    await side.add("a v3.md", "and what was not found", title="Others")
    ids = [one.passage_id for one in await side.lanes.matching("red apple boat", limit=3)]
    passages = await side.lanes.passages(ids)
    first, documents = await side.lanes.with_documents(ids[:1], [*ids[1:], 99])
    assert first == {ids[0]: passages[ids[0]]}
    assert sorted(one.name for one in documents) == ["a v1.md", "a v2.md"]
    assert set(documents) == {one.document for one in passages.values()}


async def test_a_document_that_another_one_names_is_known_beside_it(side: Side) -> None:
    await side.library.save(replace(a_document("old.md", "red apple"), superseded_by="x/new.md"))
    await side.library.save(a_document("x/new.md", "blue boat"))
    [(old, new)] = [[one.passage_id for one in await side.lanes.matching("apple boat", limit=2)]]
    shown = [one.name for one in (await side.lanes.with_documents([old], [new]))[1]]
    assert sorted(shown) == ["old.md", "x/new.md"]


async def test_passages_that_have_gone_are_left_out(side: Side) -> None:
    await side.add("a.md", "apple")
    known = [one.passage_id for one in await side.lanes.matching("apple", limit=1)]
    assert list(await side.lanes.passages([999_999, *known])) == known


async def test_words_are_counted_by_stem_over_all_passages(side: Side) -> None:
    await side.add("a.md", "rotation of keys\nrotate them\nsomething else\nand more")
    found = await side.vocabulary.document_frequencies(["rotating", "key", "absent"])
    assert found == DocumentFrequencies({"rotating": 0.5, "key": 0.25, "absent": 0.0}, 4)


@pytest.mark.parametrize(
    "query", ["", "   ", "?!", '"', "NEAR(", "a:b", "*", "^", "-", "\0", "\ud800"]
)
async def test_any_text_is_a_valid_query(side: Side, query: str) -> None:
    await side.add("a.md", "apple")
    assert await side.matching(query) == []


async def test_each_category_is_told_once_whatever_its_case(side: Side) -> None:
    assert list(await side.lanes.categories()) == []
    for name, category in (("a.md", "runbooks"), ("b.md", "Policies"), ("c.md", " policies")):
        await side.add(name, "text", category=category)
    found = await side.lanes.categories()
    assert [one.strip().lower() for one in found] == ["policies", "runbooks"]


async def test_passages_without_vectors_are_counted_after_each_write(side: Side) -> None:
    assert await side.missing() == (0, 0)
    await side.add("a.md", "apple\npear")
    assert await side.missing() == (0, 2)
    await side.library.save(a_document("b.md", "plum"))
    assert await side.missing() == (1, 3)
    (waiting,) = await side.library.waiting()
    (lacking,) = await side.library.claim(waiting.document_id, "one", limit=9, seconds=60)
    made = await EMBEDDER.embed_passages(["plum"])
    await side.library.add_vectors({lacking.passage_id: made[0]})
    assert await side.missing() == (0, 3)
