"""The comparison of two versions of a document, heading by heading.

What only one of the two versions says is quoted: what was said, what is said now, what is new and what is
gone. A sentence that moved is no difference.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.models.offline.question import ParsedQuestion
from services.models.offline.quotation import (
    QuotableUnit,
    candidates,
    escape_markers,
    quote,
    quote_title,
    strip_markup,
)
from use_cases.kernel.citations.sources import PassageEntry
from use_cases.kernel.model import DocumentRef, outdated, standing, version_number
from use_cases.kernel.text.words import content, is_number

MOST_CHANGES = 30
"""The most sentences and rows that are quoted; the answer states how many more there are."""

_VERSION = r"\b(?:v(?:ersion|er)?[-_. ]?\d+(?:\.\d+)*|rev(?:ision)?[-_. ]?\d+|(?:19|20)\d\d)\b"
_OLD_AND_NEW = (
    r"\b(?:old|older|previous|earlier|former|last|prior|new|newer|newest|current|latest|present)\b"
)
_CHANGED = re.compile(
    r"\bwhat(?:'s|’s| is| are| has| have| was| were)?(?: been)? (?:all )?(?:(?:really|actually|else) )?"
    r"(?:changed|new|different|revised|updated|amended)\b(?= *(?:$|[?.,;:]|in\b|about\b|between\b|since\b|with\b|for\b|"
    r"from\b|to\b|as\b|compared\b|here\b|there\b|now\b))|"
    r"\bwhat changes\b(?= (?:were|was|are|have|has|did|came|come)\b)|"
    r"\bwhat (?:are|were) the (?:\w+ )?(?:changes|differences|updates|amendments|revisions)\b|"
    r"\bwhich (?:\w+ )?(?:changes|rules changed|points changed|parts changed)\b|"
    r"\bhow (?:has|have|did) .{1,80}\bchanged?\b|"
    r"^(?:has|have|did|was|were) .{1,80}\bchanged?\b(?: (?:since|between|from|in|with)\b|\W*$)|"
    r"\b(?:summari[sz]e|list|show|tell|give)\b.{0,20}\b(?:changes|differences)\b",
    re.IGNORECASE,
)
"""A question about changes, with or without the names of the versions."""

_COMPARES = re.compile(
    r"\b(?:differ|differs|differences?|different|compare[sd]?|comparison|changes?|changed)\b",
    re.IGNORECASE,
)
"""A comparison only with names of versions: "the difference between A and B" can mean anything."""

_NAMED = re.compile(_VERSION, re.IGNORECASE)
_EITHER = re.compile(f"{_VERSION}|{_OLD_AND_NEW}", re.IGNORECASE)
_COMPARING = frozenset(
    content(
        "change changed changes new newer newest old older previous earlier former prior last current latest "
        "present different difference differ compare comparison compared version versions update updated "
        "updates revised revision amended amendment rules rule policy document list summarize show really actually"
    )
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions of one document."""

    old: DocumentRef
    new: DocumentRef


def asks_for_differences(text: str) -> bool:
    """Returns whether a question is about changes between versions."""
    if _CHANGED.search(text):
        return True
    return bool(_COMPARES.search(text)) and len(_EITHER.findall(text)) > 1


def subject(text: str) -> str:
    """Returns the search text: the question without the words that ask for a comparison."""
    words = _NAMED.sub(" ", text).split()
    rest = [word for word in words if set(content(word)) - _COMPARING]
    return " ".join(rest) if rest else text


def choose_pair(question: str, entries: Sequence[PassageEntry]) -> Pair | None:
    """Chooses the two versions: those that the question names, else the newest and the one before.

    The document is the one whose title and name share most words with the question, then whose
    found passages do. None when no document was found in two versions, or none contains the words.
    """
    found = {e.passage.document.version_id: e.passage.document for e in entries}
    known = found | {
        newer.version_id: newer for e in entries if (newer := e.hit.replaced_by) is not None
    }
    groups: dict[int, list[DocumentRef]] = {}
    for version_id, newest in outdated(known.values()).items():
        groups.setdefault(newest.version_id, [newest]).append(known[version_id])
    if not groups:
        return None
    asked = set(content(question)) - _COMPARING

    def fit(number: int) -> tuple[int, int]:
        group = {one.version_id for one in groups[number]}
        named = " ".join(f"{known[one].title} {known[one].name}" for one in group)
        read = " ".join(
            entry.passage.reading_text
            for entry in entries
            if entry.passage.document.version_id in group
        )
        return len(asked & set(content(named))), len(asked & set(content(read)))

    best = max(groups, key=fit)
    if asked and not any(fit(best)):
        return None
    versions = sorted(groups[best], key=standing)
    return _choose_versions(versions, [m.group().lower() for m in _NAMED.finditer(question)])


def compare(
    pair: Pair, old: Sequence[PassageEntry], new: Sequence[PassageEntry], question: ParsedQuestion
) -> str:
    """Returns what differs, each quotation with its number.

    Of a question about one point, only what its words stand in most, with the headings above it.
    """
    title, names = quote_title(pair.new.title), (_name_version(pair.old), _name_version(pair.new))
    found = differences(old, new, _topic(question, pair))
    if not found:
        return f"“{title}”: {names[1]} says nothing else than {names[0]}."
    lines: list[str] = []
    for heading, (gone, come) in found.items():
        lines.append(f"- {heading}")
        labels = ("was", "now") if gone and come else ("gone", "new")
        for label, units in zip(labels, (gone, come), strict=True):
            lines += [
                f"   - {label}: {quote(unit, question)} [{unit.entry.number}]" for unit in units
            ]
    parts = [f"“{title}”: {names[1]} compared with {names[0]}.", "\n".join(lines[:MOST_CHANGES])]
    if len(lines) > MOST_CHANGES:
        more = len(lines) - MOST_CHANGES
        parts.append(f"(And {more} more lines; ask about one point to see them.)")
    return "\n\n".join(parts)


Changes = Mapping[str, tuple[Sequence[QuotableUnit], Sequence[QuotableUnit]]]
"""By heading what only the older, and what only the newer version says."""


def differences(
    old: Sequence[PassageEntry], new: Sequence[PassageEntry], about: frozenset[str]
) -> Changes:
    """Returns the differences in the order of the newer version, then of the older alone.

    Where some hold words that it is `about`, those alone that hold most of them.
    """
    units = [_units(old), _units(new)]
    said = [{_says(unit) for unit in each} for each in units]
    found: dict[str, tuple[list[QuotableUnit], list[QuotableUnit]]] = {}
    for which in (1, 0):
        for unit in units[which]:
            if _says(unit) not in said[1 - which]:
                place = quote_title(unit.path[-1] if unit.path else unit.document.title)
                found.setdefault(place, ([], []))[which].append(unit)

    def held(place: str, unit: QuotableUnit) -> int:
        return len(about & set(content(f"{place} {' '.join(unit.path)} {unit.text}")))

    most = max((held(p, u) for p, both in found.items() for each in both for u in each), default=0)
    if not most:
        return found
    chosen = {
        place: tuple([unit for unit in each if 2 * held(place, unit) > most] for each in both)
        for place, both in found.items()
    }
    return {place: (gone, come) for place, (gone, come) in chosen.items() if gone or come}


def _topic(question: ParsedQuestion, pair: Pair) -> frozenset[str]:
    """Returns the words of the question that name neither versions nor the document."""
    named = content(f"{pair.old.title} {pair.new.title} {pair.old.name} {pair.new.name}")
    versions = {word for word in question.words if is_number(word) or re.fullmatch(r"v\d.*", word)}
    return frozenset(question.words) - _COMPARING - set(named) - versions


def _choose_versions(versions: Sequence[DocumentRef], named: Sequence[str]) -> Pair:
    """Chooses two of the versions, which come oldest first."""
    meant = [one for one in versions if any(_is_called(one, name) for name in named)]
    if len(meant) > 1:
        return Pair(meant[0], meant[-1])
    newest = versions[-1]
    if meant and meant[0] != newest:
        return Pair(meant[0], newest)
    return Pair(versions[-2], newest)


def _is_called(document: DocumentRef, name: str) -> bool:
    numbers = tuple(int(n) for n in re.findall(r"\d+", name))
    given = version_number(document.name)
    if not name[0].isdigit() or given:
        return given[: len(numbers)] == numbers or numbers == (document.updated.year,)
    return numbers == (document.updated.year,)


def _units(entries: Sequence[PassageEntry]) -> list[QuotableUnit]:
    places = {unit.place: unit for unit in candidates(entries)}
    return [places[place] for place in sorted(places)]


def _says(unit: QuotableUnit) -> tuple[str, ...]:
    return tuple(content(strip_markup(unit.text, addresses=False)))


def _name_version(document: DocumentRef) -> str:
    return f"the version of {document.updated.isoformat()} ({escape_markers(document.name.rsplit('/', 1)[-1])})"
