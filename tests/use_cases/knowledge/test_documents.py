import pytest

from tests.use_cases.knowledge.bench import ROOT, Bench
from use_cases.kernel.errors import CandorError, InvalidInput
from use_cases.kernel.model import CategoryUnknown
from use_cases.knowledge.errors import DocumentNotFound
from use_cases.knowledge.manage_documents import (
    ManageDocuments,
    Selection,
)

pytestmark = pytest.mark.anyio

THREE = {"a.md": "# One", "policies/b.md": "# Two", "c.md": "# Three"}


@pytest.fixture
async def bench() -> Bench:
    bench = Bench.of(THREE)
    await bench.ingest()
    return bench


async def test_documents_are_listed_by_name_in_pages(bench: Bench) -> None:
    listing = managed(bench)
    assert [found.ref.name for found in await listing.list()] == ["a.md", "c.md", "policies/b.md"]
    assert [found.ref.name for found in await listing.list(limit=1, offset=1)] == ["c.md"]


async def test_documents_of_one_category_are_listed(bench: Bench) -> None:
    found = await managed(bench).list(category="policies")
    assert [one.ref.name for one in found] == ["policies/b.md"]


async def test_a_document_is_shown_with_its_current_text(bench: Bench) -> None:
    shown = await managed(bench).show("a.md")
    assert shown.document.ref.title == "One"
    assert shown.text == "# One"
    assert shown.version_id == shown.document.ref.version_id


async def test_an_older_version_is_shown_as_it_was_quoted(bench: Bench) -> None:
    first = bench.stored("a.md").ref
    bench.write("a.md", "# Another")
    await bench.ingest()
    show = managed(bench).show
    assert (await show(first.document_id, version_id=first.version_id)).text == "# One"
    assert (await show(first.document_id)).text == "# Another"


async def test_a_removed_document_is_gone(bench: Bench) -> None:
    assert await removed(bench, Selection(names=["a.md"])) == ["a.md"]
    assert bench.names() == {"c.md", "policies/b.md"}
    with pytest.raises(DocumentNotFound):
        await managed(bench).show("a.md")


async def test_what_does_not_exist_cannot_be_removed() -> None:
    with pytest.raises(DocumentNotFound):
        await removed(Bench.of({}), Selection(names=["a.md"]))


async def test_one_wrong_name_among_many_removes_nothing(bench: Bench) -> None:
    with pytest.raises(DocumentNotFound):
        await removed(bench, Selection(names=["a.md", "nothing.md", "c.md"]))
    assert bench.names() == set(THREE)


async def test_a_document_named_twice_is_removed_once(bench: Bench) -> None:
    both = ["a.md", bench.stored("a.md").ref.document_id]
    assert await removed(bench, Selection(names=both)) == ["a.md"]


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        (Selection(folder=ROOT), ["a.md", "c.md", "policies/b.md"]),
        (Selection(folder=f"{ROOT}/policies"), ["policies/b.md"]),
        (Selection(folder=f"{ROOT}/policies/"), ["policies/b.md"]),
        (Selection(folder=f"{ROOT}/c.md"), ["c.md"]),
        (Selection(category="Policies "), ["policies/b.md"]),
        (Selection(folder=ROOT, category="general"), ["a.md", "c.md"]),
        (Selection(everything=True), ["a.md", "a.md", "c.md", "policies/b.md"]),
    ],
)
async def test_a_selection_removes_what_fits_it_and_nothing_else(
    selection: Selection, names: list[str]
) -> None:
    bench = Bench.of(THREE)
    bench.sources.content[f"{ROOT}-2/a.md"] = b"# Another"
    await bench.ingest()
    await bench.ingest(f"{ROOT}-2")
    assert await removed(bench, selection) == names
    assert len(bench.library.stored) == 4 - len(names)


async def test_a_folder_that_has_gone_can_be_removed(bench: Bench) -> None:
    bench.sources.content.clear()
    assert len(await removed(bench, Selection(folder=ROOT))) == 3


@pytest.mark.parametrize(
    ("selection", "error"),
    [
        (Selection(), InvalidInput),
        (Selection(names=["a.md"], everything=True), InvalidInput),
        (Selection(names=["a.md"], category="policies"), InvalidInput),
        (Selection(folder=ROOT, everything=True), InvalidInput),
        (Selection(folder=""), InvalidInput),
        (Selection(category=""), CategoryUnknown),
        (Selection(category="recipes"), CategoryUnknown),
        (Selection(folder="/data/docs/pol"), DocumentNotFound),
        (Selection(folder=f"{ROOT}/policies", category="general"), DocumentNotFound),
    ],
)
async def test_a_selection_that_means_nothing_removes_nothing(
    bench: Bench, selection: Selection, error: type[CandorError]
) -> None:
    with pytest.raises(error):
        await removed(bench, selection)
    assert bench.names() == set(THREE)


async def test_all_of_nothing_is_nothing() -> None:
    assert await removed(Bench.of({}), Selection(everything=True)) == []


async def test_more_than_a_page_of_documents_is_removed() -> None:
    bench = Bench.of({f"{number:04}.md": "# One" for number in range(1001)})
    await bench.ingest()
    assert len(await removed(bench, Selection(everything=True))) == 1001
    assert bench.names() == set()


async def test_a_removal_that_was_stopped_is_finished_by_the_same_selection(bench: Bench) -> None:
    removing = managed(bench)
    stream = removing.remove(await removing.select(Selection(everything=True)))
    await anext(stream)
    await stream.aclose()
    assert bench.names() == {"c.md", "policies/b.md"}
    assert await removed(bench, Selection(everything=True)) == ["c.md", "policies/b.md"]


async def test_what_another_process_removed_first_is_gone_as_wanted(bench: Bench) -> None:
    removing = managed(bench)
    chosen = await removing.select(Selection(everything=True))
    await bench.library.remove(chosen[0].ref.document_id)
    assert len([one async for one in removing.remove(chosen)]) == 3
    assert bench.names() == set()


def managed(bench: Bench) -> ManageDocuments:
    return ManageDocuments(library=bench.library, sources=bench.sources)


async def removed(bench: Bench, selection: Selection) -> list[str]:
    """The names of what was removed."""
    removing = managed(bench)
    chosen = await removing.select(selection)
    return [one.ref.name async for one in removing.remove(chosen)]
