"""The steps of a procedure in their order, each an exact quotation with its number.

Steps are the items, commands and numbered clauses of a section. The sections are chosen inside one
document: all where its title matches the question, else that of the best sentence. The
text before and after the steps (when to use them, what never to do) is quoted as well.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from services.models.offline.question import ParsedQuestion, cue
from services.models.offline.quotation import (
    QuotableUnit,
    about_itself,
    candidates,
    only_defines,
    quote,
    quote_title,
)
from services.models.offline.relevance import Weighed
from use_cases.kernel.citations.sources import PassageEntry
from use_cases.kernel.model import DocumentRef
from use_cases.kernel.text.words import UnitKind, content

MOST_UNITS = 40
"""The most sentences, items and lines that are quoted; sections beyond that are named."""

_FEWEST_STEPS = 2
_NAMED_BY_TITLE = 0.5
_MARGIN = 2.0
_TITLE = 2.0
_MARK = re.compile(r"(?P<indent>\s*)(?:[-*+•]|\(?(?P<number>\d{1,3})[.)])\s+(?:\[[ xX]\]\s+)?$")
_CLAUSE = re.compile(r"\d{1,2}(?:\.\d{1,2})+\.?\s")


@dataclass(frozen=True, slots=True)
class ProcedureSection:
    """The units under one heading of one document, in their order."""

    units: Sequence[QuotableUnit]

    @property
    def document(self) -> DocumentRef:
        """Its document."""
        return self.units[0].document

    @property
    def path(self) -> tuple[str, ...]:
        """Its headings, without the document's title."""
        return self.units[0].path

    @property
    def steps(self) -> int:
        """The number of its items, commands and numbered clauses."""
        return sum(map(_is_step, self.units))

    @property
    def tells_how(self) -> bool:
        """True if its heading announces instructions: "Mitigation", "What to do"."""
        return bool(self.path) and cue("heading that instructs").search(self.path[-1]) is not None

    @property
    def reports(self) -> bool:
        """True if its heading announces what is seen or told, and no remedy: "Diagnosis"."""
        return bool(self.path) and cue("heading that reports").search(self.path[-1]) is not None

    @property
    def acting(self) -> Sequence[QuotableUnit]:
        """The units, with what only defines or reports not in front of the first step but last."""
        first = next((n for n, unit in enumerate(self.units) if _is_step(unit)), len(self.units))
        late = [unit for unit in self.units[:first] if only_defines(unit)]
        return [*(unit for unit in self.units if unit not in late), *late]

    def holds(self, unit: QuotableUnit) -> bool:
        """Returns whether a unit, of any reading, is one of these."""
        return unit.document == self.document and any(u.place == unit.place for u in self.units)


@dataclass(frozen=True, slots=True)
class ShownProcedure:
    """The text of a procedure, and the units that it quotes."""

    text: str
    units: Sequence[QuotableUnit]


@dataclass(frozen=True, slots=True)
class Procedure:
    """The sections to quote, and the other sections of the same document."""

    sections: Sequence[ProcedureSection]
    others: Sequence[ProcedureSection]

    @property
    def document(self) -> DocumentRef:
        """Its document."""
        return self.sections[0].document


def procedure(
    entries: Sequence[PassageEntry],
    question: ParsedQuestion,
    rarities: Mapping[str, float],
    best: QuotableUnit,
) -> Procedure | None:
    """Chooses the sections of one document with the procedure; None where there are none.

    All with steps where its title has half of the question's words; else the section of the unit that
    answers the question best, or, where that has no steps, the first that announces instructions.
    """
    every = sections(entries, question)
    able = [section for section in every if section.steps >= _FEWEST_STEPS or section.tells_how]
    if not able or not _names_stand_in(question, able):
        return None
    title = set(content(able[0].document.title))
    if len(title & rarities.keys()) >= _NAMED_BY_TITLE * len(rarities):
        steps = [s for s in every if s in able or s.steps]
        return Procedure(steps, [s for s in every if s not in steps])
    holding = [section for section in able if section.holds(best)]
    if not holding and any(section.holds(best) for section in every):
        holding = [section for section in able if section.tells_how]
    if not holding:
        return None
    around = holding[0].path
    return Procedure([s for s in able if s.path[: len(around)] == around], ())


def rank_documents(
    usable: Sequence[Weighed], rarities: Mapping[str, float]
) -> Sequence[DocumentRef]:
    """Returns the documents that may contain a procedure, best first by unit and title."""
    total = sum(rarities.values()) or 1.0
    fit: dict[DocumentRef, float] = {}
    for unit in usable:
        document = unit.candidate.document
        title = set(content(document.title))
        share = sum(weight for word, weight in rarities.items() if word in title) / total
        fit[document] = max(fit.get(document, -math.inf), unit.score + _TITLE * share)
    best = max(fit.values(), default=0.0)
    near = [document for document in fit if best - fit[document] <= _MARGIN]
    return sorted(near, key=lambda document: -fit[document])


def sections(
    entries: Sequence[PassageEntry], question: ParsedQuestion
) -> Sequence[ProcedureSection]:
    """Groups the units of one document's readings by heading; overlapping readings count once.

    What the document says of itself is left out.
    """
    found = candidates(entries, shortest=1)
    places = {unit.place: unit for unit in found if not about_itself(unit, question)}
    ordered = [places[place] for place in sorted(places)]
    return [
        ProcedureSection(list(units)) for _, units in groupby(ordered, key=lambda unit: unit.path)
    ]


def format_procedure(found: Procedure, question: ParsedQuestion) -> ShownProcedure:
    """Formats the place of the sections, then their units as paragraphs and lists with their numbers."""
    chosen = found.sections
    shown = _select_fitting(chosen)
    document = chosen[0].document
    place = f"“{quote_title(document.title)}” ({document.updated.isoformat()})"
    if len(chosen) == 1 and chosen[0].path:
        place = f"“{quote_title(chosen[0].path[-1])}” in {place}"
    parts = [f"{place}:"]
    for section in shown:
        if len(chosen) > 1 and section.path:
            parts.append(f"**{quote_title(section.path[-1])}**")
        parts += _paragraphs(section.acting[:MOST_UNITS], question)
    if any(len(section.acting) > MOST_UNITS for section in shown):
        parts.append("(The section goes on.)")
    left = [section for section in (*chosen, *found.others) if section not in shown]
    headings = dict.fromkeys(
        f"“{quote_title(section.path[-1])}”" for section in left if section.path
    )
    if headings:
        parts.append(f"(Not quoted from this document: {', '.join(headings)}.)")
    quoted = [unit for section in shown for unit in section.acting[:MOST_UNITS]]
    return ShownProcedure("\n\n".join(parts), quoted)


def _names_stand_in(question: ParsedQuestion, able: Sequence[ProcedureSection]) -> bool:
    """Returns whether these contain the question's identifiers (`FW-209`): else other steps are meant."""
    text = " ".join(
        part.lower()
        for s in able
        for part in (s.document.title, *s.path, *(u.text for u in s.units))
    )
    return all(name in text for name in question.names if any(map(str.isdigit, name)))


def _select_fitting(chosen: Sequence[ProcedureSection]) -> Sequence[ProcedureSection]:
    """Returns as many sections as there is room for; what to do before what to look at or to report."""
    shown, left = list[ProcedureSection](), MOST_UNITS
    for section in sorted(chosen, key=lambda section: section.reports):
        if not shown or len(section.units) <= left:
            shown.append(section)
            left -= len(section.units)
    return shown


def _paragraphs(units: Sequence[QuotableUnit], question: ParsedQuestion) -> Iterator[str]:
    for is_list, group in groupby(_lines(units, question), key=lambda line: bool(line[0])):
        yield ("\n" if is_list else "\n\n").join(mark + text for mark, text in group)


def _lines(units: Sequence[QuotableUnit], question: ParsedQuestion) -> Iterator[tuple[str, str]]:
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
        elif first.kind is not UnitKind.SENTENCE or _CLAUSE.match(first.text):
            shown = "- "
        in_list = bool(shown)
        yield (
            shown,
            " ".join(f"{quote(unit, question)} [{unit.entry.number}]" for unit in sentences),
        )


def _is_step(unit: QuotableUnit) -> bool:
    return unit.kind is UnitKind.CODE or bool(_mark(unit)) or bool(_CLAUSE.match(unit.text))


def _mark(unit: QuotableUnit) -> re.Match[str] | None:
    """Returns the mark of the list item that a unit begins."""
    return _MARK.match(_before(unit)) if unit.item else None


def _before(unit: QuotableUnit) -> str:
    """Returns the text before a unit on its line."""
    text = unit.entry.passage.reading_text[: unit.span.start]
    return text[text.rfind("\n") + 1 :]
