"""Composes an offline answer: exact sentences with their source numbers, or an honest "not found".

A conflict is reported when two sources of equal standing and date say the same thing with other
figures; an older version's sentence is never the answer, but its date is named.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.models.offline.candidates import Candidate, plain
from services.models.offline.question import Question
from services.models.offline.weighing import Evidence, Weighed
from use_cases.kernel.model import Authority, DocumentRef
from use_cases.kernel.sentences import UnitKind
from use_cases.kernel.words import content, is_number

ABSTAIN_BELOW = 0.45
"""Less likely answerable than this: say so instead of answering.

On the questions for tuning, up to here every abstention was right.
"""

HEDGE_BELOW = 0.65
"""Less likely answerable than this, or without a value of the asked kind: say that it may miss.

Where no sentence that was found shares a word with the question, abstain below this already.
"""

HEDGE = "This may not answer your question; the closest that was found:\n\n"

MOST_SENTENCES = 3
CLOSE = 1.5
"""A further sentence is quoted when its score is at most this much below the best one's."""

_LONG_ROW = 240
_MARKER = re.compile(
    r"(`+)(?=[^`\n])[^\n]*?(?<!`)\1(?!`)|"
    r"[\[【](\s*(?:\^?\d{1,4}[\d\s,;^–-]*(?:†[^\]】]*)?|not[ _-]found|refused|conflict|tentative)\s*)[\]】]",
    re.IGNORECASE,
)
"""Inline code, or what the server would take for a marker of ours."""

_BAR = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Findings:
    """What an answer is made of. `replaced` maps outdated versions to what replaces them."""

    question: Question
    ranked: Sequence[Weighed]
    evidence: Evidence
    replaced: Mapping[int, DocumentRef]


def compose(findings: Findings) -> str:
    """The answer's text with `[n]` markers, or a text that begins with `[not_found]`."""
    current = [w for w in findings.ranked if _version(w) not in findings.replaced]
    usable = current or findings.ranked  # two documents that each replace the other: both count
    touched = any(w.features.covered_near for w in findings.ranked)
    enough = ABSTAIN_BELOW if touched else HEDGE_BELOW
    if not usable or findings.evidence.probability < enough:
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
    parts = [_cited(best, findings), *_standing(best, findings)]
    if further:
        parts.append("\n\nRelated:\n" + "\n".join(f"- {_cited(w, findings)}" for w in further))
    certain = findings.evidence.probability >= HEDGE_BELOW and best.features.held
    draft = best.candidate.entry.passage.document.authority is Authority.DRAFT
    declared = "[tentative] " if draft or not certain else ""
    unsure = "" if certain else HEDGE
    return declared + unsure + " ".join(parts).replace(" \n", "\n")


def quoted(candidate: Candidate, question: Question) -> str:
    """A unit as it can stand in an answer: on one line, rows without bars, no marker of its own."""
    text = plain(candidate.text)
    if candidate.kind is UnitKind.CODE:
        return f"`` {text} ``" if "`" in text else f"`{text}`"
    if candidate.kind is UnitKind.ROW:
        text = _row(text)
    elif len(text) > _LONG_ROW and "; " in text and ": " in text:
        text = _fields(text, question)
    return _unmarked(text)


def _cited(weighed: Weighed, findings: Findings) -> str:
    text = quoted(weighed.candidate, findings.question)
    return f"{text} [{weighed.candidate.entry.number}]"


def _dated(weighed: Weighed, findings: Findings) -> str:
    document = weighed.candidate.entry.passage.document
    text = _cited(weighed, findings)
    return f"{_unmarked(document.title)} ({document.updated.isoformat()}): {text}"


def _standing(best: Weighed, findings: Findings) -> Sequence[str]:
    """What to know of the document: that it is a draft, or which older version it replaces."""
    current = best.candidate.entry.passage.document
    if current.authority is Authority.DRAFT:
        return ("(From a draft.)",)
    older = {
        w.candidate.entry.passage.document
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
    a, b = one.entry.passage.document, two.entry.passage.document
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
    return weighed.candidate.entry.passage.document.version_id


def _unmarked(text: str) -> str:
    """A document's text with round brackets where it would read as a citation or outcome of ours.

    Code keeps its characters: somebody will copy it.
    """
    return _MARKER.sub(lambda m: m.group() if m[1] else f"({m[2]})", text)


def _row(text: str) -> str:
    cells = [cell.replace("\\|", "|").strip() for cell in _BAR.split(text)]
    cells = [cell for cell in cells if cell]
    return f"{cells[0]}: {', '.join(cells[1:])}" if len(cells) > 1 else "".join(cells)


def _fields(text: str, question: Question) -> str:
    """The fields of a long `Column: value; …` row that the question is about, and the first two."""
    fields = text.split("; ")
    about = set(question.words)
    return "; ".join(f for i, f in enumerate(fields) if i < 2 or about & set(content(f)))


def _clarifying(findings: Findings) -> str:
    titles = dict.fromkeys(w.candidate.entry.passage.document.title for w in findings.ranked[:6])
    if not titles:
        return "Could you name the document, system or rule it should be in?"
    near = " or ".join(f"“{_unmarked(title)}”" for title in list(titles)[:2])
    return f"The nearest documents are {near}; is it one of them, and what exactly do you look for?"
