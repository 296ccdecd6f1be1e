"""Parts of a document: by place, by section, and where the rest begins."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.backend.http.conftest import blank
from tests.fakes.candor import quick_candor
from use_cases.kernel.errors import InvalidInput
from use_cases.knowledge.errors import DocumentNotFound
from use_cases.knowledge.read_document import ReadDocument

pytestmark = pytest.mark.anyio

LONG = " ".join(
    f"Word {number} of a section that is long enough to stand alone." for number in range(40)
)
TEXT = f"# Boats\n\n{LONG}\n\n## Sails\n\n{LONG}\n\n### Red sails\n\n{LONG}\n\n## Oars\n\n{LONG}\n"


@pytest.fixture
async def reading(tmp_path: Path) -> AsyncIterator[ReadDocument]:
    async with quick_candor(blank(tmp_path)) as candor:
        await candor.knowledge.upload.run("boats.md", TEXT.encode(), owner="anna")
        yield candor.knowledge.read_document


async def test_a_long_text_comes_in_parts_that_make_the_whole(reading: ReadDocument) -> None:
    parts, start = list[str](), 0
    while True:
        part = await reading.run("boats.md", start=start, most=1000)
        assert part.span.start == start
        parts.append(part.text)
        if part.next_start is None:
            break
        start = part.next_start
    assert "".join(parts) == TEXT
    assert part.characters == len(TEXT)


async def test_a_section_has_those_below_it_and_ends_before_the_next(reading: ReadDocument) -> None:
    sails = await reading.run("boats.md", section="sails", most=100_000)
    assert sails.text.startswith("## Sails\n")
    assert "### Red sails" in sails.text
    assert "Oars" not in sails.text
    by_path = await reading.run("boats.md", section="Sails › Red sails", most=100_000)
    assert by_path.text.startswith("### Red sails\n")
    first = await reading.run("boats.md", section="Sails", most=50)
    assert first.next_start == first.span.end
    rest = await reading.run("boats.md", section="Sails", start=first.span.end, most=100_000)
    assert first.text + rest.text == sails.text


async def test_a_span_is_cut_and_beyond_the_end_is_nothing(reading: ReadDocument) -> None:
    assert (await reading.run("boats.md", start=2, end=7, most=100)).text == "Boats"
    beyond = await reading.run("boats.md", start=10**9, most=100)
    assert (beyond.text, beyond.next_start) == ("", None)


async def test_what_is_not_there_is_said(reading: ReadDocument) -> None:
    with pytest.raises(DocumentNotFound, match="Its sections: Sails; Sails › Red sails; Oars"):
        await reading.run("boats.md", section="Anchors", most=100)
    with pytest.raises(DocumentNotFound):
        await reading.run("../boats.md", most=100)
    version = (await reading.run("boats.md", most=1)).version_id
    with pytest.raises(InvalidInput, match="current version"):
        await reading.run("boats.md", section="Sails", version_id=version + 1, most=100)
