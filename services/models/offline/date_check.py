"""The date check of an offline answer: it matches the time of the question, or states that it does not.

A sentence that names another year is no answer: a sentence that names the right year is quoted
instead, or none. Where only its document is of another year, the quotation follows a note about it.
"""

from dataclasses import replace

from services.models.offline.extractive_answer import Findings, compose
from use_cases.kernel.citations.verification import names_time, other_time

_NOT_FOUND = "[not_found]"
_TENTATIVE = "[tentative]"


def compose_dated(findings: Findings, warning: str | None = None) -> str:
    """Return the answer of `compose`, from the right time or with a note about its time."""
    asked, ranked = findings.question.text, findings.usable
    best = ranked[0].candidate
    elsewhere = other_time(asked, [best.text]) is not None
    right = [w for w in ranked if names_time(asked, w.candidate.text)] if elsewhere else ()
    if right:
        return compose(replace(findings, ranked=right), warning)
    answer, passage = compose(findings, warning), best.entry.passage
    document = passage.document
    around = [best.text, best.before, best.heading, passage.section, document.title, document.name]
    note = other_time(asked, around, [document.updated])
    if note is None:
        return answer
    if answer.startswith(_NOT_FOUND):
        return f"{_NOT_FOUND} {note}{answer.removeprefix(_NOT_FOUND)}"
    if elsewhere:
        return f"{_NOT_FOUND} {note}"
    return f"{_TENTATIVE} {note} The nearest:\n\n{answer.removeprefix(_TENTATIVE).lstrip()}"
