import asyncio
from collections.abc import AsyncGenerator

import pytest

from use_cases.knowledge.indexing import Tally, prefetch
from use_cases.knowledge.model import Change, FileOutcome

pytestmark = pytest.mark.anyio


class Numbers:
    """Counts up to `end`, noting what was made and whether it was closed; then fails if told to."""

    def __init__(self, end: int, *, fails: bool = False) -> None:
        self.end = end
        self.fails = fails
        self.made: list[int] = []
        self.closed = False

    async def stream(self) -> AsyncGenerator[int, None]:
        try:
            for number in range(1, self.end + 1):
                self.made.append(number)
                yield number
            if self.fails:
                raise LookupError("no more")
        finally:
            self.closed = True


async def test_one_ahead_gives_the_same_items() -> None:
    assert [item async for item in prefetch(Numbers(4).stream())] == [1, 2, 3, 4]


async def test_the_next_item_is_made_while_this_one_is_used() -> None:
    numbers = Numbers(4)
    ahead = prefetch(numbers.stream())
    assert await anext(ahead) == 1
    await asyncio.sleep(0)
    assert numbers.made == [1, 2]
    await ahead.aclose()


async def test_closing_it_ends_the_source() -> None:
    numbers = Numbers(4)
    ahead = prefetch(numbers.stream())
    await anext(ahead)
    await ahead.aclose()
    assert numbers.closed
    assert 3 not in numbers.made


async def test_an_error_comes_after_the_items_before_it() -> None:
    seen: list[int] = []

    async def use() -> None:
        async for item in prefetch(Numbers(2, fails=True).stream()):
            seen.append(item)  # noqa: PERF401 - what came before the error is the point

    with pytest.raises(LookupError):
        await use()
    assert seen == [1, 2]


def test_a_report_counts_every_change_and_keeps_the_failures_and_what_was_skipped() -> None:
    tally = Tally()
    bad = FileOutcome("b.pdf", Change.FAILED, code="source_broken", reason="Damaged.", hint="Mend.")
    image = FileOutcome("c.png", Change.SKIPPED, code="source_binary", reason="An image.")
    assert tally.progress(FileOutcome("a.md", Change.ADDED, passages=3), 2).done == 1
    assert tally.progress(bad, 2).done == 2
    assert tally.progress(image, 3).done == 3
    report = tally.report(["Something.", None], 1.5)
    assert report.counts == {
        Change.ADDED: 1,
        Change.CHANGED: 0,
        Change.UNCHANGED: 0,
        Change.REMOVED: 0,
        Change.SKIPPED: 1,
        Change.FAILED: 1,
    }
    assert report.passages == 3
    assert report.failures == (bad,)
    assert report.skipped == (image,)
    assert report.notices == ("Something.",)
    assert report.seconds == 1.5
