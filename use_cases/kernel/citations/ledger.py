"""The numbering of sources within one turn, by the server, never by the model.

Promises: each distinct reading (and page, and each query result) gets the next number when it is
first retrieved, and keeps it; lookups that run at once number in the order in which they were called;
only entries of the ledger can be cited.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import asynccontextmanager
from datetime import date
from typing import TypeVar

from use_cases.kernel.citations.sources import Entry, PageEntry, PassageEntry, RowsEntry
from use_cases.kernel.model import Hit, Rows

Found = TypeVar("Found")


class SourceLedger:
    """The retrieved sources of this turn, by number (from 1)."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._readings: dict[tuple[str, int, int, int], int] = {}
        self._pages: dict[tuple[str, str], PageEntry] = {}
        self._looking: list[asyncio.Event] = []

    @asynccontextmanager
    async def in_order(self, lookup: Awaitable[Found]) -> AsyncGenerator[Found]:
        """Give what a lookup found once all that began before it have numbered theirs, or failed.

        A model's calls of one response begin in their order, and end in any.
        """
        earlier, over = tuple(self._looking), asyncio.Event()
        self._looking.append(over)
        try:
            found = await lookup
            for one in earlier:
                await one.wait()
            yield found
        finally:
            self._looking.remove(over)
            over.set()

    @property
    def entries(self) -> Mapping[int, Entry]:
        """All entries by number."""
        return self._entries

    def knows(self, number: int) -> bool:
        """Return whether the ledger has an entry of this number."""
        return number in self._entries

    def add_hit(self, hit: Hit) -> PassageEntry:
        """Return the entry of this passage's reading, with a new number for a new one."""
        passage = hit.passage
        document = passage.document
        name = document.document_id if document.said else ""  # a message has no versions
        key = (name, document.version_id, passage.reading.start, passage.reading.end)
        number = self._readings.setdefault(key, len(self._entries) + 1)
        entry = self._entries.setdefault(number, PassageEntry(number, passage, hit))
        assert isinstance(entry, PassageEntry)  # noqa: S101  (readings only ever name passages)
        return entry

    def add_rows(self, rows: Rows, text: str) -> RowsEntry:
        """Add a new entry for a query's rows and return it."""
        entry = RowsEntry(len(self._entries) + 1, rows, text)
        self._entries[entry.number] = entry
        return entry

    def add_page(self, url: str, title: str, text: str, seen: date) -> PageEntry:
        """Return the entry of this text of a page, with a new number for a new one."""
        entry = self._pages.get((url, text))
        if entry is None:
            entry = PageEntry(len(self._entries) + 1, url, title, text, seen)
            self._pages[url, text] = self._entries[entry.number] = entry
        return entry
