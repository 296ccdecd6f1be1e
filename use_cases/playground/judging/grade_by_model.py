"""Grades outputs by a model that judges, as the port `Checks` does without one.

Promises: what a judge cannot decide (its provider fails, it refuses, its answer has no usable form) is
a result with the verdict `error` and the code of what failed, and never a failure of the output; each
result has what its judging took. Leaves to others: which results count how much.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from pydantic_ai.usage import RunUsage

from use_cases.kernel.errors import CandorError
from use_cases.kernel.ports import Entropy, Models
from use_cases.kernel.runs.model_calls import counted_requests
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.errors import AssertionInvalid
from use_cases.playground.judging.choices import compare_pairwise, select_best, select_max_score
from use_cases.playground.judging.grades import (
    AnswerRelevance,
    Found,
    GEval,
    Grading,
    JudgedOutput,
    grade_by_rubric,
    grade_closed_question,
    grade_factuality,
    grade_faithfulness,
    grade_recall,
    grade_relevance,
)
from use_cases.playground.judging.judge import JudgeModel, appointed
from use_cases.playground.model import Assertion, AssertionResult, Case, Verdict
from use_cases.playground.ports import Similarity

_NOT = "not-"
_FEWEST = 2

Comparing = Callable[
    [JudgeModel, Assertion, Sequence[TargetOutput], Case], Awaitable[Sequence[Found]]
]


class GradeByModel:
    """The assertions that a model judges. `seconds` bound each of its answers.

    Give criteria (`value` of llm-rubric, model-graded-closedqa, g-eval, select-best and pairwise) as
    their author wrote them: their placeholders become references to fenced values, so that no value of
    a dataset stands among the words that tell the judge what to look for.
    """

    criteria_types = frozenset(
        {"llm-rubric", "model-graded-closedqa", "g-eval", "select-best", "pairwise"}
    )
    """The types whose `value` keeps its placeholders."""
    comparing_types = frozenset({"select-best", "pairwise", "max-score"})
    """The types that `compare` decides, over all outputs of a case."""

    def __init__(
        self,
        *,
        models: Models,
        entropy: Entropy,
        similarity: Similarity,
        seconds: float = 60.0,
    ) -> None:
        self._models = models
        self._entropy = entropy
        self._seconds = seconds
        self._gradings: Mapping[str, Grading] = {
            "llm-rubric": grade_by_rubric,
            "model-graded-closedqa": grade_closed_question,
            "factuality": grade_factuality,
            "model-graded-factuality": grade_factuality,
            "g-eval": GEval().grade,
            "answer-relevance": AnswerRelevance(similarity).grade,
            "context-faithfulness": grade_faithfulness,
            "context-recall": grade_recall,
            "context-relevance": grade_relevance,
        }
        self.types = frozenset(self._gradings)
        """The types that `check` decides for one output, without `not-`."""
        self._comparing: Mapping[str, Comparing] = {
            "select-best": select_best,
            "pairwise": compare_pairwise,
        }

    def asks(self, assertion: Assertion) -> bool:
        """Returns whether a model is asked: for all of these types but max-score."""
        name = assertion.type.removeprefix(_NOT)
        return name in self._gradings or name in self._comparing

    async def check(
        self,
        assertion: Assertion,
        output: TargetOutput,
        case: Case,
        judge_model: str | None = None,
    ) -> AssertionResult:
        """Grades one output. The assertion's own `judge` is preferred to `judge_model`; never raises."""
        usage = RunUsage()
        judge: JudgeModel | None = None
        with counted_requests(retried=True) as sent:
            try:
                judge = self._judge(assertion, judge_model, usage)
                grade = self._gradings[assertion.type.removeprefix(_NOT)]
                found = await grade(judge, JudgedOutput(assertion, output, case))
            except CandorError as error:
                found = error
        result = _result(assertion, found, usage, max(sent.count, usage.requests))
        if judge is None:
            return result
        return replace(result, judge=judge.resolved.name, judge_version=judge.version)

    async def compare(
        self,
        assertion: Assertion,
        outputs: Sequence[TargetOutput],
        case: Case,
        judge_model: str | None = None,
        *,
        graded: Sequence[Sequence[AssertionResult]] = (),
    ) -> Sequence[AssertionResult]:
        """Compares the outputs of one case; one result for each, in their order. Never raises.

        `graded` are the results of each output's other assertions, which max-score needs. The cost of
        judging is shared out evenly.
        """
        usage = RunUsage()
        found: Sequence[Found | CandorError]
        with counted_requests(retried=True) as sent:
            try:
                if len(outputs) < _FEWEST:
                    raise AssertionInvalid(
                        f"{assertion.type} needs at least two outputs of a case."
                    )
                kind = assertion.type.removeprefix(_NOT)
                if kind == "max-score":
                    found = select_max_score(assertion, graded)
                else:
                    judge = self._judge(assertion, judge_model, usage)
                    found = await self._comparing[kind](judge, assertion, outputs, case)
            except CandorError as error:
                found = [error] * len(outputs)
        calls, count = max(sent.count, usage.requests), len(outputs)
        return [
            _result(assertion, each, share, (calls + place) // count)
            for place, (each, share) in enumerate(zip(found, _shares(usage, count), strict=True))
        ]

    def _judge(self, assertion: Assertion, judge_model: str | None, usage: RunUsage) -> JudgeModel:
        return appointed(
            self._models,
            assertion.judge or judge_model,
            entropy=self._entropy,
            seconds=self._seconds,
            usage=usage,
        )


def _result(
    assertion: Assertion, found: Found | CandorError, usage: RunUsage, calls: int
) -> AssertionResult:
    if isinstance(found, CandorError):
        result = assertion.result(Verdict.ERROR, reason=found.account, code=found.code)
    else:
        negated = assertion.type.startswith(_NOT)
        verdict = Verdict.PASSED if found.passed is not negated else Verdict.FAILED
        score = 1 - found.score if negated else found.score
        result = assertion.result(verdict, score, found.reason)
    return replace(
        result,
        cost=usage.cost,
        input_tokens=usage.input_tokens or None,
        output_tokens=usage.output_tokens or None,
        calls=calls,
    )


def _shares(usage: RunUsage, count: int) -> Sequence[RunUsage]:
    """Divides a usage into equal parts that add up to it."""
    return [
        RunUsage(
            input_tokens=(usage.input_tokens + place) // count,
            output_tokens=(usage.output_tokens + place) // count,
            cost=None if usage.cost is None else Decimal(usage.cost) / count,
        )
        for place in range(count)
    ]
