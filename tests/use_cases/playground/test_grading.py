"""The grade of a cell: promptfoo's aggregation, with required assertions and errors kept apart."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.playground.grading import grade, set_result
from use_cases.playground.model import Assertion, AssertionResult, Verdict


def result(
    verdict: Verdict, score: float | None = None, *, weight: float = 1, required: bool = False
) -> AssertionResult:
    """Return a result whose reason is its verdict and weight."""
    found = float(verdict is Verdict.PASSED) if score is None else score
    return AssertionResult(
        type="x",
        verdict=verdict,
        score=found,
        weight=weight,
        required=required,
        reason=f"{verdict} {weight:g}",
        code="upstream_error" if verdict is Verdict.ERROR else "",
        cost=Decimal("0.5"),
        input_tokens=3,
    )


P, F, E = Verdict.PASSED, Verdict.FAILED, Verdict.ERROR


@pytest.mark.parametrize(
    ("results", "threshold", "verdict", "score"),
    [
        ([], None, Verdict.UNCHECKED, None),
        ([], 0.5, Verdict.UNCHECKED, None),
        ([result(F, weight=0)], None, Verdict.UNCHECKED, None),
        ([result(P), result(P)], None, P, 1.0),
        ([result(P), result(F)], None, F, 0.5),
        ([result(F, weight=2), result(P)], 0.5, F, 1 / 3),
        ([result(F), result(P, weight=2)], 0.5, P, 2 / 3),
        ([result(F), result(P)], 0.5, P, 0.5),
        ([result(F, required=True), result(P, weight=9)], 0.5, F, 0.9),
        ([result(F, weight=0, required=True), result(P)], None, F, 1.0),
        ([result(F, weight=0), result(P)], None, P, 1.0),
        ([result(E), result(P)], None, E, 1.0),
        ([result(E), result(F)], None, F, 0.0),
        ([result(E, weight=0), result(P)], None, P, 1.0),
        ([result(E), result(P)], 0.5, P, 1.0),
        ([result(E), result(P)], 0.6, E, 1.0),
        ([result(E), result(F)], 0.6, F, 0.0),
        ([result(E, required=True), result(P, weight=9)], 0.5, E, 1.0),
        ([result(E), result(F, required=True)], 0.5, F, 0.0),
        ([result(E)], None, E, None),
    ],
)
def test_a_cell_is_graded(
    results: list[AssertionResult], threshold: float | None, verdict: Verdict, score: float | None
) -> None:
    found = grade(results, threshold)
    assert found.verdict is verdict
    assert found.score == (None if score is None else pytest.approx(score))
    assert found.results == tuple(results)


def test_the_reason_is_that_of_the_first_failure_in_order() -> None:
    assert (
        grade([result(P), result(E), result(F, weight=2), result(F, weight=3)]).reason == "failed 2"
    )
    assert grade([result(E, weight=2), result(E, weight=3)]).reason == "error 2"
    below = "The score 0.33 is below the threshold 0.5."
    assert grade([result(F, weight=2), result(P)], 0.5).reason == below


def test_a_set_is_graded_by_the_same_rule_and_sums_its_costs() -> None:
    assertion = Assertion(type="assert-set", threshold=0.5, weight=2, required=True, metric="both")
    found = set_result(assertion, [result(F), result(P)])
    assert (found.verdict, found.score, found.weight, found.required) == (P, 0.5, 2, True)
    assert (found.name, found.cost, found.input_tokens, found.output_tokens) == ("both", 1, 6, None)
    assert set_result(Assertion(type="assert-set"), [result(E)]).code == "upstream_error"
    lost = set_result(
        Assertion(type="assert-set", threshold=0.1), [result(F, required=True), result(P)]
    )
    assert grade([lost, result(P, weight=9)], 0.5).verdict is F
    assert set_result(Assertion(type="assert-set"), []).verdict is Verdict.UNCHECKED


RESULTS = st.lists(
    st.builds(
        result,
        st.sampled_from([P, F, E]),
        weight=st.integers(0, 3),
        required=st.booleans(),
    ),
    max_size=6,
)


@given(RESULTS, st.none() | st.floats(0, 1))
def test_an_error_never_decides_what_any_outcome_of_it_would_change(
    results: list[AssertionResult], threshold: float | None
) -> None:
    found = grade(results, threshold)
    settled = {grade([_settle(one, as_) for one in results], threshold).verdict for as_ in (P, F)}
    if found.verdict is E:
        assert settled == {P, F}
    else:
        assert settled == {found.verdict}


def _settle(one: AssertionResult, verdict: Verdict) -> AssertionResult:
    if one.verdict is not E:
        return one
    return result(verdict, weight=one.weight, required=one.required)
