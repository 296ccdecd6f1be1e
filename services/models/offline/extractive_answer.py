"""The composition of an offline answer: exact sentences with source numbers, or "not found".

A conflict is reported when two sources of equal authority and date give different values for what is
asked (`conflicts`). A sentence of an older version is never the answer, but its date is named.

A sentence that names another year is no answer: a sentence that names the right year is quoted
instead, or none. Leaves to others: the notice that a document is of another year (`chat_turn.py`).
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, takewhile

from services.models.offline.conflicts import agree, contradict
from services.models.offline.question import ParsedQuestion
from services.models.offline.quotation import (
    QuotableUnit,
    cite,
    only_introduces,
    plain,
    quote_title,
)
from services.models.offline.relevance import AnswerEvidence
from use_cases.kernel.citations.verification import names_time, other_time
from use_cases.kernel.model import Authority, DocumentRef
from use_cases.kernel.text.words import UnitKind

ABSTAIN_BELOW = 0.3
"""The probability of an answer below which the answerer abstains."""

UNHEARD_OF = 0.45
"""The share of a question, by the rarity of its words, of which no document speaks, from which on the
answerer abstains, and names the words, unless one document is meant `in_other_words`.
"""

NEARBY = 0.3
"""The cosine of the nearest passage from which on it may say what is asked in other words.

Few questions about quite other subjects reach it.
"""

HEDGE_BELOW = 0.7
"""The probability below which an answer is hedged.

So is an answer whose rankings disagree (`Findings.agree`).
"""

MARGIN = 1.3
"""The `Findings.margin` below which an answer is hedged: another document is nearly as good."""

HEDGE_BY_WORDS = 0.8
"""The same of an answer that was found by words alone."""

MOSTLY = 0.5
FEW = 0.4
"""The shares of a question, by the rarity of its words, that the best sentence and what stands near it
hold: an answer found by words alone, or to a question in another language, is hedged below the first.
Without token vectors, or in another language, it is declined below the second where enough of the
question is `UNHEARD_OF`.
"""

HEDGE = "The best match is uncertain; these passages are the closest:\n\n"

NOT_COMPARED = (
    "No document was found in two versions that could be compared; the closest that was found:\n\n"
)

_LANGUAGE = "Without a language model a question must be in the language of the documents. "
_RELATED = "\n\nRelated:\n"
_TENTATIVE = "[tentative] "
_MARKS = re.compile(r"(?:\[\d+\])+")

ENOUGH = 630
"""The number of quoted characters from which on no further sentence is quoted.

Stopping before loses most of the answers that are lost: docs/explanation/answers.md has the figures.
"""

FAR = 5.0
"""The most that the score of a further quoted sentence may be below the best score."""

BESIDE = 0.5
"""The deduction for the sentence after a quoted one: most often both are of one piece of evidence."""

SHORT = 300
"""The most characters of a list item that is quoted whole when one of its sentences is."""

NEAR = 20
"""The number of best units among which others that state the same are looked for."""

MOST_ITEMS = 12
"""The most items that are quoted below the sentence that introduces them."""

MOST_UNHEARD = 3
"""The most words of a question that a reply names as found in no document."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The material of an answer. `replaced` maps outdated versions to their replacements.

    `unheard` are the question's words of which no document speaks, by stem.
    """

    question: ParsedQuestion
    ranked: Sequence[QuotableUnit]
    evidence: AnswerEvidence
    replaced: Mapping[int, DocumentRef]
    rarities: Mapping[str, float] = field(default_factory=dict[str, float])
    unheard: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def unheard_share(self) -> float:
        """The share of the question that no document speaks of, by the rarity of its words, 0 to 1."""
        best = self.usable[0].features
        if not self.by_tokens and best.covered_near >= FEW:
            return 0.0
        unheard = sum(self.rarities.get(stem, 0.0) for stem in self.unheard)
        return unheard / (sum(self.rarities.values()) or 1.0)

    @property
    def by_words(self) -> bool:
        """True if words alone found the passages, for lack of vectors."""
        hits = [unit.entry.hit for unit in self.ranked]
        return any(hit.bm25 for hit in hits) and not any(hit.vector for hit in hits)

    @property
    def by_tokens(self) -> bool:
        """True if tokens tell a word that is like another one: they are stored, and of its language."""
        return not self.question.foreign and self.usable[0].features.around > 0

    @property
    def usable(self) -> Sequence[QuotableUnit]:
        """The units of current versions; all of them where two documents replace each other."""
        current = [u for u in self.ranked if u.document.version_id not in self.replaced]
        return current or self.ranked

    @property
    def answers(self) -> bool:
        """True if the evidence suffices for an answer; never without a word of the question."""
        has_subject = any(unit.features.covered_near for unit in self.ranked)
        enough = self.evidence.probability >= ABSTAIN_BELOW
        return has_subject and enough and (self.unheard_share < UNHEARD_OF or self.in_other_words)

    @property
    def in_other_words(self) -> bool:
        """True if a passage is near by meaning and one of several documents stands out, by tokens."""
        several = len({unit.document.document_id for unit in self.usable}) > 1
        return several and self.by_tokens and self.evidence.near >= NEARBY and self.stands_out

    @property
    def agreeing(self) -> Sequence[QuotableUnit]:
        """The units of other documents that state the same as the best one, one of each document."""
        best = self.usable[0]
        others = [unit for unit in self.usable[:NEAR] if not unit.document.said]
        found = {unit.document.document_id: unit for unit in others if agree(best, unit)}
        return [unit for name, unit in found.items() if name != best.document.document_id]

    @property
    def agree(self) -> bool:
        """True if nearest passage, sentence that fits best in its context, and best one share a document.

        Without vectors the nearest passage is the first by words, and without token vectors the fitting
        sentence that which holds most of the question, with what stands near it.
        """

        def nearness(unit: QuotableUnit) -> float:
            lane = unit.entry.hit.bm25 if self.by_words else unit.entry.hit.vector
            return -math.inf if lane is None else lane.score

        def fit(unit: QuotableUnit) -> tuple[float, float]:
            return unit.features.context, unit.features.covered_near

        chosen = (self.usable[0], max(self.usable, key=nearness), max(self.usable, key=fit))
        return len({unit.document.document_id for unit in chosen}) == 1

    @property
    def margin(self) -> float:
        """How far the score of the best unit is above that of another document's that says else."""
        best, same = self.usable[0], self.agreeing
        others = [
            unit.score
            for unit in self.usable
            if unit.document != best.document and not _is_same(unit, best) and unit not in same
        ]
        return best.score - max(others, default=-math.inf)

    @property
    def stands_out(self) -> bool:
        """True if the rankings agree on a document and no other is nearly as good."""
        return self.agree and self.margin >= MARGIN

    @property
    def are_certain(self) -> bool:
        """True if the best unit needs no hedge: it is likely, and its document stands out."""
        enough = MOSTLY if self.by_words or self.question.foreign else 0.0
        mostly = self.usable[0].features.covered_near >= enough
        least = HEDGE_BY_WORDS if self.by_words else HEDGE_BELOW
        likely = self.evidence.probability >= least
        return likely and mostly and self.stands_out

    @property
    def hedge(self) -> str:
        """The words before an answer that is not certain; else nothing."""
        return "" if self.are_certain else _TENTATIVE + HEDGE

    def reading_of(self, unit: QuotableUnit) -> Sequence[QuotableUnit]:
        """Returns all units of a unit's reading, in their order."""
        mine = [each for each in self.ranked if each.entry is unit.entry]
        return sorted(mine, key=lambda each: each.place)


def compose(findings: Findings, warning: str | None = None) -> str:
    """Returns the answer's text with `[n]` markers, or a text that begins with `[not_found]`.

    `warning` states a known limit of the answer.
    """
    if not findings.answers:
        return f"[not_found] {_ask_back(findings)}"
    best, *others = findings.usable
    rival = next((u for u in others[:7] if _disagrees(best, u, findings.question)), None)
    if rival is not None:
        both = f"{_cite_with_date(best)} {_cite_with_date(rival)}"
        return f"[conflict] Two documents disagree. {both}"
    introduced = _introduced(best, findings)
    lead, agreeing = _whole(best, findings), findings.agreeing
    text = " ".join(map(cite, lead))
    if agreeing and len(lead) == 1:
        text += "".join(f"[{unit.entry.number}]" for unit in agreeing)
        text += f" ({len(agreeing) + 1} documents say so.)"
    if introduced:
        text += f"\n\n{_list([unit] for unit in introduced)}"
    between = "\n\n" if introduced else " "
    text = complete(text, between, [*lead, *introduced], findings)
    draft = best.document.authority is Authority.DRAFT
    unsure = warning or ("" if findings.are_certain else HEDGE)
    return (_TENTATIVE if draft or unsure else "") + unsure + text


def compose_both(said: Findings | None, documents: Findings | None, nothing: str) -> str:
    """Returns the answer from what was said in conversations and from documents, kept apart.

    Each that is sure; where none is, the likelier one. `nothing` is the text where neither answers.
    """
    answering = [one for one in (said, documents) if one is not None and one.answers]
    if not answering:
        return nothing
    sure = [one for one in answering if one.are_certain]
    chosen = sure or [max(answering, key=lambda one: one.evidence.probability)]
    texts = [compose(one) for one in chosen]
    return f"{texts[0]}\n\nThe documents say:\n\n{texts[1]}" if len(texts) > 1 else texts[0]


def main_part(answer: str) -> str:
    """Returns the main sentence of an earlier answer, without related ones; empty for a list of steps."""
    main = answer.partition(_RELATED)[0]
    return main if len(_MARKS.findall(main)) <= 1 else ""


def complete(text: str, between: str, quoted: Sequence[QuotableUnit], findings: Findings) -> str:
    """Returns a text with the note on its document, and with related sentences."""
    if note := _standing(quoted[0].document, findings):
        text += between + note
    further = _fill(quoted, findings)
    return text + _RELATED + _list(further) if further else text


def _introduced(lead: QuotableUnit, findings: Findings) -> Sequence[QuotableUnit]:
    """Returns the items, lines of code or rows that a sentence with a colon at its end introduces."""
    if not only_introduces(lead):
        return ()
    after = [
        unit
        for unit in findings.reading_of(lead)
        if unit.place > lead.place and unit.path == lead.path
    ]
    listed = takewhile(lambda unit: unit.item or unit.kind is not UnitKind.SENTENCE, after)
    return list(islice(listed, MOST_ITEMS))


def _fill(quoted: Sequence[QuotableUnit], findings: Findings) -> Sequence[Sequence[QuotableUnit]]:
    """Returns the next best units that say something, without repetitions, until enough is quoted.

    First is what holds the evidence most likely for each character: a score is a logarithm of chances.
    """
    kept, best, agreeing = list(quoted), findings.usable[0], findings.agreeing
    further: list[Sequence[QuotableUnit]] = []

    def cost(unit: QuotableUnit) -> float:
        follows = any(unit.entry is one.entry and unit.before == one.text for one in kept)
        return math.log(len(unit.text)) - unit.score + BESIDE * follows

    near = [unit for unit in findings.usable if best.score - unit.score <= FAR]
    left = [unit for unit in near if unit not in agreeing and not only_introduces(unit)]
    while left and sum(len(one.text) for one in kept) < ENOUGH:
        unit = min(left, key=cost)
        left.remove(unit)
        if not any(_is_same(unit, one) for one in kept):
            group = [u for u in _whole(unit, findings) if not any(_is_same(u, k) for k in kept)]
            further.append(group)
            kept += group
    return further


def _whole(unit: QuotableUnit, findings: Findings) -> Sequence[QuotableUnit]:
    """Returns the sentences of the same list item, in order, where it is short; else this one alone."""
    item = [each for each in findings.reading_of(unit) if each.whole == unit.whole]
    is_short = unit.item and sum(len(each.text) for each in item) <= SHORT
    return item if is_short else [unit]


def _list(groups: Iterable[Sequence[QuotableUnit]]) -> str:
    return "\n".join(f"- {' '.join(map(cite, group))}" for group in groups)


def _cite_with_date(unit: QuotableUnit) -> str:
    document = unit.document
    return f"{quote_title(document.title)} ({document.updated.isoformat()}): {cite(unit)}"


def _standing(current: DocumentRef, findings: Findings) -> str:
    """Returns a note on the document: it is a draft, or it replaces an older version; else nothing."""
    if current.authority is Authority.DRAFT:
        return "(From a draft.)"
    seen, newer = {unit.document for unit in findings.ranked}, findings.replaced
    older = [document for document in seen if newer.get(document.version_id) == current]
    dates = ", ".join(sorted(document.updated.isoformat() for document in older))
    note = f"(From the version of {current.updated.isoformat()}; it replaces the one of {dates}.)"
    return note if older else ""


def _disagrees(best: QuotableUnit, other: QuotableUnit, question: ParsedQuestion) -> bool:
    """Returns whether another document of equal authority and date gives another answer."""
    a, b = best.document, other.document
    apart = a.document_id != b.document_id and not (a.said or b.said)
    level = (a.updated, a.authority) == (b.updated, b.authority)
    return apart and level and contradict(question, best, other)


def _is_same(one: QuotableUnit, two: QuotableUnit) -> bool:
    """Returns whether two units say the same, or are of one place in two readings."""
    if plain(one.text).casefold() == plain(two.text).casefold():
        return True
    first, second = one.extent, two.extent
    overlap = first.start < second.end and second.start < first.end
    return overlap and one.document.version_id == two.document.version_id


def _ask_back(findings: Findings) -> str:
    titles = dict.fromkeys(unit.document.title for unit in findings.ranked[:6])
    near = " or ".join(f"“{quote_title(title)}”" for title in islice(titles, 2))
    unheard = _name_unheard(findings)
    return f"{unheard}Do you mean the document {near}, and what exactly do you look for?"


def _name_unheard(findings: Findings) -> str:
    """Returns the words that no document has, where they are much of the question; else nothing.

    Many of them are most often another language, and so are all of a question in one.
    """
    if findings.unheard_share < UNHEARD_OF:
        return ""
    asked = findings.question.words
    unheard = dict.fromkeys(
        _as_written(findings.unheard[stem], findings.question.text)
        for stem in asked
        if stem in findings.unheard
    )
    if len(unheard) > MOST_UNHEARD:
        return f"Many words of your question are in no document. {_LANGUAGE}"
    named = " or ".join(f"“{word}”" for word in unheard)
    is_other = findings.question.foreign and len(findings.unheard) == len(asked)
    return f"No document speaks of {named}. {_LANGUAGE if is_other else ''}"


def _as_written(word: str, text: str) -> str:
    """Returns a word of a text with what hyphens join to it: no reader takes "Wi" for a word."""
    found = re.search(rf"(?:\w+[-‐‑])*(?<!\w){re.escape(word)}(?!\w)(?:[-‐‑]\w+)*", text)
    return found.group() if found else word


def compose_dated(findings: Findings, warning: str | None = None) -> str:
    """Returns the answer of `compose`, from the time that is asked for, or "not found" with the time."""
    asked, ranked = findings.question.text, findings.usable
    note = other_time(asked, [ranked[0].text])
    if note is None or not findings.answers:
        return compose(findings, warning)
    right = [unit for unit in ranked if names_time(asked, unit.text)]
    return compose(replace(findings, ranked=right), warning) if right else f"[not_found] {note}"
