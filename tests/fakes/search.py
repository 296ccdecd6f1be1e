"""In-memory `Search`, `StructuredData` and `Models`, for driving the real agent without an index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from pydantic_ai.models import Model

from use_cases.kernel.errors import QueryFailed
from use_cases.kernel.model import (
    Authority,
    Caller,
    DateOrigin,
    DocumentRef,
    Hit,
    Passage,
    Rows,
    Scalar,
    SearchResult,
    Span,
    Table,
    require_category,
)
from use_cases.kernel.ports import ResolvedModel


def passage(
    text: str,
    *,
    number: int = 1,
    name: str = "policies/security.md",
    section: str = "Passwords",
    updated: date = date(2026, 1, 15),
    authority: Authority = Authority.NORMAL,
    offset: int = 0,
) -> Passage:
    """A passage whose reading is the same text, `offset` characters into its document."""
    span = Span(offset, offset + len(text))
    document = DocumentRef(
        f"doc_{name}", number, name, name, "policies", updated, DateOrigin.STATED, authority
    )
    return Passage(number, document, section, None, span, text, span, text)


@dataclass
class FixedSearch:
    """Finds the same passages whatever is asked (of one document its own), and remembers what was."""

    passages: Sequence[Passage] = ()
    notices: Sequence[str] = ()
    categories: Sequence[str] | None = None
    """Those there are; None: every one that is asked for."""
    asked: list[tuple[str, str | None]] = field(default_factory=list[tuple[str, str | None]])

    async def search(
        self,
        query: str,
        *,
        category: str | None = None,
        limit: int | None = None,
        document: str | None = None,
    ) -> SearchResult:
        """All passages, best first."""
        await self.require_category(category)
        self.asked.append((query, category))
        kept = [p for p in self.passages if document in (None, p.document.document_id)]
        hits = [Hit(p, 1.0 / rank) for rank, p in enumerate(kept[:limit], 1)]
        return SearchResult(query, hits, self.notices)

    async def require_category(self, category: str | None) -> None:
        """As there are."""
        if category and self.categories is not None:
            require_category(category, self.categories)


@dataclass
class FixedTables:
    """Answers every query with the same rows; a query that is none fails."""

    known: Sequence[Table] = ()
    rows: Sequence[Sequence[str | int | float | None]] = ()
    columns: Sequence[str] = ()

    def for_caller(self, caller: Caller) -> Self:
        """The same for every caller."""
        return self

    async def tables(self) -> Sequence[Table]:
        """The tables it was given."""
        return self.known

    async def query(self, sql: str, parameters: Mapping[str, Scalar] | None = None) -> Rows:
        """The rows it was given."""
        if not sql.lower().startswith("select"):
            raise QueryFailed("That is no SELECT.")
        return Rows(sql, self.columns, self.rows, truncated=False, limit=200, tables=self.known)


@dataclass
class OneModel:
    """Resolves every name to one model."""

    model: Model
    metered: bool = True

    def resolve(self, name: str | None = None, *, trusted: bool = False) -> ResolvedModel:
        """That model under its own name."""
        return ResolvedModel(name or "test:scripted", self.model, metered=self.metered)
