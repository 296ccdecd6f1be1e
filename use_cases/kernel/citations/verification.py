"""The verification of citations: the characters of a source that best support the citing sentence.

`support` is the share of the clause's content words (stems, figures counted three times) in the
quoted characters; `15%` and `15 %` are one figure. It is a lexical measure: a faithful paraphrase may
score low and is then marked weak, as a warning to the reader; a false figure always lowers it. Text
that gives orders to an assistant is never quoted: a sentence that rests on it alone is weak.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

from use_cases.kernel.citations.sources import (
    CitationPolicy,
    Entry,
    PageEntry,
    PassageEntry,
    Quote,
    Source,
    SourceKind,
)
from use_cases.kernel.model import DateOrigin, DocumentRef, Span
from use_cases.kernel.text.prompt_injection import orders
from use_cases.kernel.text.secrets import SecretFilter
from use_cases.kernel.text.sentences import Unit, UnitKind, units
from use_cases.kernel.text.words import content, is_number

_MARKER = re.compile(r"\[(\d{1,4})\]")
_INLINE_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LONGEST_QUOTE = 600
_FIGURE_WEIGHT = 3.0

Window: TypeAlias = tuple[Span, frozenset[str]]
"""A part of a text with its content words."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A citation: the sentence that cites a source, and the clause before the marker."""

    number: int
    sentence: Span
    clause: str


def sources(answer: str, entries: Mapping[int, Entry], policy: CitationPolicy) -> Sequence[Source]:
    """Return the cited sources of an answer, by number, with the quotes for its sentences."""
    quotes: dict[int, list[Quote]] = {}
    for citation in find_citations(answer):
        if (entry := entries.get(citation.number)) is not None:
            quotes.setdefault(citation.number, []).append(_quote(citation, entry, policy))
    return [
        _source(entries[number], tuple(_unique(found))) for number, found in sorted(quotes.items())
    ]


def remove_secrets(found: Sequence[Source], secrets: SecretFilter) -> Sequence[Source]:
    """Remove secrets from quotes and titles, which are text of documents."""
    clean = secrets.clean
    return [
        replace(
            source,
            document=replace(source.document, title=clean(source.document.title)),
            section=clean(source.section),
            quotes=tuple(replace(q, text=clean(q.text)) for q in source.quotes),
        )
        for source in found
    ]


def find_citations(answer: str) -> Iterator[Citation]:
    """Yield every citation of an answer; a marker after a full stop belongs to that sentence."""
    previous: Unit | None = None
    for unit in units(answer):
        if unit.kind is UnitKind.CODE:
            previous = unit
            continue
        text = _INLINE_CODE.sub(_blank, unit.span.cut(answer))
        begin = 0
        for run in re.finditer(r"(?:\s*\[\d{1,4}\])+", text):
            before = text[begin : run.start()].strip(" \t\n.,;:-*_")
            clause, sentence = before, unit.span
            if begin == 0 and not before and previous is not None:
                clause, sentence = previous.span.cut(answer), previous.span
            elif len(content(before)) < 2:
                clause = text
            for marker in _MARKER.finditer(run.group()):
                yield Citation(int(marker[1]), sentence, _MARKER.sub(" ", clause))
            begin = run.end()
        previous = unit


def find_injected_citations(
    answer: str, entries: Mapping[int, Entry], policy: CitationPolicy
) -> Sequence[int]:
    """Return the cited numbers whose only good support is text that gives orders to an assistant."""
    found: set[int] = set()
    for citation in find_citations(answer):
        if (entry := entries.get(citation.number)) is None:
            continue
        quotable, ordering = _windows(_text(entry))
        _, support = _best(citation.clause, quotable)
        _, held_back = _best(citation.clause, ordering)
        if support < policy.weak_below <= held_back:
            found.add(citation.number)
    return sorted(found)


def best_quote(clause: str, text: str) -> tuple[Span, float]:
    """Return the span of `text` (one unit or two) that best covers the clause, with its share.

    The span is empty where all of the text gives orders to an assistant.
    """
    return _best(clause, _windows(text)[0])


def _best(clause: str, windows: Sequence[Window]) -> tuple[Span, float]:
    wanted = {word: _weight(word) for word in _content_words(clause)}
    total = sum(wanted.values()) or 1.0
    best, best_key = Span(0, 0), (-1.0, 0)
    for span, words in windows:
        held = wanted.keys() & words
        support = sum(wanted[word] for word in held) / total
        key = (round(support, 6), span.start - span.end)
        if key > best_key:
            best, best_key = span, key
    return best, max(best_key[0], 0.0)


def _blank(code: re.Match[str]) -> str:
    """Blank the brackets of inline code, in equal length, because `a[1]` is no citation."""
    return code.group().translate({ord("["): " ", ord("]"): " "})


@lru_cache(maxsize=64)  # a long answer cites the same few readings a thousand times
def _windows(text: str) -> tuple[Sequence[Window], Sequence[Window]]:
    """Return the quotable parts of a text and those that give orders, with their content words."""
    found = [unit.span for unit in units(text)]
    pairs = [Span(one.start, two.end) for one, two in pairwise(found)]
    found += [pair for pair in pairs if pair.end - pair.start <= _LONGEST_QUOTE]
    banned = list(orders(text))
    quotable: list[Window] = []
    ordering: list[Window] = []
    for span in found:
        gives = any(span.start < order.end and order.start < span.end for order in banned)
        (ordering if gives else quotable).append((span, _content_words(span.cut(text))))
    return quotable, ordering


def _content_words(text: str) -> frozenset[str]:
    return frozenset(word.rstrip("%") for word in content(text))


def _weight(word: str) -> float:
    return _FIGURE_WEIGHT if is_number(word) else 1.0


def _quote(citation: Citation, entry: Entry, policy: CitationPolicy) -> Quote:
    text = _text(entry)
    span, support = best_quote(citation.clause, text)
    stored: Span | None = None
    if isinstance(entry, PassageEntry):
        offset = entry.passage.reading.start
        stored = Span(span.start + offset, span.end + offset)
    return Quote(
        sentence=citation.sentence,
        span=stored,
        text=span.cut(text),
        support=round(support, 3),
        weak=support < policy.weak_below,
    )


def _text(entry: Entry) -> str:
    return entry.passage.reading_text if isinstance(entry, PassageEntry) else entry.text


def _unique(quotes: Sequence[Quote]) -> Sequence[Quote]:
    return list({(q.sentence, q.text): q for q in quotes}.values())


def _source(entry: Entry, quotes: tuple[Quote, ...]) -> Source:
    if isinstance(entry, PageEntry):
        page = DocumentRef(
            document_id=entry.url,
            version_id=0,
            name=entry.url,
            title=entry.title,
            category="web",
            updated=entry.seen,
            date_origin=DateOrigin.FETCHED,
        )
        return Source(entry.number, SourceKind.WEB, page, section="", page=None, quotes=quotes)
    if isinstance(entry, PassageEntry):
        passage = entry.passage
        return Source(
            number=entry.number,
            kind=SourceKind.PASSAGE,
            document=passage.document,
            section=passage.section,
            page=passage.page,
            quotes=quotes,
        )
    return Source(
        number=entry.number,
        kind=SourceKind.QUERY,
        document=entry.rows.tables[0].document,
        section=", ".join(table.title for table in entry.rows.tables),
        page=None,
        quotes=quotes,
        sql=entry.rows.sql,
    )
