"""The comparison of two versions of a document, heading by heading.

What only one of the two versions says is quoted: what was said, what is said now, what is new and what is
gone. A sentence that moved is no difference.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.models.offline.question import ParsedQuestion, cue
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
    named = sum(len(cue(name).findall(text)) for name in ("names a version", "old or new"))
    changed, compares = cue("asks for changes").search(text), cue("compares").search(text)
    return bool(changed or (compares and named > 1))


def subject(text: str) -> str:
    """Returns the search text: the question without the words that ask for a comparison."""
    words = cue("names a version").sub(" ", text).split()
    return " ".join(word for word in words if set(content(word)) - _COMPARING) or text


def choose_pair(question: str, entries: Sequence[PassageEntry]) -> Pair | None:
    """Chooses the two versions: those that the question names, else the newest and the one before.

    The document is the one whose title, name and found passages hold most words of the question. None
    when no document was found in two versions, or none contains the words.
    """
    both = [one for e in entries for one in (e.passage.document, e.hit.replaced_by) if one]
    known = {one.version_id: one for one in both}
    families: dict[int, list[DocumentRef]] = {}
    for version_id, newest in outdated(known.values()).items():
        families.setdefault(newest.version_id, [newest]).append(known[version_id])
    asked = set(content(question)) - _COMPARING

    def fit(family: Sequence[DocumentRef]) -> int:
        named = content(" ".join(f"{one.title} {one.name}" for one in family))
        read = [e.passage.reading_text for e in entries if e.passage.document in family]
        return len(asked) * len(asked & set(named)) + len(asked & set(content(" ".join(read))))

    versions = sorted(max(families.values(), key=fit, default=()), key=standing)
    if not versions or (asked and not fit(versions)):
        return None
    names = cue("names a version").findall(question)
    meant = [one for one in versions if any(_is_called(one, name) for name in names)]
    newest = meant[-1] if len(meant) > 1 else versions[-1]
    return Pair(meant[0] if meant and meant[0] != newest else versions[-2], newest)


def compare(
    pair: Pair, old: Sequence[PassageEntry], new: Sequence[PassageEntry], question: ParsedQuestion
) -> str:
    """Returns what differs, each quotation with its number, in the order of the newer version.

    Of a question about one point, only what holds most of its words, with the headings above it.
    """
    names = [
        f"the version of {one.updated.isoformat()} ({escape_markers(one.name.rsplit('/', 1)[-1])})"
        for one in (pair.old, pair.new)
    ]
    about = set(question.words) - _COMPARING - {word for word in question.words if is_number(word)}
    about -= {*content(" ".join((pair.old.title, pair.old.name, pair.new.title, pair.new.name)))}
    versions = [{unit.place: unit for unit in candidates(entries)} for entries in (old, new)]
    said = [{_says(unit) for unit in units.values()} for units in versions]
    changed = [
        (which, unit, len(about & set(content(f"{' '.join(unit.path)} {unit.text}"))))
        for which in (1, 0)
        for _, unit in sorted(versions[which].items())
        if _says(unit) not in said[1 - which]
    ]
    most = max((held for *_, held in changed), default=0)
    found: dict[str, tuple[list[QuotableUnit], list[QuotableUnit]]] = {}
    for which, unit, held in changed:
        if 2 * held > most or not most:
            heading = quote_title(unit.path[-1] if unit.path else unit.document.title)
            found.setdefault(heading, ([], []))[which].append(unit)
    title = quote_title(pair.new.title)
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


def _is_called(document: DocumentRef, name: str) -> bool:
    numbers = tuple(int(n) for n in re.findall(r"\d+", name))
    return numbers in (version_number(document.name)[: len(numbers)], (document.updated.year,))


def _says(unit: QuotableUnit) -> tuple[str, ...]:
    return tuple(content(strip_markup(unit.text, addresses=False)))
