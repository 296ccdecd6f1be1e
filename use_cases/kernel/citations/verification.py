"""The verification of citations: the characters of a source that best support the citing sentence.

`support` is the share of the clause's content words (stems, figures counted three times) in the
quoted characters; `15%` and `15 %` are one figure. It is a lexical measure: a faithful paraphrase may
score low and is then marked weak, as a warning to the reader; a false figure always lowers it. A
citation of a source that has no word and no figure of its sentence supports nothing and is dropped;
what no words can decide (a few words, another language) stays, and is weak. Text that gives orders to an assistant is never quoted: a sentence that rests on it alone is weak.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import TypeAlias

from use_cases.kernel.citations.sources import (
    CitationPolicy,
    Entry,
    PageEntry,
    PassageEntry,
    Quote,
    RowsEntry,
    Source,
    SourceKind,
)
from use_cases.kernel.model import SEPARATOR, DateOrigin, DocumentRef, Passage, Span
from use_cases.kernel.text.headings import placed_units
from use_cases.kernel.text.prompt_injection import orders
from use_cases.kernel.text.secrets import SecretFilter
from use_cases.kernel.text.words import (
    FUNCTION_WORDS,
    Unit,
    UnitKind,
    content,
    is_number,
    units,
    words,
)

_MARKER = re.compile(r"\[(\d{1,4})\]")
_NAMED_SOURCE = re.compile(r"(?P<named>.{1,400}?) \((?P<date>\d{4}-\d\d-\d\d)\):\s+", re.DOTALL)
"""A source named before what it says: `Title (date):`, as both sides of a conflict are given."""

_INLINE_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LONGEST_QUOTE = 600
_FIGURE_WEIGHT = 3.0
_ENOUGH_WORDS = 3
"""The fewest content words that say by themselves what a sentence is about; fewer are read with the question."""

_ENGLISH = 0.15
"""The least share of English function words in an English text of `_ENOUGH_TO_TELL` words or more."""
_ENOUGH_TO_TELL = 5

_SPELT = {
    content(word)[0]: str(number)
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve".split(),  # noqa: SIM905
        start=2,
    )
}
"""The figures that sentences spell out, by their stems."""

Window: TypeAlias = tuple[Span, frozenset[str]]
"""A part of a text with its content words."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A citation: the sentence that cites a source, the clause before the marker, and the marker."""

    number: int
    sentence: Span
    clause: str
    marker: Span


def sources(answer: str, entries: Mapping[int, Entry], policy: CitationPolicy) -> Sequence[Source]:
    """Returns the cited sources of an answer, by number, with the quotes for its sentences."""
    quotes: dict[int, list[Quote]] = {}
    for citation in find_citations(answer):
        if (entry := entries.get(citation.number)) is not None:
            quotes.setdefault(citation.number, []).append(_quote(citation, entry, policy))
    return [
        _source(entries[number], tuple(_unique(found))) for number, found in sorted(quotes.items())
    ]


def remove_secrets(found: Sequence[Source], secrets: SecretFilter) -> Sequence[Source]:
    """Removes secrets from quotes and titles, which are text of documents."""
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
    """Yields every citation of an answer; a marker after a full stop belongs to that sentence."""
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
            start = unit.span.start + run.start()
            for marker in _MARKER.finditer(run.group()):
                place = Span(start + marker.start(), start + marker.end())
                yield Citation(int(marker[1]), sentence, _MARKER.sub(" ", clause), place)
            begin = run.end()
        previous = unit


def drop_unsupported(answer: str, entries: Mapping[int, Entry], question: str) -> str:
    """Returns an answer without the markers of citations that support nothing."""
    kept, end = "", 0
    for citation in find_citations(answer):
        entry, marker = entries.get(citation.number), citation.marker
        if entry is None or _may_support(entry, _claim(citation, entry), question):
            continue
        kept, end = kept + answer[end : marker.start], marker.end
        if not answer.startswith("[", end):
            kept = kept.rstrip(" \t")
    return kept + answer[end:]


def find_unsourced(answer: str) -> tuple[Sequence[Span], int]:
    """Returns the statements of an answer that cite nothing, and how many it makes.

    A question, a heading, a line that introduces others and a remark in brackets state nothing; the
    lines of code that follow each other are one statement.
    """
    cited = {citation.sentence for citation in find_citations(answer)}
    stated: list[tuple[Span, bool]] = []
    before: UnitKind | None = None
    for unit in units(answer):
        follows = before is unit.kind is UnitKind.CODE
        before = unit.kind
        if not _states(unit, answer):
            continue
        is_cited = unit.span in cited
        if follows:
            is_cited = stated.pop()[1] or is_cited
        stated.append((unit.span, is_cited))
    return [span for span, is_cited in stated if not is_cited], len(stated)


def _states(unit: Unit, answer: str) -> bool:
    text = _MARKER.sub(" ", unit.span.cut(answer)).strip(" \t*_>-")
    if unit.kind is UnitKind.CODE:
        return True
    if unit.kind is UnitKind.HEADING or text.endswith((":", "?", "？")):
        return False
    in_brackets = text.startswith("(") and text.rstrip(".").endswith(")")
    return not in_brackets and any(character.isalnum() for character in text)


def find_injected_citations(
    answer: str, entries: Mapping[int, Entry], policy: CitationPolicy
) -> Sequence[int]:
    """Returns the cited numbers whose only good support is text that gives orders to an assistant."""
    found: set[int] = set()
    for citation in find_citations(answer):
        if (entry := entries.get(citation.number)) is None:
            continue
        text = _text(entry)
        quotable, ordering = _windows(text)
        claim = _claim(citation, entry)
        _, support = _best(claim, quotable, text)
        _, held_back = _best(claim, ordering, text)
        if support < policy.weak_below <= held_back:
            found.add(citation.number)
    return sorted(found)


def best_quote(clause: str, text: str) -> tuple[Span, float]:
    """Returns the span of `text` (one unit or two) that best covers the clause, with its share.

    The span is empty where all of the text gives orders to an assistant.
    """
    return _best(clause, _windows(text)[0], text)


def _best(clause: str, windows: Sequence[Window], text: str) -> tuple[Span, float]:
    wanted = {word: _weight(word) for word in _content_words(clause)}
    total, same = sum(wanted.values()) or 1.0, list(words(clause))
    best, best_key = Span(0, 0), (-1.0, False, 0)
    for span, said in windows:
        held = wanted.keys() & said
        support = round(sum(wanted[word] for word in held) / total, 6)
        # A heading may hold the same words as the sentence that is quoted, and is shorter.
        is_same = 0 < support >= best_key[0] and list(words(span.cut(text))) == same
        key = (support, is_same, span.start - span.end)
        if key > best_key:
            best, best_key = span, key
    return best, max(best_key[0], 0.0)


def _claim(citation: Citation, entry: Entry) -> str:
    """Returns the clause without the name of its source in front, which is no part of what it says."""
    named = _NAMED_SOURCE.match(citation.clause)
    if named is None or not isinstance(entry, PassageEntry):
        return citation.clause
    document = entry.passage.document
    title = content(document.title)
    ends_so = content(named["named"])[-len(title) :] == title
    if not ends_so or named["date"] != document.updated.isoformat():
        return citation.clause
    return citation.clause[named.end() :]


def _may_support(entry: Entry, clause: str, question: str) -> bool:
    """Returns whether a source has a word of a clause, or words cannot tell; its orders count, too.

    The meaning of a query's rows is also in the query: `| n |` counts what it asks for.
    """
    wanted = _content_words(clause)
    if len(wanted) < _ENOUGH_WORDS:
        wanted |= _content_words(question) if wanted else frozenset()
    text = _text(entry)
    held = text if not isinstance(entry, RowsEntry) else f"{text} {entry.rows.sql}"
    if not wanted or wanted & _content_words(held):
        return True
    prose = "" if isinstance(entry, RowsEntry) else text
    return _is_foreign(clause) != _is_foreign(prose)


def _is_foreign(text: str) -> bool:
    """Returns whether a text is long enough to tell its language, and not English."""
    found = [word.casefold() for word in words(text)]
    known = sum(word in FUNCTION_WORDS for word in found)
    return len(found) >= _ENOUGH_TO_TELL and known < _ENGLISH * len(found)


def _blank(code: re.Match[str]) -> str:
    """Blank the brackets of inline code, in equal length, because `a[1]` is no citation."""
    return code.group().translate({ord("["): " ", ord("]"): " "})


@lru_cache(maxsize=64)  # a long answer cites the same few readings a thousand times
def _windows(text: str) -> tuple[Sequence[Window], Sequence[Window]]:
    """Returns the quotable parts of a text and those that give orders, with their content words."""
    each = list(units(text))
    found = [unit.span for unit in each]
    pairs = [Span(one.start, two.end) for one, two in pairwise(found)]
    found += [pair for pair in pairs if pair.end - pair.start <= _LONGEST_QUOTE]
    banned = list(orders(text))
    columns = _columns(each, text)
    quotable: list[Window] = []
    ordering: list[Window] = []
    for span in found:
        gives = any(span.start < order.end and order.start < span.end for order in banned)
        said = _content_words(span.cut(text)) | columns.get(span, frozenset())
        (ordering if gives else quotable).append((span, said))
    return quotable, ordering


def _columns(each: Sequence[Unit], text: str) -> Mapping[Span, frozenset[str]]:
    """Returns the words of the names of each row's columns, which a row is read with."""
    found: dict[Span, frozenset[str]] = {}
    names = frozenset[str]()
    for unit in each:
        if unit.kind is UnitKind.ROW:
            found[unit.span] = names
        else:
            names = _content_words(unit.span.cut(text)) if unit.kind is UnitKind.HEADING else names
    return found


@lru_cache(maxsize=256)  # a clause is weighed against each source, then against each of its quotes
def _content_words(text: str) -> frozenset[str]:
    stems = (word.rstrip("%") for word in content(text))
    return frozenset(_SPELT.get(word, word) for word in stems)


def _weight(word: str) -> float:
    return _FIGURE_WEIGHT if is_number(word) else 1.0


def _quote(citation: Citation, entry: Entry, policy: CitationPolicy) -> Quote:
    text = _text(entry)
    span, support = best_quote(_claim(citation, entry), text)
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


def _section(passage: Passage, quotes: Iterable[Quote]) -> str:
    """Returns the headings above all quotes: the passage's, or where a quote stands beside it, those of its place."""
    paths = [_headings(passage, quote.span) for quote in quotes if quote.span is not None]
    common = takewhile(lambda names: len(set(names)) == 1, zip(*paths, strict=False))
    return SEPARATOR.join(names[0] for names in common)


def _headings(passage: Passage, place: Span) -> Sequence[str]:
    if passage.span.start <= place.start < passage.span.end:
        return passage.headings
    start = place.start - passage.reading.start
    placed = (one.path for one in placed_units(passage) if one.unit.span.end > start)
    return next(placed, passage.headings)


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
            kind=SourceKind.PASSAGE if passage.document.said is None else SourceKind.MESSAGE,
            document=passage.document,
            section=_section(passage, quotes),
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


_YEAR = r"((?:19[89]|20\d)\d)"
_QUARTER = r"(?:q([1-4])|(first|second|third|fourth|last) quarter)"
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?)"
)
_LINK = r"(?:[\s,'’/-]|\bof\b|\bin\b|\bthe\b)*"
_ASKED = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"\b{_QUARTER}{_LINK}{_YEAR}\b",
        rf"\b{_YEAR}{_LINK}{_QUARTER}\b",
        rf"\b{_MONTH}\s+(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?(?:of\s+)?{_YEAR}\b",
        rf"\b(?:in|for|of|during|year|fy|season|by)\s+(?:the\s+)?(?:(?:fiscal|financial|calendar)\s+)?(?:year\s+)?{_YEAR}\b",
    )
)
_NOT_ASKED = re.compile(
    rf"\b(?:since|until|before|after|version|policy|iso)\s+(?:\w+\s+){{0,2}}{_YEAR}\b", re.I
)
_NAMED = re.compile(rf"(?<![\d.,]){_YEAR}(?:\s?[-/–]\s?(\d\d(?:\d\d)?)(?!\d))?(?![\d,]\d)")
_BEGINS = re.compile(
    rf"\b(?:since|from|as of|as at|effective|after|before|until|updated|reviewed|approved|founded)\b\W*(?:\w+\W+){{0,3}}?{_YEAR}\b",
    re.I,
)
_QUARTER_NAMED = re.compile(rf"\bq([1-4]){_LINK}{_YEAR}\b|\b{_YEAR}{_LINK}q([1-4])\b", re.I)
_ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "last": "4"}
_MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class _QuestionTime:
    year: int
    quarter: str | None
    label: str


def other_time(question: str, texts: Iterable[str], updated: Iterable[date] = ()) -> str | None:
    """Returns a sentence on the time that a question names and these texts lack.

    None where they have it, or where the question or the texts name no time. For a question about a
    quarter, texts without a year count as of the years in which they were last `updated`, because
    they cannot know a later quarter.
    """
    asked = _question_time(question)
    if asked is None:
        return None
    known = list(texts)
    years = {year for text in known for year in _years(text)}
    if asked.year in years:
        return _other_quarter(asked, known)
    named = years - {year for text in known for year in _beginnings(text)}
    if not years and asked.quarter:
        named = {day.year for day in updated}
        named = set[int]() if max(named, default=asked.year) >= asked.year else named
    return _sentence(asked, [str(year) for year in sorted(named, reverse=True)]) if named else None


def names_time(question: str, text: str) -> bool:
    """Returns whether a text names the exact time of a question."""
    asked = _question_time(question)
    if asked is None or asked.year not in _years(text):
        return False
    return _other_quarter(asked, [text]) is None


def _other_quarter(asked: _QuestionTime, texts: Iterable[str]) -> str | None:
    """Returns the sentence for a quarter: the texts name others, and not this one."""
    named = {
        f"Q{match[1] or match[4]} {match[2] or match[3]}"
        for text in texts
        for match in _QUARTER_NAMED.finditer(text)
    }
    if asked.quarter is None or not named or f"Q{asked.quarter} {asked.year}" in named:
        return None
    return _sentence(asked, sorted(named, key=lambda each: each[::-1], reverse=True))


def _sentence(asked: _QuestionTime, named: list[str]) -> str:
    shown = ", ".join(named[:_MOST_NAMED]) + (" and others" if len(named) > _MOST_NAMED else "")
    return f"The question is about {asked.label}, and what was found is of {shown}."


def _question_time(question: str) -> _QuestionTime | None:
    """Returns the latest time that a question names with its year."""
    plain = _NOT_ASKED.sub(" ", question)
    found: list[_QuestionTime] = []
    for pattern in _ASKED:
        for match in pattern.finditer(plain):
            groups = [group for group in match.groups() if group]
            year = next(int(group) for group in groups if group.isdigit() and len(group) == 4)
            quarter = next(
                (group.lower() for group in groups if not group.startswith(str(year))), None
            )
            number = _ORDINALS.get(quarter, quarter) if quarter else None
            label = f"Q{number} {year}" if number else str(year)
            found.append(_QuestionTime(year, number, label))
    return max(found, key=lambda asked: (asked.year, asked.quarter or ""), default=None)


def _years(text: str) -> Iterable[int]:
    for match in _NAMED.finditer(text):
        year = int(match[1])
        yield year
        # "2025/26" and "2025-2027" name the years between, too.
        if match[2]:
            last = int(match[2]) if len(match[2]) == 4 else year - year % 100 + int(match[2])
            yield from range(year + 1, min(last, year + 10) + 1)


def _beginnings(text: str) -> Iterable[int]:
    return (int(match[1]) for match in _BEGINS.finditer(text))
