"""The recorded answers of a person: newest first, one of them, their figures, and the feedback on one."""

import asyncio
from dataclasses import replace

from use_cases.chat.answer_summary import MOST, AnswerSummary, summarise
from use_cases.chat.model import EVERY_ANSWER, Answer, AnswerFilter, Feedback
from use_cases.chat.ports import Answers, CitableDocuments
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import Caller
from use_cases.kernel.model_names import full_name
from use_cases.kernel.page import Page, require_limit

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
        """At most `limit` answers that are wanted, newest first; `before` is the id of the last one
        already seen.

        Raises `InvalidInput` for a limit outside 1 to `LARGEST_PAGE`, and `AnswerNotFound` when
        `before` is no answer of the caller's.
        """
        require_limit(limit, LARGEST_PAGE)
        return await self._answers.answers(caller, _cleaned(wanted), limit=limit, before=before)

    async def summarise(self, caller: Caller, wanted: AnswerFilter = EVERY_ANSWER) -> AnswerSummary:
        """The figures of the answers that are wanted, and the documents that they cite."""
        facts = await self._answers.facts(caller, _cleaned(wanted), limit=MOST)
        documents = await self._documents.references()
        # Many answers take tenths of a second, in which others want to be served.
        return await asyncio.to_thread(summarise, facts, documents, complete=not facts.more)

    async def show(self, caller: Caller, answer_id: str) -> Answer:
        """One answer, whole. Raises `AnswerNotFound`, also for another person's."""
        return await self._answers.answer(caller, answer_id)


def _cleaned(wanted: AnswerFilter) -> AnswerFilter:
    """Return the filter with the recorded name of its model, and without what asks for nothing."""
    model = full_name(wanted.model.strip()) if wanted.model else None
    return replace(wanted, model=model or None, text=(wanted.text or "").strip() or None)


class JudgeAnswer:
    """Stores a person's feedback on an answer; the last one is in force."""

    def __init__(self, *, answers: Answers) -> None:
        self._answers = answers

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
        """Store whether the answer is right, None to take it back, with notes; of a wrong one also the
        `expected` answer and the `document` that has it, where they are known.

        Raises `AnswerNotFound`, and `InvalidInput` for a text that is too long, or a correction of an
        answer that is not wrong.
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
        return await self._answers.judge(caller, answer_id, said)


def _text(name: str, given: str | None) -> str | None:
    text = (given or "").strip() or None
    if text is not None and len(text) > LONGEST_NOTES:
        raise InvalidInput(f"The {name} has more than {LONGEST_NOTES:,} characters.")
    return text
