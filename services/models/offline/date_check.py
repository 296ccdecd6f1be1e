"""Sees to it that an offline answer is of the time that the question asks about, or says that it is not.

A sentence that names another year itself is no answer: one that names the right one is quoted instead,
or nothing. Where only its document is of another year, it is quoted after that has been said.
"""

from dataclasses import replace

from services.models.offline.extractive_answer import Findings, compose
from use_cases.kernel.citations.periods import names_time, other_time

_NOT_FOUND = "[not_found]"
_TENTATIVE = "[tentative]"


def compose_dated(findings: Findings, warning: str | None = None) -> str:
    """The answer that `compose` gives, of the right time or with what is to be said of its time."""
    asked, ranked = findings.question.text, findings.usable
    best = ranked[0].candidate
    elsewhere = other_time(asked, [best.text]) is not None
    right = [w for w in ranked if names_time(asked, w.candidate.text)] if elsewhere else ()
    if right:
        return compose(replace(findings, ranked=right), warning)
    answer, passage = compose(findings, warning), best.entry.passage
    document = passage.document
    around = [best.text, best.before, best.heading, passage.section, document.title, document.name]
    told = other_time(asked, around, [document.updated])
    if told is None:
        return answer
    if answer.startswith(_NOT_FOUND):
        return f"{_NOT_FOUND} {told}{answer.removeprefix(_NOT_FOUND)}"
    if elsewhere:
        return f"{_NOT_FOUND} {told}"
    return f"{_TENTATIVE} {told} The nearest:\n\n{answer.removeprefix(_TENTATIVE).lstrip()}"
