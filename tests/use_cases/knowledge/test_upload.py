from datetime import date

import pytest

from tests.fakes.embedder import WordEmbedder
from tests.use_cases.knowledge.bench import Bench
from use_cases.kernel.errors import InvalidInput, UpstreamFailed
from use_cases.kernel.model import DateOrigin
from use_cases.knowledge.errors import EmbedderUnavailable, SourceBroken, SourceEmpty
from use_cases.knowledge.model import Change

pytestmark = pytest.mark.anyio


async def test_an_upload_is_stored_with_its_bytes_and_todays_date() -> None:
    bench = Bench.of({})
    uploaded = await bench.upload().run("Leave 2026.md", b"# Leave\n\nTwenty days.")
    assert uploaded.change is Change.ADDED
    assert uploaded.notice is None
    assert uploaded.document.uri == "upload:///Leave%202026.md"
    ref = uploaded.document.ref
    assert (ref.name, ref.title, ref.category) == ("Leave 2026.md", "Leave", "general")
    assert (ref.updated, ref.date_origin) == (date(2026, 3, 14), DateOrigin.UPLOAD)
    assert await bench.library.original(ref.document_id) == b"# Leave\n\nTwenty days."
    assert len(bench.stored("Leave 2026.md").vectors) == 1


async def test_the_same_upload_again_changes_nothing() -> None:
    bench = Bench.of({})
    first = await bench.upload().run("a.md", b"One.")
    bench.clock.move(86_400)
    second = await bench.upload().run("a.md", b"One.")
    assert second.change is Change.UNCHANGED
    assert second.document == first.document


async def test_another_content_under_the_same_name_replaces_it() -> None:
    bench = Bench.of({})
    await bench.upload().run("a.md", b"One.")
    uploaded = await bench.upload().run("a.md", b"Two.", category="runbooks")
    assert uploaded.change is Change.CHANGED
    assert uploaded.document.ref.category == "runbooks"
    assert uploaded.document.versions == 2


@pytest.mark.parametrize(
    ("given", "stored"),
    [("C:\\docs\\a.md", "a.md"), ("../../etc/a.md", "a.md"), ("/a.md", "a.md")],
)
async def test_folders_before_the_name_are_dropped(given: str, stored: str) -> None:
    uploaded = await Bench.of({}).upload().run(given, b"One.")
    assert uploaded.document.ref.name == stored


@pytest.mark.parametrize("name", ["", "/", "..", "\\"])
async def test_a_name_is_needed(name: str) -> None:
    with pytest.raises(InvalidInput):
        await Bench.of({}).upload().run(name, b"One.")


async def test_an_empty_upload_is_refused() -> None:
    with pytest.raises(SourceEmpty):
        await Bench.of({}).upload().run("a.md", b"")


async def test_a_broken_upload_is_refused_and_leaves_nothing() -> None:
    bench = Bench.of({})
    with pytest.raises(SourceBroken):
        await bench.upload().run("a.pdf", b"%PDF- cut")
    assert bench.names() == set()


async def test_without_an_embedder_it_is_stored_for_full_text_and_that_is_said() -> None:
    bench = Bench.of({})
    bench.embedder = None
    uploaded = await bench.upload().run("a.md", b"One.")
    assert uploaded.notice is not None
    assert "full text only" in uploaded.notice
    assert (await bench.upload().run("a.md", b"One.")).change is Change.UNCHANGED


async def test_an_embedder_that_has_gone_leaves_it_to_full_text() -> None:
    bench = Bench.of({})
    bench.embedder = gone = WordEmbedder()
    gone.trouble = EmbedderUnavailable("No weights.")
    uploaded = await bench.upload().run("a.md", b"One.")
    assert (
        uploaded.notice == "No weights; search finds it by full text only, until it is reindexed."
    )


async def test_a_providers_failure_is_raised_and_leaves_nothing() -> None:
    bench = Bench.of({})
    bench.embedder = failing = WordEmbedder()
    failing.trouble = UpstreamFailed("The provider answered 500.")
    with pytest.raises(UpstreamFailed):
        await bench.upload().run("a.md", b"One.")
    assert bench.names() == set()
