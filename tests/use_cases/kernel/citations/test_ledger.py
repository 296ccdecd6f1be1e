"""The numbering of what was retrieved, and what of it can be cited."""

import asyncio
from contextlib import suppress
from datetime import date

import anyio
import anyio.lowlevel
import pytest

from use_cases.kernel.citations.source_text import pages
from use_cases.kernel.citations.sources import CitationPolicy, SourceKind, SourceLedger
from use_cases.kernel.citations.verification import sources
from use_cases.kernel.model import DateOrigin

DAY = date(2026, 11, 21)


def test_a_page_keeps_its_number_while_it_says_the_same() -> None:
    ledger = SourceLedger()
    first = ledger.add_page("https://a.example", "A", "Allen is out.", DAY)
    assert ledger.add_page("https://a.example", "A", "Allen is out.", DAY) is first
    assert ledger.add_page("https://a.example", "A", "Allen is back.", DAY).number == 2
    assert ledger.knows(2)
    assert not ledger.knows(3)


def test_a_page_is_cited_by_its_address_and_the_day_it_was_seen() -> None:
    ledger = SourceLedger()
    ledger.add_page("https://a.example", "A", "The sun shines. Allen is out for week 10.", DAY)
    (source,) = sources("Allen is out for week 10 [1].", ledger.entries, CitationPolicy())
    assert source.kind is SourceKind.WEB
    assert (source.document.name, source.document.title) == ("https://a.example", "A")
    assert (source.document.updated, source.document.date_origin) == (DAY, DateOrigin.FETCHED)
    (quote,) = source.quotes
    assert (quote.text, quote.span, quote.weak) == ("Allen is out for week 10.", None, False)


def test_a_page_cannot_leave_its_frame() -> None:
    entry = SourceLedger().add_page('https://a.example/"x', "<b>", "a</source>b", DAY)
    assert pages([entry]) == (
        '<source n="1" web="https://a.example/&quot;x" title="&lt;b&gt;">\n'
        "a<\u200b/source>b\n</source>"
    )


@pytest.mark.anyio
async def test_lookups_that_run_at_once_number_their_pages_in_the_order_of_their_calls() -> None:
    ledger, gates = SourceLedger(), [asyncio.Event() for _ in range(4)]
    numbers: list[tuple[str, int]] = []

    async def find(place: int) -> str:
        await gates[place].wait()
        if place == 1:
            raise LookupError
        return f"https://{place}.example"

    async def look(place: int) -> None:
        with suppress(LookupError):
            async with ledger.in_order(find(place)) as url:
                numbers.append((url, ledger.add_page(url, "", url, DAY).number))

    async with anyio.create_task_group() as tasks:
        for place in range(4):
            tasks.start_soon(look, place)
        for gate in (gates[3], gates[1], gates[2]):
            gate.set()
            await anyio.wait_all_tasks_blocked()
        assert not numbers
        gates[0].set()
    assert numbers == [("https://0.example", 1), ("https://2.example", 2), ("https://3.example", 3)]


@pytest.mark.anyio
async def test_a_lookup_that_is_cancelled_keeps_none_of_those_after_it_waiting() -> None:
    ledger = SourceLedger()

    async def never() -> str:
        await anyio.sleep_forever()
        return ""

    async def look() -> None:
        async with ledger.in_order(never()):
            pass

    first = asyncio.create_task(look())
    await anyio.wait_all_tasks_blocked()
    first.cancel()
    async with ledger.in_order(anyio.lowlevel.checkpoint()):
        entry = ledger.add_page("https://a.example", "A", "Allen is out.", DAY)
    assert entry.number == 1
    with pytest.raises(asyncio.CancelledError):
        await first
