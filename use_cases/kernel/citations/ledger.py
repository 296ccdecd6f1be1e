"""The numbering of sources within one turn: given by the server, stable, never by the model.

Each distinct reading (and page, and each query result) gets the next number when it is first retrieved;
retrieved again, it keeps it. Only what is in the ledger can be cited.
"""

from collections.abc import Mapping
from datetime import date

from use_cases.kernel.citations.sources import Entry, PageEntry, PassageEntry, RowsEntry
from use_cases.kernel.model import Hit, Rows


class SourceLedger:
    """What was retrieved in this turn, by number (from 1)."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._readings: dict[tuple[int, int, int], int] = {}
        self._pages: dict[tuple[str, str], PageEntry] = {}

    @property
    def entries(self) -> Mapping[int, Entry]:
        """All entries by number."""
        return self._entries

    def knows(self, number: int) -> bool:
        """Whether something was retrieved under this number."""
        return number in self._entries

    def add_hit(self, hit: Hit) -> PassageEntry:
        """The entry of this passage's reading, numbered anew if it was not there."""
        passage = hit.passage
        key = (passage.document.version_id, passage.reading.start, passage.reading.end)
        number = self._readings.setdefault(key, len(self._entries) + 1)
        entry = self._entries.setdefault(number, PassageEntry(number, passage, hit))
        assert isinstance(entry, PassageEntry)  # noqa: S101  (readings only ever name passages)
        return entry

    def add_rows(self, rows: Rows, text: str) -> RowsEntry:
        """A new entry for a query's rows."""
        entry = RowsEntry(len(self._entries) + 1, rows, text)
        self._entries[entry.number] = entry
        return entry

    def add_page(self, url: str, title: str, text: str, seen: date) -> PageEntry:
        """The entry of what was found of a page, numbered anew if just that was not there."""
        entry = self._pages.get((url, text))
        if entry is None:
            entry = PageEntry(len(self._entries) + 1, url, title, text, seen)
            self._pages[url, text] = self._entries[entry.number] = entry
        return entry
