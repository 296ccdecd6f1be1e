"""What is quoted from one document that was read whole: steps, an outline, or what changed in it.

Steps are the items, commands and numbered clauses of a section, in their order, each an exact quotation
with its number; what stands before and after them (when to use them, what never to do) is quoted as
well. Of two versions what only one of them says is quoted, heading by heading; a sentence that moved is
no difference. What a document says of itself is left out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from services.models.offline.extractive_answer import Findings, complete
from services.models.offline.question import ParsedQuestion, cue
from services.models.offline.quotation import (
    QuotableUnit,
    about_itself,
    candidates,
    cite,
    escape_markers,
    only_defines,
    only_introduces,
    quote_title,
    strip_markup,
)
from use_cases.kernel.citations.sources import PassageEntry
from use_cases.kernel.model import DocumentRef, outdated, standing, version_number
from use_cases.kernel.text.rules import rule_set
from use_cases.kernel.text.words import UnitKind, content, is_number

MOST_UNITS = 40
"""The most sentences, items and lines of a procedure; sections beyond that are named."""

MOST_HEADINGS = 12
"""The most headings of an outline with what they begin with; those beyond are named."""

OPENING = 3
"""The number of sentences in front of a document's first heading that its outline quotes."""

MOST_CHANGES = 30
"""The most lines of a comparison; the answer states how many more there are."""

_FEWEST_STEPS = 2
_NAMED_BY_TITLE = 0.5
_TITLE = 2.0


@dataclass(frozen=True, slots=True)
class Section:
    """The units under one heading of one document, in their order."""

    units: Sequence[QuotableUnit]

    @property
    def path(self) -> tuple[str, ...]:
        """Its headings, without the document's title."""
        return self.units[0].path

    @property
    def heading(self) -> str:
        """The last of them, as it is quoted; empty in front of the first."""
        return quote_title(self.path[-1]) if self.path else ""

    @property
    def steps(self) -> int:
        """The number of its items, commands and numbered clauses."""
        return sum(map(_is_step, self.units))

    @property
    def acting(self) -> Sequence[QuotableUnit]:
        """The units, with what only defines or reports not in front of the first step but last."""
        first = next((n for n, unit in enumerate(self.units) if _is_step(unit)), len(self.units))
        late = [unit for unit in self.units[:first] if only_defines(unit)]
        return [*(unit for unit in self.units if unit not in late), *late][:MOST_UNITS]

    @property
    def opening(self) -> Sequence[QuotableUnit]:
        """What an outline quotes of it: the sentence it begins with, and the first that it introduces."""
        first = OPENING if not self.path else 2 if only_introduces(self.units[0]) else 1
        return self.units[:first]

    def announces(self, what: str) -> bool:
        """Returns whether its heading is one that `instructs` ("Mitigation") or `reports` ("Diagnosis")."""
        return cue(f"heading that {what}").search(self.heading) is not None

    def holds(self, unit: QuotableUnit) -> bool:
        """Returns whether a unit, of any reading, is one of these."""
        return any((unit.document, unit.place) == (own.document, own.place) for own in self.units)


def sections(entries: Sequence[PassageEntry], question: ParsedQuestion) -> Sequence[Section]:
    """Groups the units of one document's readings by heading; overlapping readings count once."""
    found = candidates(entries, shortest=1)
    places = {unit.place: unit for unit in found if not about_itself(unit, question)}
    ordered = [places[place] for place in sorted(places)]
    return [Section(list(units)) for _, units in groupby(ordered, key=lambda unit: unit.path)]


def best_document(findings: Findings) -> DocumentRef:
    """Returns the document that is meant most likely, by its best unit and its title."""
    rarities, fit = findings.rarities, dict[DocumentRef, float]()
    total = sum(rarities.values()) or 1.0
    for unit in findings.usable:
        named = sum(rarities.get(word, 0.0) for word in set(content(unit.document.title)))
        fit.setdefault(unit.document, unit.score + _TITLE * named / total)
    return max(fit, key=lambda document: fit[document])


def procedure(entries: Sequence[PassageEntry], findings: Findings) -> str | None:
    """Returns the answer with the sections of one document that hold the procedure; None without any.

    All with steps where its title has half of the question's words; else the section of the unit that
    answers the question best, or, where that has no steps, the first that announces instructions.
    """
    every, best = sections(entries, findings.question), findings.usable[0]
    able = [s for s in every if s.steps >= _FEWEST_STEPS or s.announces("instructs")]
    if not able:
        return None
    title = set(content(every[0].units[0].document.title))
    if len(title & findings.rarities.keys()) >= _NAMED_BY_TITLE * len(findings.rarities):
        return _show([s for s in every if s in able or s.steps], every, findings)
    holding = [section for section in able if section.holds(best)]
    if not holding and any(section.holds(best) for section in every):
        holding = [section for section in able if section.announces("instructs")]
    if not holding:
        return None
    around = holding[0].path
    chosen = [s for s in able if s.path[: len(around)] == around]
    return _show(chosen, chosen, findings)


def outline(entries: Sequence[PassageEntry], findings: Findings) -> str:
    """Returns the answer with a document's headings in order, each with the sentence it begins with."""
    every = sections(entries, findings.question)
    document = every[0].units[0].document
    parts = [f"{_titled(document)}, by its headings:"]
    for section in every[:MOST_HEADINGS]:
        parts += [f"**{section.heading}**"] if section.path else []
        parts += _paragraphs(section.opening if len(every) > 1 else section.units[:OPENING])
    if left := [f"“{one.heading}”" for one in every[MOST_HEADINGS:] if one.path]:
        parts.append(f"(Further headings: {', '.join(left)}.)")
    is_named = not set(findings.question.words).isdisjoint(content(document.title))
    return ("" if is_named else findings.hedge) + "\n\n".join(parts)


def _show(chosen: Sequence[Section], every: Sequence[Section], findings: Findings) -> str:
    """Quotes as many sections as there is room for, what acts before what reports, and names the rest."""
    shown, room = list[Section](), MOST_UNITS
    for section in sorted(chosen, key=lambda section: section.announces("reports")):
        if not shown or len(section.units) <= room:
            shown.append(section)
            room -= len(section.units)
    place = _titled(chosen[0].units[0].document)
    if len(chosen) == 1 and chosen[0].path:
        place = f"“{chosen[0].heading}” in {place}"
    parts = [f"{place}:"]
    for section in shown:
        parts += [f"**{section.heading}**"] if len(chosen) > 1 and section.path else []
        parts += _paragraphs(section.acting)
    if any(len(section.units) > MOST_UNITS for section in shown):
        parts.append("(The section goes on.)")
    left = [s for s in (*chosen, *every) if s.path and s not in shown]
    if left:
        named = ", ".join(dict.fromkeys(f"“{section.heading}”" for section in left))
        parts.append(f"(Not quoted from this document: {named}.)")
    quoted = [unit for section in shown for unit in section.acting]
    return findings.hedge + complete("\n\n".join(parts), "\n\n", quoted, findings)


def _titled(document: DocumentRef) -> str:
    return f"“{quote_title(document.title)}” ({document.updated.isoformat()})"


def _paragraphs(units: Sequence[QuotableUnit]) -> Iterator[str]:
    for is_list, group in groupby(_lines(units), key=lambda line: bool(line[0])):
        yield ("\n" if is_list else "\n\n").join(mark + text for mark, text in group)


def _lines(units: Sequence[QuotableUnit]) -> Iterator[tuple[str, str]]:
    """Yields each item, row, line of code and paragraph, with its mark; a paragraph has none."""
    outer, number, in_list = "", 0, False
    for _, group in groupby(units, key=lambda unit: (unit.entry.number, unit.whole)):
        sentences = list(group)
        first = sentences[0]
        before, mark, shown = _before(first), _mark(first), ""
        if mark is not None:
            outer = outer if in_list else mark["indent"]
            nested = len(mark["indent"]) > len(outer)
            shown = f"{mark['number']}. " if mark["number"] else "- "
            if mark["number"] and not nested:
                # `1.` before every item is how many people write 1, 2, 3.
                number = max(int(mark["number"]), number + 1 if in_list else 0)
                shown = f"{number}. "
            shown = f"   {shown}" if nested else shown
        elif in_list and (before[:2].isspace() or first.item):
            shown = "   - "
        elif first.kind is not UnitKind.SENTENCE or _is_clause(first):
            shown = "- "
        in_list = bool(shown)
        yield shown, " ".join(cite(unit) for unit in sentences)


def _is_step(unit: QuotableUnit) -> bool:
    return unit.kind is UnitKind.CODE or bool(_mark(unit)) or _is_clause(unit)


def _is_clause(unit: QuotableUnit) -> bool:
    return cue("clause", "markup").match(unit.text) is not None


def _mark(unit: QuotableUnit) -> re.Match[str] | None:
    """Returns the mark of the list item that a unit begins."""
    return cue("step mark", "markup").match(_before(unit)) if unit.item else None


def _before(unit: QuotableUnit) -> str:
    """Returns the text before a unit on its line."""
    text = unit.entry.passage.reading_text[: unit.span.start]
    return text[text.rfind("\n") + 1 :]


def asks_for_changes(text: str) -> bool:
    """Returns whether a question is about changes between versions."""
    named = sum(len(cue(name).findall(text)) for name in ("names a version", "old or new"))
    changed, compares = cue("asks for changes").search(text), cue("compares").search(text)
    return bool(changed or (compares and named > 1))


def subject(text: str) -> str:
    """Returns the search text: the question without the words that ask for a comparison."""
    words = cue("names a version").sub(" ", text).split()
    return " ".join(word for word in words if _about(word)) or text


def choose_versions(
    question: str, entries: Sequence[PassageEntry]
) -> tuple[DocumentRef, DocumentRef] | None:
    """Returns the older and the newer version: those named, else the newest and the one before.

    The document is the one whose titles and found passages hold most words of the question. None when
    no document was found in two versions, or none contains the words.
    """
    both = [one for e in entries for one in (e.passage.document, e.hit.replaced_by) if one]
    known = {one.version_id: one for one in both}
    families: dict[int, list[DocumentRef]] = {}
    for version_id, newest in outdated(known.values()).items():
        families.setdefault(newest.version_id, [newest]).append(known[version_id])
    asked = _about(question)

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
    return (meant[0] if meant and meant[0] != newest else versions[-2]), newest


def changes(
    documents: Sequence[DocumentRef],
    readings: Sequence[Sequence[PassageEntry]],
    question: ParsedQuestion,
) -> str:
    """Returns what differs between an older and a newer version, in the order of the newer one.

    Of a question about one point, only what holds most of its words, with the headings above it.
    """
    about = {word for word in _about(question.text) if not is_number(word)}
    about -= {*content(" ".join(f"{one.title} {one.name}" for one in documents))}
    before, after = ([u for s in sections(read, question) for u in s.units] for read in readings)
    changed = {*map(_says, before)} ^ {*map(_says, after)}
    units = [unit for unit in (*after, *before) if _says(unit) in changed]
    held = [len(about & {*content(f"{' '.join(unit.path)} {unit.text}")}) for unit in units]
    most = max(held, default=0)
    found: dict[str, list[QuotableUnit]] = {}
    for unit, words in zip(units, held, strict=True):
        if 2 * words > most or not most:
            heading = quote_title(unit.path[-1] if unit.path else unit.document.title)
            found.setdefault(heading, []).append(unit)
    title = quote_title(documents[1].title)
    old, new = (
        f"the version of {one.updated.isoformat()} ({escape_markers(one.name.rsplit('/', 1)[-1])})"
        for one in documents
    )
    if not found:
        return f"“{title}”: {new} says nothing else than {old}."
    lines: list[str] = []
    for heading, group in found.items():
        gone, come = ([cite(u) for u in group if u.document == one] for one in documents)
        was, now = ("was", "now") if gone and come else ("gone", "new")
        lines += [f"- {heading}", *(f"   - {was}: {text}" for text in gone)]
        lines += [f"   - {now}: {text}" for text in come]
    parts = [f"“{title}”: {new} compared with {old}.", "\n".join(lines[:MOST_CHANGES])]
    if (more := len(lines) - MOST_CHANGES) > 0:
        parts.append(f"(And {more} more lines; ask about one point to see them.)")
    return "\n\n".join(parts)


def _about(text: str) -> set[str]:
    """Returns the words of a text but those that ask for a comparison."""
    return {*content(text)} - {*content(rule_set("questions").words["comparing"])}


def _is_called(document: DocumentRef, name: str) -> bool:
    numbers = tuple(int(n) for n in re.findall(r"\d+", name))
    return numbers in (version_number(document.name)[: len(numbers)], (document.updated.year,))


def _says(unit: QuotableUnit) -> tuple[str, ...]:
    return tuple(content(strip_markup(unit.text, addresses=False)))
