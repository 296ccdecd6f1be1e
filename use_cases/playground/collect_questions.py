"""Collect recorded questions in a dataset, so that a prompt is evaluated on what people really ask.

Promises: only the caller's own records are read (all of them for one who owns all), and of each
capability only with its scope; known secrets are removed. An answer that was judged right is the
expected one, and the case checks what followed from it. A wrong one is metadata, and the case checks what
a person said would be right: the text (by a judge where there is one, else by its figures and its
meaning) and the document. Any other answer is metadata, for a person to correct. Collected again under
the same name, questions are added to the dataset: a case in it that says what is right stays as it is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic import JsonValue

from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.identity.errors import ScopeMissing
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, Models
from use_cases.kernel.runs.surroundings import closing
from use_cases.kernel.targets import (
    AnswerFilter,
    RecordedQuestion,
    RecordedQuestions,
)
from use_cases.kernel.text.secrets import SecretFilter
from use_cases.playground.manage_datasets import ManageDatasets, kept_items
from use_cases.playground.model import Assertion, Case, Dataset, PlacedCase
from use_cases.playground.ports import Datasets, VersionDraft
from use_cases.playground.templates import escape_braces

MOST_QUESTIONS = 10_000
_AT_ONCE = 500
_SHORT = 6
"""The words of an expected answer that an answer must have as they are, such as "90 days"."""
_FIGURE = re.compile(r"\d+(?:[.,:/-]\d+)*")
_ALIKE = 0.6
"""The cosine of two sentences that say the same in other words; of other matters it is below 0.4."""


class CollectQuestions:
    """Collects the caller's recorded questions in datasets."""

    def __init__(
        self,
        *,
        recorded_questions: Mapping[str, RecordedQuestions],
        manage_datasets: ManageDatasets,
        datasets: Datasets,
        secrets: SecretFilter,
        models: Models,
        clock: Clock,
        judge_model: str | None = None,
    ) -> None:
        self._recorded = recorded_questions
        self._manage = manage_datasets
        self._datasets = datasets
        self._secrets = secrets
        self._models = models
        self._clock = clock
        self._judge = judge_model

    async def run(
        self,
        caller: Caller,
        name: str,
        wanted: AnswerFilter,
        *,
        target: str | None = None,
        limit: int = 1000,
    ) -> Dataset:
        """Returns the dataset of this name, a new one where there is none, with the newest questions
        that fit: `target` names a capability, None means all.

        Raises `InvalidInput` where none fits, or one of the ids is of none that does, and `ScopeMissing`.
        """
        if not 1 <= limit <= MOST_QUESTIONS:
            raise InvalidInput(f"The limit must be from 1 to {MOST_QUESTIONS:,}, not {limit}.")
        found: list[tuple[str, RecordedQuestion]] = []
        for kind, recorded in self._readable(caller, target).items():
            of_kind = 0
            async with closing(recorded.questions(caller, wanted)) as questions:
                async for question in questions:
                    found.append((kind, question))
                    of_kind += 1
                    if of_kind == limit:
                        break
        missing = set(wanted.ids or ()) - {question.record_id for _, question in found}
        if missing and len(found) < limit:
            raise InvalidInput(
                f"No recorded question that fits has the id {', '.join(sorted(missing))[:200]}.",
                hint="Leave it out; `candor answers` and `candor confidence recent` list the ids.",
            )
        if not found:
            raise InvalidInput(
                "No recorded question fits.", hint="Leave out a filter, such as the day."
            )
        found.sort(key=lambda pair: pair[1].asked_at, reverse=True)
        dataset = await self._manage.named(caller, name)
        draft = await self._datasets.begin_version(dataset.dataset_id, keep=dataset.version > 0)
        judged = self._can_judge()
        cases = [self._case(kind, question, judged=judged) for kind, question in found[:limit]]
        for start in range(0, len(cases), _AT_ONCE):
            await self._put(draft, cases[start : start + _AT_ONCE], draft.end + start)
        await self._datasets.publish(
            draft, author=caller.user_id, now=self._clock.now(), note="recorded questions"
        )
        return await self._datasets.dataset(caller, dataset.dataset_id)

    async def _put(self, draft: VersionDraft, cases: Sequence[Case], place: int) -> None:
        """Puts cases from a place on; one that is there keeps its place, and what it says is right."""
        there = await kept_items(self._datasets, draft, cases)
        placed = [
            PlacedCase(there[case.key].place if case.key in there else place + at, case)
            for at, case in enumerate(cases)
            if case.key not in there or _says_nothing(there[case.key].case)
        ]
        await self._datasets.put(draft, placed)

    def _readable(self, caller: Caller, target: str | None) -> Mapping[str, RecordedQuestions]:
        wanted = {kind: each for kind, each in self._recorded.items() if target in (None, kind)}
        if not wanted:
            raise InvalidInput(f"{str(target)[:60]!r} is none of: {', '.join(self._recorded)}.")
        found = {kind: each for kind, each in wanted.items() if each.scope in caller.scopes}
        if not found:
            raise ScopeMissing(
                f"The API key lacks the scope `{next(iter(wanted.values())).scope}`."
            )
        return found

    def _can_judge(self) -> bool:
        """Returns whether a model compares facts here; an offline one does not."""
        try:
            resolved = self._models.resolve(self._judge, trusted=True)
        except InvalidInput:
            return False
        return resolved.metered

    def _case(self, kind: str, question: RecordedQuestion, *, judged: bool) -> Case:
        answer = self._secrets.clean(question.answer)
        corrected = question.expected and self._secrets.clean(question.expected)
        question = replace(question, expected=corrected)
        metadata: dict[str, JsonValue] = {
            "answer_id": question.record_id,
            "target": kind,
            "model": question.model,
            "prompt_version": question.prompt_version,
            "outcome": question.outcome.value,
            "date": question.asked_at.isoformat(),
        }
        if question.right is not None:
            metadata["feedback"] = "right" if question.right else "wrong"
        if not question.right:
            metadata["answer"] = answer
        return Case(
            key=question.record_id,
            variables={
                name: self._secrets.clean(value) if isinstance(value, str) else value
                for name, value in question.variables.items()
            },
            expected=answer if question.right else question.expected,
            assertions=(
                _assertions(question) if question.right else _drafted(question, judged=judged)
            ),
            metadata=metadata,
        )


def _says_nothing(case: Case) -> bool:
    """Tells whether a case does not say yet what is right."""
    return case.expected is None and not case.assertions


def _assertions(question: RecordedQuestion) -> Sequence[Assertion]:
    """Returns the checks that follow from an answer that was right."""
    found = [Assertion(type="outcome-is", value=question.outcome.value)]
    found += [Assertion(type="cites-document", value=name) for name in question.documents]
    if question.choice is not None:
        found.append(Assertion(type="choice-is", value=question.choice))
    return found


def _drafted(question: RecordedQuestion, *, judged: bool) -> Sequence[Assertion]:
    """Returns the checks that follow from what a person said would be right."""
    found: list[Assertion] = []
    if expected := question.expected:
        text = escape_braces(expected)
        figures = list(dict.fromkeys(_FIGURE.findall(expected)))
        if len(expected.split()) <= _SHORT:
            found.append(Assertion(type="icontains", value=text.strip(" .")))
        elif judged:
            found.append(Assertion(type="factuality", value=text))
        else:
            if figures:
                found.append(Assertion(type="icontains-all", value=[*figures]))
            found.append(Assertion(type="similar", value=text, threshold=_ALIKE))
    if question.expected_document:
        found.append(Assertion(type="cites-document", value=question.expected_document))
    return found
