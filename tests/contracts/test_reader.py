"""What every reader promises, run against the one in memory and the real one."""

from collections.abc import AsyncIterator

import pytest

from services.documents.reader import DocumentReader
from tests.fakes.plain_reader import PlainReader
from use_cases.knowledge.chunking import cut
from use_cases.knowledge.errors import SourceBinary, SourceBroken, SourceEmpty
from use_cases.knowledge.model import BlockKind, ChunkPolicy
from use_cases.knowledge.ports import Reader

pytestmark = pytest.mark.anyio

LEAVE = b"# Leave\r\n\r\nEverybody has 28 days.\r\n\r\nUnused days lapse\r\nin March."


@pytest.fixture(params=["in memory", "real"])
async def reader(request: pytest.FixtureRequest) -> AsyncIterator[Reader]:
    if request.param == "in memory":
        yield PlainReader()
        return
    reader = DocumentReader(cut=cut)
    yield reader
    await reader.close()


async def test_blocks_are_in_order_and_cut_out_their_own_text(reader: Reader) -> None:
    document = await reader.parse("leave.md", LEAVE)
    assert [block.span.cut(document.text) for block in document.blocks] == [
        "# Leave",
        "Everybody has 28 days.",
        "Unused days lapse\nin March.",
    ]


async def test_a_heading_has_its_level_and_its_words_without_markup(reader: Reader) -> None:
    heading = (await reader.parse("leave.md", LEAVE)).blocks[0]
    assert (heading.kind, heading.level, heading.heading) == (BlockKind.HEADING, 1, "Leave")


async def test_a_document_that_is_cut_has_the_passages_of_the_chunker(reader: Reader) -> None:
    chunks = ChunkPolicy(passage_characters=30, reading_characters=60)
    whole = await reader.parse("leave.md", LEAVE)
    read = await reader.parse("leave.md", LEAVE, chunks=chunks)
    assert cut(whole, chunks) == (cut(read, chunks) if read.passages is None else read.passages)
    assert (read.text, read.stated) == (whole.text, whole.stated)


async def test_line_ends_are_stored_as_line_feeds(reader: Reader) -> None:
    assert "\r" not in (await reader.parse("leave.md", LEAVE)).text


async def test_the_first_top_heading_is_the_title(reader: Reader) -> None:
    assert (await reader.parse("leave.md", LEAVE)).stated.title == "Leave"


async def test_a_document_always_has_a_title(reader: Reader) -> None:
    assert (await reader.parse("leave.md", b"Everybody has 28 days.")).stated.title


@pytest.mark.parametrize("content", [b"", b" \n\t\r\n "], ids=["nothing", "white space"])
async def test_a_file_without_text_is_empty(reader: Reader, content: bytes) -> None:
    with pytest.raises(SourceEmpty):
        await reader.parse("leave.md", content)


async def test_zero_bytes_are_no_text(reader: Reader) -> None:
    with pytest.raises(SourceBinary):
        await reader.parse("leave.md", b"\x89PNG\x00\x00\x00\x01\xff\xfe\x03")


async def test_a_damaged_file_is_broken(reader: Reader) -> None:
    with pytest.raises(SourceBroken):
        await reader.parse("leave.pdf", b"%PDF-1.7 and then nothing")
