"""The comparison of two versions of a document.

Each difference is a pair of exact quotations, or a single one without a counterpart in the other
version. Units are counterparts when they share most of their words, figures aside; counterparts
with the same words are left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

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
from use_cases.kernel.text.words import UnitKind, content, is_number

MOST_CHANGES = 14
MOST_ALONE = 8
"""The most differences of each kind that are quoted; the answer states how many more there are."""

_ALIKE = 0.5
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


@dataclass(frozen=True, slots=True)
class Difference:
    """The old and the new unit; None where there is no counterpart."""

    old: QuotableUnit | None
    new: QuotableUnit | None

    @property
    def units(self) -> Sequence[QuotableUnit]:
        """The units that exist, the old one first."""
        return [unit for unit in (self.old, self.new) if unit is not None]

    def holds(self, words: frozenset[str]) -> int:
        """Returns how many of these words its text or its headings contain."""
        said = " ".join(f"{u.heading} {' '.join(u.path)} {u.text}" for u in self.units)
        return len(words & set(content(said)))


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


def topic(question: ParsedQuestion, pair: Pair) -> frozenset[str]:
    """Returns the words of the question that name neither versions nor the document."""
    named = content(f"{pair.old.title} {pair.new.title} {pair.old.name} {pair.new.name}")
    versions = {word for word in question.words if is_number(word) or re.fullmatch(r"v\d.*", word)}
    return frozenset(question.words) - _COMPARING - set(named) - versions


def differences(old: Sequence[PassageEntry], new: Sequence[PassageEntry]) -> Sequence[Difference]:
    """Returns the differences in the order of the newer version, then the units of the older alone."""
    before, now = _units(old), _units(new)
    counterparts = _match_units(before, now)
    taken = {id(unit) for unit in counterparts.values()}
    found = [Difference(counterparts.get(id(unit)), unit) for unit in now]
    found = [one for one in found if one.old is None or _says(one.old) != _says(one.new)]
    found += [Difference(unit, None) for unit in before if id(unit) not in taken]
    return found


def select_related(found: Sequence[Difference], about: frozenset[str]) -> Sequence[Difference]:
    """Returns the differences that contain most of these words; none where none contains any."""
    held = [one.holds(about) for one in found]
    most = max(held, default=0)
    return [one for one, words in zip(found, held, strict=True) if words and 2 * words > most]


def format_differences(pair: Pair, found: Sequence[Difference], question: ParsedQuestion) -> str:
    """Formats the differences as lists, each quotation with its number."""
    title = quote_title(pair.new.title)
    old, new = _name_version(pair.old), _name_version(pair.new)
    if not found:
        return f"“{title}”: {new} says nothing else than {old}."
    parts = [f"“{title}”: {new} compared with {old}."]
    changed = [(one.old, one.new) for one in found if one.old and one.new]
    if changed:
        parts.append("Changed:")
        parts.append("\n".join(_format_changed(changed[:MOST_CHANGES], question)))
    added = [one.new for one in found if one.new and not one.old]
    gone = [one.old for one in found if one.old and not one.new]
    for units, which in ((added, new), (gone, old)):
        if units:
            parts.append(f"Only in {which}:")
            parts.append("\n".join(_format_alone(units[:MOST_ALONE], question)))
    more = sum(
        max(0, len(units) - most)
        for units, most in ((changed, MOST_CHANGES), (added, MOST_ALONE), (gone, MOST_ALONE))
    )
    if more:
        parts.append(f"(And {more} more; ask about one point to see them.)")
    return "\n\n".join(parts)


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


def _match_units(
    before: Sequence[QuotableUnit], now: Sequence[QuotableUnit]
) -> Mapping[int, QuotableUnit]:
    """Maps each newer unit (by identity) to the most similar older one; each is used once."""
    scored = sorted(
        (
            (_likeness(old, new), -place, new, old)
            for place, new in enumerate(now)
            for old in before
        ),
        key=lambda one: one[:2],
        reverse=True,
    )
    found: dict[int, QuotableUnit] = {}
    taken: set[int] = set()
    for likeness, _, new, old in scored:
        if likeness >= _ALIKE and id(new) not in found and id(old) not in taken:
            found[id(new)] = old
            taken.add(id(old))
    return found


def _likeness(old: QuotableUnit, new: QuotableUnit) -> float:
    """Returns the share of common words, figures aside, from 0 to 1; more under one heading."""
    one, two = _words(old), _words(new)
    shared = len(one & two)
    if not shared or (old.kind is UnitKind.ROW) != (new.kind is UnitKind.ROW):
        return 0.0
    same_place = old.heading.casefold() == new.heading.casefold()
    return 0.8 * 2 * shared / (len(one) + len(two)) + 0.2 * same_place


def _words(unit: QuotableUnit) -> set[str]:
    words = content(_first_cell(unit) if unit.kind is UnitKind.ROW else unit.text)
    return {word for word in words if not is_number(word)} or set(words)


def _first_cell(unit: QuotableUnit) -> str:
    cells = [cell for cell in unit.text.split("|") if cell.strip()]
    return cells[0] if cells else unit.text


def _says(unit: QuotableUnit | None) -> list[str]:
    return content(strip_markup(unit.text, addresses=False)) if unit else []


def _format_changed(
    pairs: Sequence[tuple[QuotableUnit, QuotableUnit]], question: ParsedQuestion
) -> Iterator[str]:
    for heading, group in groupby(pairs, key=lambda pair: _place(pair[1])):
        yield f"- {heading}"
        for old, new in group:
            yield f"   - was: {_cite(old, question)}"
            yield f"   - now: {_cite(new, question)}"


def _format_alone(units: Sequence[QuotableUnit], question: ParsedQuestion) -> Iterator[str]:
    for heading, group in groupby(units, key=_place):
        yield f"- {heading}"
        for unit in group:
            yield f"   - {_cite(unit, question)}"


def _place(unit: QuotableUnit) -> str:
    return quote_title(unit.path[-1] if unit.path else unit.document.title)


def _cite(unit: QuotableUnit, question: ParsedQuestion) -> str:
    return f"{quote(unit, question)} [{unit.entry.number}]"


def _name_version(document: DocumentRef) -> str:
    return f"the version of {document.updated.isoformat()} ({escape_markers(document.name.rsplit('/', 1)[-1])})"
