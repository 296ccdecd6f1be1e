"""The rules of assertions that are decided before any output is there.

Promises: an assertion of an unknown type, with a figure that decides nothing, or judged by a model that
cannot be used, is refused where it is stored and where a run is made. Leaves to others: its value,
which its own check reads.
"""

from collections.abc import Iterable
from math import inf, isfinite

from use_cases.kernel.ports import Models
from use_cases.playground.errors import AssertionInvalid
from use_cases.playground.judging.grade_by_model import GradeByModel
from use_cases.playground.model import Assertion
from use_cases.playground.ports import Checks

SET = "assert-set"


class AssertionRules:
    """Decides which assertions a run could decide."""

    def __init__(self, *, checks: Checks, judges: GradeByModel, models: Models) -> None:
        self._types = {SET, *checks.types, *judges.types, *judges.comparing_types}
        self._models = models

    def require(self, assertions: Iterable[Assertion], threshold: float | None = None) -> None:
        """Raises `AssertionInvalid` for what no run could decide, or what `Models.resolve` raises."""
        _require_finite("The threshold", threshold)
        for each in assertions:
            kind = each.type[:60]
            if each.type.removeprefix("not-") not in self._types:
                raise AssertionInvalid(f"There is no assertion of the type {kind!r}.")
            _require_finite(f"The threshold of {kind}", each.threshold)
            if not 0 <= each.weight < inf:
                raise AssertionInvalid(f"The weight of {kind} is {each.weight:g}.")
            if each.judge is not None:
                self._models.resolve(each.judge)
            if inner := next(filter(is_comparing, each.assertions), None):
                raise AssertionInvalid(f"{inner.type} cannot stand in an {kind}.")
            self.require(each.assertions)


def is_comparing(assertion: Assertion) -> bool:
    """Returns whether it compares the outputs of a case, rather than checking one."""
    return assertion.type.removeprefix("not-") in GradeByModel.comparing_types


def _require_finite(name: str, number: float | None) -> None:
    if number is not None and not isfinite(number):
        raise AssertionInvalid(f"{name} is {number:g}.")
