"""The types of assertion that compare the outputs of one case: select-best, pairwise, max-score."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import combinations
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from use_cases.kernel.errors import ModelMisbehaved
from use_cases.kernel.targets import TargetOutput
from use_cases.kernel.text.prompt_injection import Material
from use_cases.playground.errors import AssertionInvalid
from use_cases.playground.judging.grades import Found, JudgedOutput
from use_cases.playground.judging.judge import AnswerForm, JudgeModel, referring
from use_cases.playground.model import Assertion, AssertionResult, Case, Verdict

Winner: TypeAlias = Literal["first", "second", "tie"]

_HALF = 0.5
_RESULTS = {0.0: "loses to", _HALF: "ties with", 1.0: "beats"}
_COMPARING = ("max-score", "pairwise", "select-best")


class BestChoice(AnswerForm):
    """The best of several texts."""

    reason: Annotated[str, Field(description="Why, in one or two sentences.")]
    best: Annotated[int, Field(description="The number of the text that meets the criterion best.")]


class Preference(AnswerForm):
    """The better of two texts."""

    reason: Annotated[str, Field(description="Why, in one or two sentences.")]
    better: Annotated[
        Literal["first", "second", "tie"],
        Field(description="The text that meets the criterion better; tie where neither does."),
    ]


async def select_best(
    judge: JudgeModel, assertion: Assertion, outputs: Sequence[TargetOutput], case: Case
) -> Sequence[Found]:
    """`select-best`: one question over all outputs; the best passes.

    They are shown in an order that follows from the case's key, so that no variant stands first in all
    cases: judges prefer certain places.
    """
    criterion, values = referring(JudgedOutput(assertion, outputs[0], case).value, case)
    order = sorted(range(len(outputs)), key=lambda place: _mixed(case.key, place))
    choice = await judge.ask(
        BestChoice,
        "Choose the block “answer N” that meets the block “criterion” best, and give its number N.",
        Material("criterion", criterion),
        *values,
        *(Material(f"answer {n}", outputs[place].text) for n, place in enumerate(order, 1)),
    )
    if not 1 <= choice.best <= len(outputs):
        raise ModelMisbehaved(f"{judge.resolved.name} chose an answer that does not exist.")
    best = order[choice.best - 1]
    return [
        Found(place == best, float(place == best), choice.reason) for place in range(len(outputs))
    ]


async def compare_pairwise(
    judge: JudgeModel, assertion: Assertion, outputs: Sequence[TargetOutput], case: Case
) -> Sequence[Found]:
    """`pairwise`: each pair in both orders; who wins in both has won, else it is a tie.

    An output's score is its share of points (1 for a win, 0.5 for a tie); it passes from the
    threshold, 0.5 unless the assertion names another.
    """
    criterion, values = referring(JudgedOutput(assertion, outputs[0], case).value, case)
    points = [0.0] * len(outputs)
    results: list[list[str]] = [[] for _ in outputs]

    async def prefer(first: int, second: int) -> Winner:
        preference = await judge.ask(
            Preference,
            "Compare the block “first” with the block “second”: which meets the block “criterion” better?",
            Material("criterion", criterion),
            *values,
            Material("first", outputs[first].text),
            Material("second", outputs[second].text),
        )
        return preference.better

    for one, other in combinations(range(len(outputs)), 2):
        won = settle_orders(await prefer(one, other), await prefer(other, one))
        for place, rival, score in ((one, other, won), (other, one, 1 - won)):
            points[place] += score
            results[place].append(f"{_RESULTS[score]} output {rival + 1}")
    threshold = _HALF if assertion.threshold is None else assertion.threshold
    shares = [point / (len(outputs) - 1) for point in points]
    return [
        Found(share >= threshold, share, f"It {', '.join(result)}.")
        for share, result in zip(shares, results, strict=True)
    ]


def select_max_score(
    assertion: Assertion, graded: Sequence[Sequence[AssertionResult]]
) -> Sequence[Found]:
    """`max-score`: the output with the highest score over its other assertions passes, the first of equals.

    `value` may hold `method` (`average` or `sum`), `weights` by type (1 unless named) and `threshold`.
    Raises `AssertionInvalid` where an output has no other result, or one that is an error.
    """
    value = assertion.value if isinstance(assertion.value, dict) else {}
    weights = value.get("weights")
    weights = weights if isinstance(weights, dict) else {}
    threshold = value.get("threshold")
    scores: list[float] = []
    for results in graded:
        counted = [
            result
            for whole in results
            for result in (whole, *whole.parts)
            if result.type.removeprefix("not-") not in _COMPARING
            and result.verdict is not Verdict.UNCHECKED
        ]
        if not counted or any(result.verdict is Verdict.ERROR for result in counted):
            raise AssertionInvalid("max-score needs other assertions, all without an error.")
        given = [weights.get(result.type, 1) for result in counted]
        numbers = [float(weight) if isinstance(weight, int | float) else 1.0 for weight in given]
        total = sum(weight * each.score for weight, each in zip(numbers, counted, strict=True))
        averaged = value.get("method") != "sum"
        scores.append(total / sum(numbers) if averaged and sum(numbers) else total)
    best = max(scores)
    winner = scores.index(best)
    if isinstance(threshold, int | float) and best < threshold:
        winner = -1
    return [
        Found(
            place == winner,
            float(place == winner),
            f"Score {score:.3f}; the highest is {best:.3f}.",
        )
        for place, score in enumerate(scores)
    ]


def settle_orders(shown_first: Winner, shown_second: Winner) -> float:
    """Returns the score of a variant that a judge saw in both orders: 1 won, 0 lost, 0.5 a tie.

    `shown_first` is the judgement with the variant in the first place. It wins or loses only where both
    orders agree; otherwise the judge followed the place, which is a tie (Zheng et al. 2023, MT-Bench).
    """
    if (shown_first, shown_second) == ("first", "second"):
        return 1.0
    return 0.0 if (shown_first, shown_second) == ("second", "first") else _HALF


def _mixed(key: str, place: int) -> bytes:
    return sha256(f"{key}\0{place}".encode("utf-8", "surrogatepass")).digest()
