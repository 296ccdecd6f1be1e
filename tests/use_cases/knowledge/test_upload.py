from datetime import date

import pytest

from tests.fakes.embedder import WordEmbedder
from tests.use_cases.knowledge.bench import Bench
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import DateOrigin
from use_cases.knowledge.errors import EmbedderUnavailable, SourceBroken, SourceEmpty
from use_cases.knowledge.model import Change, DocumentState

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


async def test_an_upload_waits_for_no_vector() -> None:
    bench = Bench.of({})
    bench.embedder = gone = WordEmbedder()
    gone.trouble = EmbedderUnavailable("No weights.")
    uploaded = await bench.upload().run("a.md", b"One.", owner="ann")
    assert uploaded.notice is None
    document = uploaded.document
    assert (document.vectors, document.waiting, document.passages) == (0, 1, 1)
    assert document.state is DocumentState.EMBEDDING
    assert gone.embedded == []
    assert [one.owner for one in await bench.library.waiting()] == ["ann"]


async def test_passages_of_noise_are_left_out_and_that_is_said() -> None:
    bench = Bench.of({})
    uploaded = await bench.upload().run("a.md", b"Words.\n\n" + b"`" * 2_000)
    assert uploaded.notice == (
        "Left out of the search, for they have no letter and no digit: 2 passages of a.md. Its text is"
        " stored whole."
    )
    assert uploaded.document.passages == 1
    only = await bench.upload().run("b.md", b"`" * 2_000)
    assert (only.document.passages, only.document.state) == (0, DocumentState.READY)
