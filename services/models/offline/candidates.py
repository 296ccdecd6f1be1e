"""The sentences an offline answer could quote, each with the context it stands in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.models.offline.orders import orders
from use_cases.kernel.model import Span
from use_cases.kernel.sentences import UnitKind, units
from use_cases.kernel.sources import PassageEntry

_SHORTEST = 3
"""A unit of fewer letters and digits says nothing by itself."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One quotable unit of a retrieved reading.

    `span` is its place in the reading; `heading` the nearest heading above it; `before` the unit
    in front of it, which often names what this one says more of; `rank` the rank (from 0) of the
    passage among those retrieved; `legend` what a table's columns mean, for its rows.
    """

    entry: PassageEntry
    rank: int
    span: Span
    text: str
    kind: UnitKind
    item: bool
    heading: str
    before: str
    legend: str = ""

    @property
    def context(self) -> str:
        """Document and section, then the unit: what is compared with the question by meaning."""
        return f"{self.entry.passage.document.title}. {self.heading}. {plain(self.text)}"


def candidates(
    entries: Sequence[PassageEntry], legends: Mapping[str, str] | None = None
) -> list[Candidate]:
    """All quotable units of the entries' readings, in order of rank and place.

    What gives orders to an assistant is not quotable.

    `legends` tells what the columns of a loaded table mean, by its document's id.
    """
    known = legends or {}
    return [
        candidate
        for rank, entry in enumerate(entries)
        for candidate in _of(entry, rank, known.get(entry.passage.document.document_id, ""))
    ]


def plain(text: str) -> str:
    """A unit on one line."""
    return re.sub(r"\s+", " ", text).strip()


def _of(entry: PassageEntry, rank: int, legend: str) -> Iterator[Candidate]:
    passage = entry.passage
    heading = passage.section.rsplit(" › ", 1)[-1]
    before = ""
    ordered = tuple(orders(passage.reading_text))
    for unit in units(passage.reading_text):
        text = unit.span.cut(passage.reading_text)
        if unit.kind is UnitKind.HEADING:
            heading = text.strip("# \t")
        elif _says_something(text) and not any(
            one.start <= unit.span.start < one.end for one in ordered
        ):
            yield Candidate(
                entry, rank, unit.span, text, unit.kind, unit.item, heading, before, legend
            )
        before = text


def _says_something(text: str) -> bool:
    return sum(c.isalnum() for c in text) >= _SHORTEST
