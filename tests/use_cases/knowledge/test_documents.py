import pytest

from tests.use_cases.knowledge.bench import Bench
from use_cases.knowledge.documents import ListDocuments, RemoveDocument, ShowDocument
from use_cases.knowledge.errors import DocumentNotFound

pytestmark = pytest.mark.anyio

THREE = {"a.md": "# One", "policies/b.md": "# Two", "c.md": "# Three"}


async def test_documents_are_listed_by_name_in_pages() -> None:
    bench = Bench.of(THREE)
    await bench.ingest()
    listing = ListDocuments(library=bench.library)
    assert [found.ref.name for found in await listing.run()] == ["a.md", "c.md", "policies/b.md"]
    assert [found.ref.name for found in await listing.run(limit=1, offset=1)] == ["c.md"]


async def test_documents_of_one_category_are_listed() -> None:
    bench = Bench.of(THREE)
    await bench.ingest()
    found = await ListDocuments(library=bench.library).run(category="policies")
    assert [one.ref.name for one in found] == ["policies/b.md"]


async def test_a_document_is_shown_with_its_current_text() -> None:
    bench = Bench.of(THREE)
    await bench.ingest()
    shown = await ShowDocument(library=bench.library).run("a.md")
    assert shown.document.ref.title == "One"
    assert shown.text == "# One"
    assert shown.version_id == shown.document.ref.version_id


async def test_an_older_version_is_shown_as_it_was_quoted() -> None:
    bench = Bench.of(THREE)
    await bench.ingest()
    first = bench.stored("a.md").ref
    bench.write("a.md", "# Another")
    await bench.ingest()
    show = ShowDocument(library=bench.library)
    assert (await show.run(first.document_id, version_id=first.version_id)).text == "# One"
    assert (await show.run(first.document_id)).text == "# Another"


async def test_a_removed_document_is_gone() -> None:
    bench = Bench.of(THREE)
    await bench.ingest()
    removed = await RemoveDocument(library=bench.library).run("a.md")
    assert removed.ref.title == "One"
    assert bench.names() == {"c.md", "policies/b.md"}
    with pytest.raises(DocumentNotFound):
        await ShowDocument(library=bench.library).run("a.md")


async def test_what_does_not_exist_cannot_be_removed() -> None:
    with pytest.raises(DocumentNotFound):
        await RemoveDocument(library=Bench.of({}).library).run("a.md")
