"""The grade of a cell from the results of its assertions.

Follows promptfoo 0.123.1: the score is the weighted mean; without a threshold every assertion must
pass, with one the score must reach it. Our rules beyond: a required assertion cannot be out-voted; no
assertion is `unchecked`, not passed; an error is no failure, and makes the grade an error unless the
verdict does not depend on it; the reason is that of the first failure in the order of the assertions.
A result of weight 0 is shown and never counted, unless it is required.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from use_cases.playground.model import Assertion, AssertionResult, Grade, Verdict

Amount = TypeVar("Amount", int, Decimal)

_ROUNDING = 1e-12
_NOT_PASSED = (Verdict.FAILED, Verdict.ERROR)


def grade(results: Sequence[AssertionResult], threshold: float | None = None) -> Grade:
    """Grades a cell. The score is over the results without errors; None where nothing is counted."""
    counted = [one for one in results if one.weight > 0 and one.verdict is not Verdict.UNCHECKED]
    done = [one for one in counted if one.verdict is not Verdict.ERROR]
    weight = sum([one.weight for one in done])
    score = sum([one.weight * one.score for one in done]) / weight if weight else None
    verdict, reason = _verdict(results, counted, threshold)
    return Grade(verdict=verdict, score=score, reason=reason, results=tuple(results))


def set_result(assertion: Assertion, parts: Sequence[AssertionResult]) -> AssertionResult:
    """Returns the result of an `assert-set` from those of its assertions, by the same rule.

    A required assertion that did not pass makes the set required, so that nothing out-votes it.
    """
    found = grade(parts, assertion.threshold)
    codes = [part.code for part in parts if part.code and found.verdict is Verdict.ERROR]
    return replace(
        assertion.result(found.verdict, found.score or 0.0, found.reason, next(iter(codes), "")),
        required=assertion.required
        or any(part.required and part.verdict in _NOT_PASSED for part in parts),
        cost=sum_known(part.cost for part in parts),
        input_tokens=sum_known(part.input_tokens for part in parts),
        output_tokens=sum_known(part.output_tokens for part in parts),
        calls=sum(part.calls for part in parts),
        parts=tuple(parts),
    )


def sum_known(amounts: Iterable[Amount | None]) -> Amount | None:
    """Returns the sum of the amounts that are known; None where none is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known[1:], known[0]) if known else None


def _verdict(
    results: Sequence[AssertionResult],
    counted: Sequence[AssertionResult],
    threshold: float | None,
) -> tuple[Verdict, str]:
    required = [one for one in results if one.required]
    decisive = required if threshold is not None else [*counted, *required]
    failed = _first(results, decisive, Verdict.FAILED)
    if failed is not None:
        return Verdict.FAILED, failed.reason
    if threshold is not None and counted:
        best, worst = _bounds(counted)
        if best < threshold - _ROUNDING:
            return Verdict.FAILED, f"The score {best:.2f} is below the threshold {threshold:g}."
        decisive = [*(counted if worst < threshold - _ROUNDING else ()), *required]
    error = _first(results, decisive, Verdict.ERROR)
    if error is not None:
        return Verdict.ERROR, error.reason
    if not counted and not required:
        return Verdict.UNCHECKED, "There is no assertion."
    return Verdict.PASSED, ""


def _bounds(counted: Sequence[AssertionResult]) -> tuple[float, float]:
    """Returns the score if every error had scored 1, and if every error had scored 0."""
    weight = sum(one.weight for one in counted)
    sure = sum(one.weight * one.score for one in counted if one.verdict is not Verdict.ERROR)
    errors = sum(one.weight for one in counted if one.verdict is Verdict.ERROR)
    return (sure + errors) / weight, sure / weight


def _first(
    results: Sequence[AssertionResult], among: Sequence[AssertionResult], verdict: Verdict
) -> AssertionResult | None:
    chosen = {id(one) for one in among if one.verdict is verdict}
    return next((one for one in results if id(one) in chosen), None) if chosen else None
