"""The numbering of sources within one turn: given by the server, stable, never by the model.

Each distinct reading (and each query result) gets the next number when it is first retrieved;
retrieved again, it keeps it. Only what is in the ledger can be cited.
"""

from collections.abc import Mapping

from use_cases.kernel.model import Hit, Rows
from use_cases.kernel.sources import PassageEntry, RowsEntry


class SourceLedger:
    """What was retrieved in this turn, by number (from 1)."""

    def __init__(self) -> None:
        self._entries: dict[int, PassageEntry | RowsEntry] = {}
        self._readings: dict[tuple[int, int, int], int] = {}

    @property
    def entries(self) -> Mapping[int, PassageEntry | RowsEntry]:
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
