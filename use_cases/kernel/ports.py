"""What capabilities need of each other and of the world, named after the need."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from use_cases.kernel.model import Rows, SearchResult, Table


class Clock(Protocol):
    """Time, so that tests can hold it."""

    def now(self) -> datetime:
        """The present moment, with its time zone (UTC)."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow, for measuring durations."""
        ...


class Ids(Protocol):
    """New identifiers."""

    def new(self, prefix: str) -> str:
        """A fresh unique id such as `ans_01J…`, sortable by time of creation."""
        ...


class Entropy(Protocol):
    """Chance that nobody can foresee."""

    def characters(self, count: int) -> str:
        """So many letters without accents and digits, each of the 62 equally likely."""
        ...


class Search(Protocol):
    """Find passages in the knowledge base."""

    async def search(
        self, query: str, *, category: str | None = None, limit: int | None = None
    ) -> SearchResult:
        """The best passages for any text whatsoever, best first; never an error for its syntax.

        `category` keeps only documents of that category; `limit` defaults to the policy's.
        """
        ...


class Vocabulary(Protocol):
    """How common words are in the knowledge base."""

    async def document_frequencies(self, words: Sequence[str]) -> Mapping[str, float]:
        """For each given word the share (0 to 1) of passages that hold it, by its stem."""
        ...


class StructuredData(Protocol):
    """Ask the loaded tables, read-only."""

    async def tables(self) -> Sequence[Table]:
        """The loaded tables, by name."""
        ...

    async def query(self, sql: str) -> Rows:
        """Run one read-only statement.

        Raises `QueryRefused` (a rule forbids it), `QueryFailed` (SQL error) or `QueryTooExpensive`
        (deadline or size), each with a sentence a model can act on.
        """
        ...
