"""The recorded answers of a person: newest first, one of them, their figures, the feedback on one.

Promises of the figures: one pass over the answers that a filter selects, the newest `MOST` of them; what is
not known (a model without a price) is counted as that, and never as 0. Leaves to others: which answers a
caller may see (`use_cases.chat.ports.Answers`).
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from math import ceil
from typing import Any

from pydantic import JsonValue

from use_cases.chat.errors import CorrectionUnknown
from use_cases.chat.model import Answer, AnswerFacts, Feedback
from use_cases.chat.ports import Answers, CitableDocuments
from use_cases.kernel.citations.sources import Outcome, cited_documents
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import Caller, DocumentRef, Page, Scope, require_limit
from use_cases.kernel.targets import EVERY_ANSWER, AnswerFilter, Judgement, RecordedQuestion

MOST = 100_000
"""The answers of one summary."""

LISTED = 20
"""The documents that are named where nobody asks for more; the others are counted."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Times of answers in milliseconds, by nearest rank."""

    p50: int
    p90: int
    p99: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTotals:
    """Figures of some answers. `cost` (US dollars) and tokens are those that are known; `unpriced`
    answers have no known cost. `latency_ms` is None without an answer.
    """

    answers: int
    outcomes: Mapping[Outcome, int]
    feedback: Mapping[Judgement, int]
    cost: Decimal
    unpriced: int
    input_tokens: int
    output_tokens: int
    latency_ms: Latency | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionTotals(AnswerTotals):
    """The same of one model and prompt version."""

    model: str
    prompt_version: str


@dataclass(frozen=True, slots=True)
class CitedDocument:
    """A document, and the number of answers that cite it."""

    document_id: str
    name: str
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSummary(AnswerTotals):
    """The figures of all selected answers, and by model and prompt version, the most used first.

    `complete` is false where older answers than the newest `MOST` were left out. `cited` are the
    documents cited most, `never_cited` those of the knowledge base that no selected answer cites, by
    name; both are the first ones of `documents_cited` and `documents_never_cited`.
    """

    complete: bool
    by_version: Sequence[VersionTotals]
    documents_cited: int
    cited: Sequence[CitedDocument]
    documents_never_cited: int
    never_cited: Sequence[CitedDocument]


def summarise(
    facts: Sequence[AnswerFacts],
    documents: Iterable[DocumentRef],
    *,
    complete: bool,
    listed: int = LISTED,
) -> AnswerSummary:
    """Returns the summary of these answers, and of the documents that they could have cited."""
    versions: dict[tuple[str, str], list[AnswerFacts]] = {}
    names: dict[str, str] = {}
    cited: Counter[str] = Counter()
    for each in facts:
        versions.setdefault((each.model, each.prompt_version), []).append(each)
        cited.update(each.cited.keys())
        for key, name in each.cited.items():
            names.setdefault(key, name)  # the newest answer comes first, and has the newest name
    never = {each.document_id: each.name for each in documents if each.document_id not in cited}
    most = sorted(cited.items(), key=lambda item: (-item[1], names[item[0]]))
    by_version = sorted(versions.items(), key=lambda item: (-len(item[1]), item[0]))
    return AnswerSummary(
        **_totals(facts),
        complete=complete,
        by_version=[
            VersionTotals(**_totals(each), model=model, prompt_version=prompt_version)
            for (model, prompt_version), each in by_version
        ],
        documents_cited=len(cited),
        cited=[CitedDocument(key, names[key], count) for key, count in most[:listed]],
        documents_never_cited=len(never),
        never_cited=[
            CitedDocument(key, name, 0)
            for key, name in sorted(never.items(), key=lambda item: (item[1], item[0]))[:listed]
        ],
    )


def _totals(facts: Sequence[AnswerFacts]) -> dict[str, Any]:
    times = sorted(each.latency_ms for each in facts)
    return {
        "answers": len(facts),
        "outcomes": Counter(each.outcome for each in facts),
        "feedback": Counter(Judgement.of(each.right) for each in facts),
        "cost": sum((each.cost for each in facts if each.cost is not None), Decimal(0)),
        "unpriced": sum(each.cost is None for each in facts),
        "input_tokens": sum(each.input_tokens or 0 for each in facts),
        "output_tokens": sum(each.output_tokens or 0 for each in facts),
        "latency_ms": Latency(*(_rank(times, share) for share in (50, 90, 99))) if times else None,
    }


def _rank(ordered: Sequence[int], percent: int) -> int:
    """Returns the value that so many percent do not exceed."""
    return ordered[ceil(len(ordered) * percent / 100) - 1]


LARGEST_PAGE = 200
LONGEST_NOTES = 4_000


class ReadAnswers:
    """The caller's recorded answers."""

    def __init__(self, *, answers: Answers, documents: CitableDocuments) -> None:
        self._answers = answers
        self._documents = documents

    async def list(
        self,
        caller: Caller,
        wanted: AnswerFilter = EVERY_ANSWER,
        *,
        limit: int = 50,
        before: str | None = None,
    ) -> Page[Answer]:
        """Returns at most `limit` answers that are wanted, newest first; `before` is the id of the last
        one already seen.

        Raises `InvalidInput` for a limit outside 1 to `LARGEST_PAGE`, and `AnswerNotFound` when
        `before` is no answer of the caller's.
        """
        require_limit(limit, LARGEST_PAGE)
        return await self._answers.answers(caller, wanted.cleaned(), limit=limit, before=before)

    async def summarise(
        self, caller: Caller, wanted: AnswerFilter = EVERY_ANSWER, *, listed: int = LISTED
    ) -> AnswerSummary:
        """Returns the figures of the answers that are wanted, and so many of the documents that they
        cite, and that they never do.
        """
        facts = await self._answers.facts(caller, wanted.cleaned(), limit=MOST)
        documents = await self._documents.references()
        # Many answers take tenths of a second, in which others want to be served.
        return await asyncio.to_thread(
            summarise, facts, documents, complete=not facts.more, listed=listed
        )

    async def show(self, caller: Caller, answer_id: str) -> Answer:
        """Returns an answer, whole. Raises `AnswerNotFound`, also for another person's."""
        return await self._answers.answer(caller, answer_id)


class JudgeAnswer:
    """Stores a person's feedback on an answer; the last one is in force."""

    def __init__(self, *, answers: Answers, documents: CitableDocuments) -> None:
        self._answers = answers
        self._documents = documents

    async def run(
        self,
        caller: Caller,
        answer_id: str,
        right: bool | None,
        *,
        notes: str | None = None,
        expected: str | None = None,
        document: str | None = None,
    ) -> Answer:
        """Stores whether the answer is right, None to take it back, with notes; of a wrong one also the
        `expected` answer and the `document` that has it (its name, the last part of it, title or id),
        where they are known.

        Raises `AnswerNotFound`, `CorrectionUnknown`, and `InvalidInput` for a text that is too long, or a
        correction of an answer that is not wrong.
        """
        said = Feedback(
            right=right,
            notes=_text("notes", notes),
            expected=_text("right answer", expected),
            expected_document=_text("document's name", document),
        )
        if right is not False and (said.expected or said.expected_document):
            raise InvalidInput(
                "Only a wrong answer is corrected.", hint="Say that it is wrong, too."
            )
        if said.expected_document:
            await self._require_document(said.expected_document)
        return await self._answers.judge(caller, answer_id, said)

    async def _require_document(self, given: str) -> None:
        stored = await self._documents.references()
        for each in stored:
            names = (each.document_id, each.name, each.title, each.name.rpartition("/")[2])
            if given.casefold() in {name.casefold() for name in names}:
                return
        near = get_close_matches(given, [each.name for each in stored], n=3)
        raise CorrectionUnknown(
            f"There is no document {given[:100]!r}, so it cannot have the right answer.",
            hint=f"Did you mean {' or '.join(near)}?" if near else None,
        )


def _text(name: str, given: str | None) -> str | None:
    text = (given or "").strip() or None
    if text is not None and len(text) > LONGEST_NOTES:
        raise InvalidInput(f"The {name} has more than {LONGEST_NOTES:,} characters.")
    return text


_AT_ONCE = 200


class ChatQuestions:
    """Implementation of the port `RecordedQuestions`."""

    scope = Scope.CHAT

    def __init__(self, *, answers: Answers) -> None:
        self._answers = answers

    async def questions(
        self, caller: Caller, wanted: AnswerFilter
    ) -> AsyncGenerator[RecordedQuestion]:
        """Returns the caller's that fit, the newest first."""
        before, more = None, True
        while more:
            page = await self._answers.answers(
                caller, wanted.cleaned(), limit=_AT_ONCE, before=before
            )
            for answer in page:
                yield _question(answer)
                before = answer.answer_id
            more = page.more


def _question(answer: Answer) -> RecordedQuestion:
    variables: dict[str, JsonValue] = {"question": answer.question}
    if answer.category:
        variables["category"] = answer.category
    return RecordedQuestion(
        record_id=answer.answer_id,
        variables=variables,
        answer=answer.text,
        outcome=answer.outcome,
        model=answer.model,
        prompt_version=answer.prompt_version,
        asked_at=answer.created_at,
        documents=cited_documents(answer.sources),
        right=answer.right,
        expected=answer.expected,
        expected_document=answer.expected_document,
    )
