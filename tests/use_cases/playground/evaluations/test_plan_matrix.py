"""Prompts and models as the variants of a plan, with names that say only what differs."""

from collections.abc import Sequence

import pytest

from tests.use_cases.playground.evaluations.evaluating import contains, variant
from use_cases.playground.errors import PlanInvalid
from use_cases.playground.evaluations.plan_matrix import with_matrix
from use_cases.playground.model import Plan, TargetKind, Variant

EMPTY = Plan(name="plan", variants=[])
TWO = Plan(
    name="plan",
    variants=[variant("short", "{{a}}"), variant("long", "{{a}} {{b}}")],
    assertions=[contains("x")],
    repeats=3,
)


def names(plan: Plan) -> Sequence[str]:
    return [each.name for each in plan.variants]


def test_without_anything_named_the_plan_stays() -> None:
    assert with_matrix(TWO) == TWO


@pytest.mark.parametrize(
    ("prompts", "models", "expected"),
    [
        (["p@1"], [], ["p@1"]),
        (["p@1"], ["m"], ["m"]),
        (["p@1"], ["m", "n"], ["m", "n"]),
        (["p@1", "p@2"], ["m"], ["p@1", "p@2"]),
        (["p@1", "p@2"], ["m", "n"], ["p@1 · m", "p@1 · n", "p@2 · m", "p@2 · n"]),
    ],
)
def test_each_prompt_meets_each_model(
    prompts: Sequence[str], models: Sequence[str], expected: Sequence[str]
) -> None:
    found = with_matrix(EMPTY, prompts=prompts, models=models)
    assert names(found) == expected
    pairs = [(each.prompt_ref, each.model) for each in found.variants]
    assert pairs == [(one, other) for one in prompts for other in models or [None]]


def test_models_replace_those_of_the_plan_and_the_rest_of_it_stays() -> None:
    found = with_matrix(TWO, models=["m", "n"])
    assert names(found) == ["short · m", "short · n", "long · m", "long · n"]
    assert (found.assertions, found.repeats) == (TWO.assertions, 3)
    again = with_matrix(found, models=["k"])
    assert names(again) == ["short", "long"]
    assert [each.model for each in again.variants] == ["k", "k"]


def test_prompts_replace_those_of_the_plan_and_keep_its_target() -> None:
    chat = Plan(name="plan", variants=[Variant(name="chat", target=TargetKind.CHAT)])
    found = with_matrix(chat, prompts=["chat.answer@1", "chat.answer@2"])
    assert {each.target for each in found.variants} == {TargetKind.CHAT}
    turned = with_matrix(chat, prompts=["advice.general.default@1"], target=TargetKind.ADVICE)
    assert [each.target for each in turned.variants] == [TargetKind.ADVICE]


def test_a_target_alone_is_a_variant_and_a_prompt_needs_one() -> None:
    found = with_matrix(EMPTY, target=TargetKind.CHAT)
    assert [(each.name, each.target) for each in found.variants] == [("chat", TargetKind.CHAT)]
    for target in (None, TargetKind.PROMPT):
        with pytest.raises(PlanInvalid, match="neither a prompt nor another target"):
            with_matrix(EMPTY, models=["m"], target=target)


@pytest.mark.parametrize("baseline", ["p@2", "p@2 · m"])
def test_the_baseline_is_a_name_a_prompt_or_a_model_of_one_variant(baseline: str) -> None:
    models = ["m"] if baseline == "p@2" else ["m", "n"]
    found = with_matrix(EMPTY, prompts=["p@1", "p@2"], models=models, baseline=baseline)
    assert found.baseline == baseline
    by_model = with_matrix(EMPTY, prompts=["p@1"], models=["m", "n"], baseline="n")
    assert by_model.baseline == "n"


@pytest.mark.parametrize("baseline", ["p@1", "m", "nothing", ""])
def test_a_baseline_of_several_variants_or_none_is_refused(baseline: str) -> None:
    with pytest.raises(PlanInvalid, match="must be one of: p@1 · m"):
        with_matrix(EMPTY, prompts=["p@1", "p@2"], models=["m", "n"], baseline=baseline)


def test_a_baseline_of_the_plan_that_is_gone_is_forgotten() -> None:
    plan = Plan(name="plan", variants=TWO.variants, baseline="long")
    assert with_matrix(plan, models=["m"]).baseline == "long"
    assert with_matrix(plan, models=["m", "n"]).baseline is None
