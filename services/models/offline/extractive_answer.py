"""Composes an offline answer: exact sentences with their source numbers, or an honest "not found".

A conflict is reported when two sources of equal standing and date say the same thing with other
figures; an older version's sentence is never the answer, but its date is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.models.offline.candidates import Candidate, plain
from services.models.offline.procedures import Procedure, told
from services.models.offline.question import Question
from services.models.offline.quotation import quoted, titled
from services.models.offline.relevance import Evidence, Weighed, spoken_of
from use_cases.kernel.model import Authority, DocumentRef
from use_cases.kernel.text.words import content, is_number

ABSTAIN_BELOW = 0.45
"""Less likely answerable than this: say so instead of answering.

On the questions for tuning, up to here every abstention was right.
"""

HEDGE_BELOW = 0.65
"""Less likely answerable than this, without a value of the asked kind, or with the question's names
alone: say that it may miss.

Where no sentence that was found shares a word with the question, abstain below this already.
"""

HEDGE = "This may not answer your question; the closest that was found:\n\n"

NOT_COMPARED = (
    "No document was found in two versions that could be compared; the closest that was found:\n\n"
)

_RELATED = "\n\nRelated:\n"
_TENTATIVE = "[tentative] "

MOST_SENTENCES = 3
CLOSE = 1.5
"""A further sentence is quoted when its score is at most this much below the best one's."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What an answer is made of. `replaced` maps outdated versions to what replaces them."""

    question: Question
    ranked: Sequence[Weighed]
    evidence: Evidence
    replaced: Mapping[int, DocumentRef]
    rarities: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def usable(self) -> Sequence[Weighed]:
        """The candidates of current versions; all, where two documents each replace the other."""
        return [w for w in self.ranked if _version(w) not in self.replaced] or self.ranked

    @property
    def answers(self) -> bool:
        """Whether the evidence is enough to answer at all; never where no word of the question stands."""
        spoken_of = any(w.features.covered_near for w in self.ranked)
        return spoken_of and self.evidence.probability >= ABSTAIN_BELOW


def compose(findings: Findings, warning: str | None = None) -> str:
    """The answer's text with `[n]` markers, or a text that begins with `[not_found]`.

    `warning` says what the answer is not, where that is known.
    """
    usable = findings.usable
    if not findings.answers:
        return f"[not_found] {_clarifying(findings)}"
    best = usable[0]
    rival = next((w for w in usable[1:8] if _contradicts(best.candidate, w.candidate)), None)
    if rival is not None:
        return (
            f"[conflict] Two documents disagree. {_dated(best, findings)} {_dated(rival, findings)}"
        )
    further = [
        w
        for w in usable[1:MOST_SENTENCES]
        if best.score - w.score <= CLOSE and not _same(best.candidate, w.candidate)
    ]
    parts = [_cited(best, findings), *_standing(best.candidate.document, findings)]
    if further:
        parts.append(_RELATED + "\n".join(f"- {_cited(w, findings)}" for w in further))
    fits = best.features.held and spoken_of(findings.question, best.candidate)
    certain = fits and findings.evidence.probability >= HEDGE_BELOW
    draft = best.candidate.document.authority is Authority.DRAFT
    unsure = warning or ("" if certain else HEDGE)
    declared = _TENTATIVE if draft or unsure else ""
    return declared + unsure + " ".join(parts).replace(" \n", "\n")


def main_part(answer: str) -> str:
    """The sentence that an earlier answer gave, without what was only near; of a list of steps none."""
    main = answer.partition(_RELATED)[0]
    return main if main.count("[") <= 1 else ""


def compose_steps(findings: Findings, found: Procedure) -> str:
    """The text of an answer that gives a procedure's steps."""
    parts = [told(found, findings.question, findings.rarities)]
    parts += _standing(found.document, findings)
    text = "\n\n".join(parts)
    certain = findings.evidence.probability >= HEDGE_BELOW
    return text if certain else _TENTATIVE + HEDGE + text


def _cited(weighed: Weighed, findings: Findings) -> str:
    text = quoted(weighed.candidate, findings.question)
    return f"{text} [{weighed.candidate.entry.number}]"


def _dated(weighed: Weighed, findings: Findings) -> str:
    document = weighed.candidate.document
    text = _cited(weighed, findings)
    return f"{titled(document.title)} ({document.updated.isoformat()}): {text}"


def _standing(current: DocumentRef, findings: Findings) -> Sequence[str]:
    """What to know of the document: that it is a draft, or which older version it replaces."""
    if current.authority is Authority.DRAFT:
        return ("(From a draft.)",)
    older = {
        w.candidate.document
        for w in findings.ranked
        if (newer := findings.replaced.get(_version(w))) and newer.version_id == current.version_id
    }
    if not older:
        return ()
    dates = ", ".join(sorted(document.updated.isoformat() for document in older))
    return (
        f"(From the version of {current.updated.isoformat()}; it replaces the one of {dates}.)",
    )


def _contradicts(one: Candidate, two: Candidate) -> bool:
    """Whether two units of equal standing say the same with other figures."""
    a, b = one.document, two.document
    if a.document_id == b.document_id or (a.updated, a.authority) != (b.updated, b.authority):
        return False
    first, second = set(content(one.text)), set(content(two.text))
    figures = {w for w in first if is_number(w)}, {w for w in second if is_number(w)}
    words = first - figures[0], second - figures[1]
    if not figures[0] or not figures[1] or figures[0] & figures[1] or min(map(len, words)) < 2:
        return False
    return len(words[0] & words[1]) >= 0.6 * min(map(len, words))


def _same(one: Candidate, two: Candidate) -> bool:
    return plain(one.text).casefold() == plain(two.text).casefold()


def _version(weighed: Weighed) -> int:
    return weighed.candidate.document.version_id


def _clarifying(findings: Findings) -> str:
    titles = dict.fromkeys(w.candidate.document.title for w in findings.ranked[:6])
    if not titles:
        return "Could you name the document, system or rule it should be in?"
    near = " or ".join(f"“{titled(title)}”" for title in list(titles)[:2])
    return f"The nearest documents are {near}; is it one of them, and what exactly do you look for?"
