"""What capabilities need of each other and of the world, named after the need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from use_cases.kernel.model import Caller, Rows, Scalar, SearchResult, Table

if TYPE_CHECKING:
    # Only named: adapters implement these ports and should not pay 1.5 seconds for importing this.
    from pydantic_ai import ModelResponse
    from pydantic_ai.models import Model


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
        self,
        query: str,
        *,
        category: str | None = None,
        limit: int | None = None,
        document: str | None = None,
    ) -> SearchResult:
        """The best passages for any text whatsoever, best first; never an error for its syntax.

        `category` keeps only documents of that category; `document` only this one (its id or name),
        of which more passages are given, also those that do not match; `limit` defaults to the
        policy's. Raises `CategoryUnknown`.
        """
        ...

    async def require_category(self, category: str | None) -> None:
        """Raise `CategoryUnknown` unless a document is in this category; None and blank mean all."""
        ...


class Vocabulary(Protocol):
    """How common words are in the knowledge base."""

    async def document_frequencies(self, words: Sequence[str]) -> Mapping[str, float]:
        """For each given word the share (0 to 1) of passages that hold it, by its stem."""
        ...


class StructuredData(Protocol):
    """Ask the loaded tables, read-only.

    What one caller asks does not hold up another: see `for_caller`.
    """

    def for_caller(self, caller: Caller) -> "StructuredData":
        """The same tables, asked on this caller's behalf; without it, on the server's own."""
        ...

    async def tables(self) -> Sequence[Table]:
        """The loaded tables, by name. Waits for no query."""
        ...

    async def query(self, sql: str, parameters: Mapping[str, Scalar] | None = None) -> Rows:
        """Run one read-only statement; `parameters` are the values of its `:names`.

        A name without a value is NULL. Raises `QueryRefused` (a rule forbids it), `QueryFailed` (SQL
        error), `QueryTooExpensive` (deadline or size) or `TooManyQueries` (the caller's others must
        end first), each with a sentence a model can act on.
        """
        ...


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model ready to run. `name` is recorded; `metered` is false where token counts mean nothing."""

    name: str
    model: "Model"
    metered: bool = True
    candidates: "tuple[ResolvedModel, ...]" = ()
    """The models of a chain, in the order in which they are asked; empty for a single model."""

    def answering(self, response: "ModelResponse | None") -> "ResolvedModel":
        """Which of a chain gave this response (the run's last): its name is the one to record.

        Itself when it is no chain, or when there was no response.
        """
        if response is None or not self.candidates:
            return self
        failed = len(response.failed_attempts or ())
        return self.candidates[min(failed, len(self.candidates) - 1)]


class Models(Protocol):
    """Models by name."""

    def resolve(self, name: str | None = None) -> ResolvedModel:
        """The named model (`openai:gpt-4.1-mini`, `gpt-4.1-mini`, `offline:extractive`), or the default.

        Raises `ModelUnknown` for a name it cannot place, `ModelNotAllowed` for one that requests may
        not name, and `ModelNotConfigured` when a key is missing.
        """
        ...
