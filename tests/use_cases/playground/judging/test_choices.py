"""Comparing the outputs of one case."""

from decimal import Decimal

import pytest

from tests.use_cases.kernel.text.fences import blocks_of
from tests.use_cases.playground.judging.judges import (
    CASE,
    ScriptedModels,
    grader,
    output,
    script,
)
from use_cases.playground.judging.choices import settle_orders
from use_cases.playground.model import Assertion, AssertionResult, Case, Verdict

pytestmark = pytest.mark.anyio

BEST = Assertion(type="select-best", value="The shortest.")
PAIRS = Assertion(type="pairwise", value="The shortest.")


def chooses(text: str) -> ScriptedModels:
    """A judge that prefers this text wherever it stands, and the first one without it."""

    def answer(prompt: str, form: str) -> dict[str, object]:
        names = [name for name, each in blocks_of(prompt).items() if each == text]
        if "best" in form:
            return {"reason": "", "best": int(names[0].removeprefix("answer "))}
        return {"reason": "", "better": names[0] if names else "first"}

    return ScriptedModels(answer)


async def verdicts(
    models: ScriptedModels, assertion: Assertion, *texts: str
) -> list[tuple[Verdict, float]]:
    outputs = [output(text) for text in texts]
    results = await grader(models).compare(assertion, outputs, CASE)
    return [(result.verdict, result.score) for result in results]


class TestSelectBest:
    async def test_one_call_over_all_outputs_and_the_best_passes(self) -> None:
        models = chooses("b")
        assert await verdicts(models, BEST, "a", "b", "c") == [
            (Verdict.FAILED, 0.0),
            (Verdict.PASSED, 1.0),
            (Verdict.FAILED, 0.0),
        ]
        assert len(models.asked) == 1

    async def test_no_output_stands_first_in_all_cases_and_the_order_of_a_case_stays(self) -> None:
        models = chooses("a")
        by, outputs = grader(models), [output("a"), output("b")]
        for key in [*map(str, range(20)), "0"]:
            await by.compare(BEST, outputs, Case(key=key))
        first = [blocks_of(asked)["answer 1"] for asked in models.asked]
        assert set(first) == {"a", "b"}
        assert first[0] == first[-1]

    async def test_the_cost_is_shared_out(self) -> None:
        results = await grader(chooses("b")).compare(
            BEST, [output("a"), output("b"), output("c")], CASE
        )
        assert [result.input_tokens for result in results] == [33, 33, 34]
        assert [result.cost for result in results] == [Decimal("0.000007")] * 3

    @pytest.mark.parametrize("best", [0, 4, -1])
    async def test_a_choice_that_does_not_exist_is_an_error(self, best: int) -> None:
        models = script({"reason": "", "best": best})
        results = await grader(models).compare(BEST, [output("a")] * 3, CASE)
        assert {(result.verdict, result.code) for result in results} == {
            (Verdict.ERROR, "model_misbehaved")
        }

    async def test_one_output_is_nothing_to_compare(self) -> None:
        [result] = await grader(chooses("a")).compare(BEST, [output("a")], CASE)
        assert (result.verdict, result.code) == (Verdict.ERROR, "assertion_invalid")


class TestPairwise:
    async def test_who_wins_in_both_orders_has_won(self) -> None:
        models = chooses("b")
        assert await verdicts(models, PAIRS, "a", "b") == [
            (Verdict.FAILED, 0.0),
            (Verdict.PASSED, 1.0),
        ]
        assert [list(blocks_of(asked).values())[1:] for asked in models.asked] == [
            ["a", "b"],
            ["b", "a"],
        ]

    @pytest.mark.parametrize("better", ["first", "second", "tie"])
    async def test_a_judge_that_prefers_a_place_finds_only_ties(self, better: str) -> None:
        models = script({"reason": "", "better": better})
        assert await verdicts(models, PAIRS, "a", "b", "c") == [(Verdict.PASSED, 0.5)] * 3

    async def test_a_win_in_one_order_and_a_tie_in_the_other_is_a_tie(self) -> None:
        models = script({"reason": "", "better": "first"}, {"reason": "", "better": "tie"})
        assert await verdicts(models, PAIRS, "a", "b") == [(Verdict.PASSED, 0.5)] * 2

    async def test_of_three_the_share_of_points_counts(self) -> None:
        models = chooses("b")
        strict = Assertion(type="pairwise", value="x", threshold=0.75)
        assert await verdicts(models, strict, "a", "b", "c") == [
            (Verdict.FAILED, 0.25),
            (Verdict.PASSED, 1.0),
            (Verdict.FAILED, 0.25),
        ]


def scored(*scores: float, verdict: Verdict = Verdict.PASSED) -> list[AssertionResult]:
    kinds = ("contains", "llm-rubric", "select-best")
    return [
        AssertionResult(type=kind, verdict=verdict, score=score)
        for kind, score in zip(kinds, scores, strict=False)
    ]


class TestMaxScore:
    async def chosen(self, assertion: Assertion, *graded: list[AssertionResult]) -> list[float]:
        models = script({})
        outputs = [output(str(place)) for place in range(len(graded))]
        results = await grader(models).compare(assertion, outputs, CASE, graded=graded)
        assert models.asked == []
        assert all(result.verdict is not Verdict.ERROR for result in results)
        return [result.score for result in results]

    async def test_the_highest_mean_of_the_other_assertions_passes_the_first_of_equals(
        self,
    ) -> None:
        plain = Assertion(type="max-score")
        assert await self.chosen(plain, scored(1, 0), scored(1, 1), scored(0, 1)) == [0, 1, 0]
        assert await self.chosen(plain, scored(1, 0, 0), scored(0, 1, 1)) == [1, 0]

    async def test_method_weights_and_threshold(self) -> None:
        weighted = Assertion(type="max-score", value={"weights": {"llm-rubric": 3}})
        assert await self.chosen(weighted, scored(1, 0), scored(0, 1)) == [0, 1]
        summed = Assertion(type="max-score", value={"method": "sum"})
        assert await self.chosen(summed, scored(0.9), scored(0.5, 0.5)) == [0, 1]
        high = Assertion(type="max-score", value={"threshold": 0.9})
        assert await self.chosen(high, scored(0.5), scored(0.8)) == [0, 0]

    @pytest.mark.parametrize("graded", [[], scored(1, verdict=Verdict.ERROR)])
    async def test_an_output_without_a_score_leaves_nothing_to_choose(
        self, graded: list[AssertionResult]
    ) -> None:
        results = await grader(script({})).compare(
            Assertion(type="max-score"), [output(), output()], CASE, graded=[scored(1), graded]
        )
        assert {(each.verdict, each.code) for each in results} == {
            (Verdict.ERROR, "assertion_invalid")
        }


def test_a_win_counts_where_both_orders_agree() -> None:
    assert settle_orders("first", "second") == 1.0
    assert settle_orders("second", "first") == 0.0
    assert settle_orders("first", "first") == 0.5
    assert settle_orders("tie", "second") == 0.5
