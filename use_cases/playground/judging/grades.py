"""The graded types of assertion, each a function of a judge, an assertion, an output and its case.

Names, inputs, scores and default thresholds are promptfoo's (0.123.1). The questions to the model and
the form of its answers are ours; docs/explanation/evaluation.md lists where a result may differ.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from use_cases.kernel.targets import TargetOutput
from use_cases.kernel.text.plain_text import value_text
from use_cases.kernel.text.prompt_injection import Material
from use_cases.playground.errors import AssertionInvalid
from use_cases.playground.judging.judge import (
    AnswerForm,
    JudgeModel,
    context_units,
    question_of,
    referring,
)
from use_cases.playground.model import Assertion, Case
from use_cases.playground.ports import Similarity, VectorMetric

_ROUNDING = 1e-9
_G_EVAL_THRESHOLD = 0.7
_MOST_SCORE = 10


class CriterionJudgement(AnswerForm):
    """The judgement of a text by a criterion."""

    reason: Annotated[str, Field(description="Why, in one or two sentences.")]
    evidence: Annotated[
        str,
        Field(
            description="The words of the judged text that decide it, quoted exactly; empty where something is absent."
        ),
    ] = ""
    passed: Annotated[
        bool, Field(alias="pass", description="Whether the text meets the criterion.")
    ]
    score: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="How well it meets the criterion, from 0 (not at all) to 1 (wholly).",
        ),
    ]


class FactualComparison(AnswerForm):
    """The comparison of the facts in an answer with those of an expert's answer."""

    reason: Annotated[str, Field(description="Why, in one or two sentences.")]
    category: Annotated[
        Literal["A", "B", "C", "D", "E"],
        Field(
            description=(
                "A: the answer is a subset of the expert's and consistent with it. B: a superset of the expert's\n"
                "and consistent with it. C: it has all the same details. D: the two disagree. E: they differ, but the\n"
                "differences do not matter for the facts."
            )
        ),
    ]


class EvaluationSteps(AnswerForm):
    """The steps by which a text is rated."""

    steps: Annotated[
        list[str],
        Field(
            min_length=1,
            max_length=10,
            description="3 or 4 short steps that tell a rater how to apply the criterion.",
        ),
    ]


class Rating(AnswerForm):
    """The rating of a text."""

    reason: Annotated[
        str, Field(description="Why, in one or two sentences that refer to the steps.")
    ]
    score: Annotated[
        int,
        Field(
            ge=0, le=10, description="From 0 (does not meet the criterion) to 10 (meets it wholly)."
        ),
    ]


class Questions(AnswerForm):
    """Questions that a text answers."""

    questions: Annotated[
        list[str],
        Field(
            min_length=3,
            max_length=3,
            description="Three questions, each one that the text as a whole answers.",
        ),
    ]


class Claim(AnswerForm):
    """A statement, and whether the context supports it."""

    statement: Annotated[str, Field(description="The statement, understandable by itself.")]
    supported: Annotated[
        bool, Field(description="Whether it can be inferred from the context alone.")
    ]


class Claims(AnswerForm):
    """The statements of a text."""

    claims: Annotated[
        list[Claim],
        Field(
            description="Every statement of fact in the text, none twice; empty where it states no fact."
        ),
    ]


class RelevantPieces(AnswerForm):
    """The pieces of a context that help to answer a question."""

    numbers: Annotated[
        list[int],
        Field(
            description="The numbers of the pieces that are needed to answer the question; empty where none is."
        ),
    ]


@dataclass(frozen=True, slots=True)
class Found:
    """The finding of a judge, before `not-`."""

    passed: bool
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class JudgedOutput:
    """Question to a judge: an output, its assertion and its case."""

    assertion: Assertion
    output: TargetOutput
    case: Case

    @property
    def value(self) -> str:
        """The assertion's value as text. Raises `AssertionInvalid` where there is none."""
        value = self.assertion.value
        if value is None or value == "":
            raise AssertionInvalid(f"{self.assertion.type} needs a `value`.")
        return value_text(value)

    @property
    def answer(self) -> Material:
        """The block of the judged text."""
        return Material("answer", self.output.text)

    @property
    def asked(self) -> Material:
        """The block of what was asked."""
        named = self.assertion.config.get("query")
        return Material("question", question_of(self.case) if named is None else value_text(named))

    @property
    def context(self) -> Sequence[str]:
        """The pieces of the context. Raises `AssertionInvalid` where there is none."""
        units = context_units(self.case, self.output, self.assertion.config.get("context"))
        if not units:
            raise AssertionInvalid(
                f"{self.assertion.type} needs a context: a variable `context`, or what was retrieved."
            )
        return units

    def over(self, score: float, what: str, *, default: float = 0.0) -> Found:
        """Returns the finding that a score is at or over the threshold."""
        threshold = self.assertion.threshold
        threshold = default if threshold is None else threshold
        passed = score >= threshold - _ROUNDING
        return Found(passed, score, f"{what} {score:.2f} is {'≥' if passed else '<'} {threshold:g}")


Grading = Callable[[JudgeModel, JudgedOutput], Awaitable[Found]]


async def grade_by_rubric(judge: JudgeModel, question: JudgedOutput) -> Found:
    """`llm-rubric`: passes if the judge says so and, with a threshold, if the score reaches it."""
    judgement = await _judge_by_criterion(judge, question)
    threshold = question.assertion.threshold
    reached = threshold is None or judgement.score >= threshold - _ROUNDING
    reason = judgement.reason if reached else f"{judgement.reason} (score below {threshold:g})"
    return Found(judgement.passed and reached, judgement.score, _quoting(reason, judgement))


async def grade_closed_question(judge: JudgeModel, question: JudgedOutput) -> Found:
    """`model-graded-closedqa`: the answer meets the criterion, or it does not."""
    judgement = await _judge_by_criterion(judge, question)
    score = 1.0 if judgement.passed else 0.0
    return Found(judgement.passed, score, _quoting(judgement.reason, judgement))


_FACTUAL_SCORES: Mapping[str, tuple[str, float, str]] = {
    "A": ("subset", 1.0, "a subset of the reference, consistent with it"),
    "B": ("superset", 1.0, "a superset of the reference, consistent with it"),
    "C": ("agree", 1.0, "the same details as the reference"),
    "D": ("disagree", 0.0, "a disagreement with the reference"),
    "E": ("differButFactual", 1.0, "differences that do not matter for the facts"),
}


async def grade_factuality(judge: JudgeModel, question: JudgedOutput) -> Found:
    """`factuality`: the category A to E of the answer beside the reference; D fails.

    `config` may hold other scores for `subset`, `superset`, `agree`, `disagree` and
    `differButFactual`; a category with a score over 0 passes.
    """
    compared = await judge.ask(
        FactualComparison,
        "Compare the facts in the block “answer” with those in the block “expert”, both given to the "
        "block “question”. Ignore differences in style, grammar and punctuation.",
        question.asked,
        Material("expert", question.value),
        question.answer,
    )
    name, score, meaning = _FACTUAL_SCORES[compared.category]
    given = question.assertion.config.get(name)
    if isinstance(given, int | float):
        score = float(given)
    return Found(score > 0, score, f"({compared.category}: {meaning}) {compared.reason}")


class GEval:
    """`g-eval`: the judge writes steps for the criterion, then rates by them, from 0 to 10.

    The steps of a criterion are kept, so that all outputs are rated by the same ones; `config.steps`
    gives them instead. Several criteria are rated one by one, and their mean counts.
    """

    def __init__(self, most_kept: int = 1000) -> None:
        self._most_kept = most_kept
        self._kept: dict[tuple[str, str], Sequence[str]] = {}

    async def grade(self, judge: JudgeModel, question: JudgedOutput) -> Found:
        """Returns the finding for one output."""
        value = question.assertion.value
        criteria = (
            [value_text(each) for each in value] if isinstance(value, list) else [question.value]
        )
        if not criteria:
            raise AssertionInvalid("g-eval needs a criterion.")
        ratings = [await self._rate(judge, question, each) for each in criteria]
        found = question.over(
            fmean(rating.score for rating in ratings) / _MOST_SCORE,
            "Rating",
            default=_G_EVAL_THRESHOLD,
        )
        reasons = " ".join(rating.reason for rating in ratings)
        return Found(found.passed, found.score, f"{found.reason}. {reasons}")

    async def _rate(self, judge: JudgeModel, question: JudgedOutput, written: str) -> Rating:
        criterion, values = referring(written, question.case)
        steps = await self._steps(judge, criterion, question.assertion.config.get("steps"))
        return await judge.ask(
            Rating,
            "Rate how well the block “answer” (given to the block “question”) meets the block "
            f"“criterion”, from 0 to {_MOST_SCORE}. Follow the block “steps”.",
            Material("criterion", criterion),
            Material("steps", "\n".join(f"{place}. {step}" for place, step in enumerate(steps, 1))),
            *values,
            question.asked,
            question.answer,
        )

    async def _steps(self, judge: JudgeModel, criterion: str, given: JsonValue) -> Sequence[str]:
        if isinstance(given, list) and given:
            return [value_text(step) for step in given]
        key = (judge.resolved.name, criterion)
        if key not in self._kept:
            made = await judge.ask(
                EvaluationSteps,
                "Write the steps by which a rater decides how well an answer to a question meets the "
                "block “criterion”.",
                Material("criterion", criterion),
            )
            if len(self._kept) >= self._most_kept:
                self._kept.pop(next(iter(self._kept)))
            # Another output may have had them made meanwhile: the first ones hold for all.
            self._kept.setdefault(key, made.steps)
        return self._kept[key]


class AnswerRelevance:
    """`answer-relevance`: the mean likeness of three questions that the answer answers to the one asked."""

    def __init__(self, similarity: Similarity) -> None:
        self._similarity = similarity

    async def grade(self, judge: JudgeModel, question: JudgedOutput) -> Found:
        """Returns the finding for one output."""
        answered = await judge.ask(
            Questions, "Write three questions that the block “answer” answers.", question.answer
        )
        likenesses = [
            await self._similarity.similarity(question.asked.text, each, VectorMetric.COSINE)
            for each in answered.questions
        ]
        return question.over(max(0.0, fmean(likenesses)), "Relevance")


async def grade_faithfulness(judge: JudgeModel, question: JudgedOutput) -> Found:
    """`context-faithfulness`: the share of the answer's statements that the context supports.

    An answer without a statement of fact is faithful.
    """
    claims = await _claims(judge, question, question.answer)
    return question.over(_supported(claims) if claims.claims else 1.0, "Faithfulness")


async def grade_recall(judge: JudgeModel, question: JudgedOutput) -> Found:
    """`context-recall`: the share of the reference's statements that the context supports."""
    claims = await _claims(judge, question, Material("answer", question.value))
    if not claims.claims:
        raise AssertionInvalid("The reference of context-recall states no fact.")
    return question.over(_supported(claims), "Recall")


async def grade_relevance(judge: JudgeModel, question: JudgedOutput) -> Found:
    """`context-relevance`: the share of the context's pieces that are needed for the answer."""
    units = question.context
    relevant = await judge.ask(
        RelevantPieces,
        "Name the numbers of the pieces in the block “context” that are needed to answer the block "
        "“question”. Each piece begins with its number in brackets.",
        question.asked,
        _numbered(units),
    )
    needed = {number for number in relevant.numbers if 1 <= number <= len(units)}
    return question.over(len(needed) / len(units), "Relevance")


async def _judge_by_criterion(judge: JudgeModel, question: JudgedOutput) -> CriterionJudgement:
    criterion, values = referring(question.value, question.case)
    return await judge.ask(
        CriterionJudgement,
        "Judge whether the block “answer”, given to the block “question”, meets the block “criterion”.",
        Material("criterion", criterion),
        *values,
        question.asked,
        question.answer,
    )


async def _claims(judge: JudgeModel, question: JudgedOutput, text: Material) -> Claims:
    return await judge.ask(
        Claims,
        "List the statements of fact in the block “answer”, and say of each whether it can be inferred "
        "from the block “context” alone. The block “question” is what was asked.",
        question.asked,
        _numbered(question.context),
        text,
    )


def _supported(claims: Claims) -> float:
    return fmean(claim.supported for claim in claims.claims)


def _numbered(units: Sequence[str]) -> Material:
    return Material("context", "\n".join(f"[{n}] {unit}" for n, unit in enumerate(units, 1)))


def _quoting(reason: str, judgement: CriterionJudgement) -> str:
    return f"{reason} (“{judgement.evidence}”)" if judgement.evidence else reason
