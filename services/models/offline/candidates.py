"""The sentences that an offline answer can quote, each with its context."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.models.offline.question import ParsedQuestion
from use_cases.kernel.citations.sources import PassageEntry
from use_cases.kernel.model import DocumentRef, Passage, Span
from use_cases.kernel.text.prompt_injection import orders
from use_cases.kernel.text.words import Unit, UnitKind, content, units

_SHORTEST = 3
_LONGEST_HEADING = 60
_KIND = r"(?:document|page|policy|guide|handbook|runbook|procedure|version|text|draft|article|section|file|list|table)"
_ITSELF = re.compile(
    rf"(?:this|the)(?: {_KIND})? (?:is|was|remains|has been) (?:still |only |currently )*(?:an? |the )?(?:[\w-]+ )?"
    r"(?:draft|work in progress|stub|placeholder|obsolete|deprecated|superseded|outdated|archived|"
    r"under (?:review|construction|discussion)|for discussion|out of date)\b|"
    rf"(?:it|this(?: {_KIND})?|the {_KIND}) (?:has|have) (?:not |never |yet |only )*been (?:approved|reviewed|published|"
    r"signed off|finalised|finalized|updated|written)\b|"
    rf"(?:it|this(?: {_KIND})?|the {_KIND}) (?:replaces|supersedes|is (?:replaced|superseded) by)\b|"
    r"(?:version|revision|authors?|owner|status|updated|created|published|(?:last|next) (?:updated|reviewed?|changed|modified)|"
    r"effective(?: date| from)?|approved by|document (?:id|number|owner)|date)\s*:|last (?:updated|reviewed|modified) (?:on|by)\b|"
    r"(?:draft|confidential|for internal use(?: only)?|internal use only|work in progress|to ?do|tbd|(?:table of )?contents|"
    r"see also|back to top|edit this page|coming soon|under construction)\W*$|(?:©|copyright\b)",
    re.IGNORECASE,
)
"""Statements of a document about itself, not its subject: its status, its dates, its owner."""

_FACTS = re.compile(
    r"\b(?:updated|version|owner|authors?|status|reviewed)\s*:.*\b(?:updated|version|owner|authors?|status|reviewed)\s*:",
    re.IGNORECASE,
)
"""The metadata lines at the top of a text, read as one sentence."""

_LABEL = re.compile(
    r"\[(?:Document: .*|Code that .* ran|What .* printed|The chat's .*, from its source)\]"
)
"""A line that `use_cases/conversations/shown_text.py` writes above what a tool wrote: nobody said it."""

_OF_DOCUMENTS = frozenset(content("document page policy guide handbook runbook procedure"))


@dataclass(frozen=True, slots=True)
class QuotableUnit:
    """A quotable unit of a retrieved reading.

    `span` is its place in the reading; `heading` the nearest heading above it; `before` the unit
    in front of it, which often names the subject of this one; `rank` the rank (from 0) of the
    passage among those retrieved; `legend` what a table's columns mean, for its rows; `path` the
    headings it stands under, the document's title left out.
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
    path: tuple[str, ...] = ()

    @property
    def document(self) -> DocumentRef:
        """The document version that contains it."""
        return self.entry.passage.document

    @property
    def place(self) -> int:
        """Its start in the stored version."""
        return self.entry.passage.reading.start + self.span.start

    @property
    def extent(self) -> Span:
        """Its place in the stored version, with its end."""
        return Span(self.place, self.place + len(self.text))


def candidates(
    entries: Sequence[PassageEntry],
    legends: Mapping[str, str] | None = None,
    *,
    shortest: int = _SHORTEST,
) -> list[QuotableUnit]:
    """Return all quotable units of the entries' readings, in order of rank and place.

    Text that gives orders to an assistant is not quotable. A unit of fewer than `shortest` letters
    and digits has no meaning by itself. `legends` explains the columns of a loaded table, by its
    document's id.
    """
    known = legends or {}
    return [
        candidate
        for rank, entry in enumerate(entries)
        for candidate in _of(
            entry, rank, known.get(entry.passage.document.document_id, ""), shortest
        )
    ]


def plain(text: str) -> str:
    """Return a unit on one line."""
    return re.sub(r"\s+", " ", text).strip()


def _of(entry: PassageEntry, rank: int, legend: str, shortest: int) -> Iterator[QuotableUnit]:
    passage = entry.passage
    above = _Headings(passage)
    heading = above.path[-1] if above.path else passage.section
    before = ""
    ordered = tuple(orders(passage.reading_text))
    for unit in units(passage.reading_text):
        text = unit.span.cut(passage.reading_text)
        if passage.document.said and _LABEL.fullmatch(text):
            heading = text.strip("[]")
        elif above.takes(unit, text):
            heading = above.path[-1] if above.path else passage.document.title
        elif unit.kind is UnitKind.HEADING:
            heading = text.strip("# \t")  # of a table
        elif sum(c.isalnum() for c in text) >= shortest and not any(
            one.start <= unit.span.start < one.end for one in ordered
        ):
            yield QuotableUnit(
                entry,
                rank,
                unit.span,
                text,
                unit.kind,
                unit.item,
                heading,
                before,
                legend,
                tuple(above.path),
            )
        before = text


class _Headings:
    """The headings above a place in a reading, which may begin in the middle of a document."""

    def __init__(self, passage: Passage) -> None:
        self._known = passage.section.split(" › ") if passage.section else []
        # A chat has its first question for a title, which is no heading of it.
        self._title = "" if passage.document.said else _strip_number(passage.document.title)
        self._levels = list(range(2, 2 + len(self._known)))  # as under a title of level 1
        self._has_begun = False
        self.path = list(self._known)

    def takes(self, unit: Unit, text: str) -> bool:
        """Return whether a unit is a heading; if so, it becomes the heading of the units after it."""
        level = len(text) - len(text.lstrip("#"))
        name = plain(text.strip("# \t"))
        if unit.kind is UnitKind.HEADING and level:
            known = [_strip_number(one) for one in self._known]
            if _strip_number(name) in known and not self._has_begun:
                # The first of its reading: those above it are named by the passage alone.
                self.path = self._known[: known.index(_strip_number(name))]
                self._levels = [-1] * len(self.path)
            while self._levels and self._levels[-1] >= level:
                self.path.pop()
                self._levels.pop()
        elif not self._is_unmarked(unit, text):
            return False
        else:
            level = 1
            self.path, self._levels = [], []
        self._has_begun = True
        if _strip_number(name) != self._title or self.path:
            self.path.append(name)
            self._levels.append(level)
        else:
            self.path, self._levels = [], []
        return True

    def _is_unmarked(self, unit: Unit, text: str) -> bool:
        """Return whether the unit is a heading in a text without marks for headings."""
        if unit.kind is not UnitKind.SENTENCE:
            return False
        named = {self._title, *(_strip_number(one) for one in self._known)}
        capitals = text.isupper() and len(text) <= _LONGEST_HEADING and text[-1] not in ".!?:;,"
        return _strip_number(text) in named or capitals


def about_itself(unit: QuotableUnit, question: ParsedQuestion) -> bool:
    """Return whether a unit only describes its document while the question is about something else.

    "This is a draft." answers a question about drafts, and no other.
    """
    text = plain(unit.text).lstrip("*_>#- ")
    if unit.kind is not UnitKind.SENTENCE or not (_ITSELF.match(text) or _FACTS.search(text)):
        return False
    said = set(content(text)) - _OF_DOCUMENTS
    return not said & set(question.words)


def _strip_number(title: str) -> str:
    """Return a heading without its number: `units` takes `6. ACCIDENTS` for a list item."""
    return plain(re.sub(r"^[\d.)\s]+", "", title)).casefold()
