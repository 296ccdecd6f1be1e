"""Questions over handbooks that are not part of the project, with the quotes that answer them.

The files in `handbook_questions` hold only questions, paths and short quotes; the handbooks are read
where the user has them. Promises: no document is in both halves; `stale` finds every quote that its
document no longer contains. Leaves to others: asking, and scoring what is found.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

QUESTIONS = Path(__file__).parent / "handbook_questions"

PROCEDURE = "procedure"


class Half(StrEnum):
    """The half for choosing among variants and fitting, and the one that judges the choice.

    `UNSEEN` judges, too: questions of later, whose documents neither half uses.
    """

    CHOOSING = "choosing"
    UNTOUCHED = "untouched"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question, and by path of a document the quotes an answer must rest on, in their order.

    Several quotes are the steps of a procedure or the points of a list. Any of the documents will do,
    the first is the one the question was written from; none: the handbook does not say.
    """

    half: Half
    kind: str
    text: str
    evidence: Mapping[str, Sequence[str]]


def load_questions(file: Path) -> Sequence[GoldQuestion]:
    """Read one handbook's file. Raises pydantic's `ValidationError`."""
    return list(_questions(_File.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))))


def stale(questions: Sequence[GoldQuestion], handbook: Path) -> Sequence[str]:
    """Return a line for each quote that does not occur exactly once in its document."""
    found: list[str] = []
    for question in questions:
        for path, quotes in question.evidence.items():
            document = handbook / path
            text = document.read_text(encoding="utf-8") if document.is_file() else ""
            found += [
                f"{path}: occurs {text.count(quote)} times: {quote!r}"
                for quote in quotes
                if text.count(quote) != 1
            ]
    return found


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Question(_Table):
    kind: str
    text: str
    evidence: Sequence[str] = Field(min_length=1)
    also: Sequence[tuple[str, str]] = ()


class _Document(_Table):
    path: str
    half: Half
    question: Sequence[_Question] = Field(min_length=1)


class _Unanswerable(_Table):
    text: str
    half: Half


class _File(_Table):
    document: Sequence[_Document]
    unanswerable: Sequence[_Unanswerable] = ()


def _questions(file: _File) -> Iterator[GoldQuestion]:
    for document in file.document:
        for question in document.question:
            others = {path: [quote] for path, quote in question.also}
            evidence = {document.path: question.evidence, **others}
            yield GoldQuestion(document.half, question.kind, question.text, evidence)
    for question in file.unanswerable:
        yield GoldQuestion(question.half, "unanswerable", question.text, {})
