"""When stated confidence is known to be useless, and what is said instead."""

import random
from dataclasses import replace

import pytest

from tests.use_cases.advice.tuning.outcomes import (
    RIGHT,
    WRONG,
    fitted,
    overconfident,
    scored,
    version,
)
from use_cases.advice.model import BaseRate, OutcomeState, Scored
from use_cases.advice.tuning.base_rates import base_rates

KEY = ("m", "p1")


def stated(right: int, n: int, *values: int, model: str = "m") -> list[Scored]:
    """`n` rows of these values in turn, the first `right` of a shuffled order right."""
    order = random.Random(4).sample(range(n), n)
    return [
        scored(
            f"{model}{i:03}",
            values[i % len(values)],
            RIGHT if place < right else WRONG,
            model=model,
        )
        for i, place in enumerate(order)
    ]


@pytest.mark.parametrize(
    ("rows", "rate"),
    [
        (stated(110, 199, 8_000), BaseRate(110, 199)),
        (stated(110, 199, 8_000, 8_500, 9_000), BaseRate(110, 199)),
        (stated(16, 30, 8_000), BaseRate(16, 30)),
        (stated(28, 30, 6_000), BaseRate(28, 30)),
        (stated(0, 30, 7_000, 9_000), BaseRate(0, 30)),
        (stated(40, 40, 6_000, 7_000), BaseRate(40, 40)),
    ],
)
def test_useless_confidence_has_a_base_rate(rows: list[Scored], rate: BaseRate) -> None:
    assert base_rates(rows, None) == {KEY: rate}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        stated(15, 29, 8_000),  # too few
        stated(48, 60, 8_000),  # useless, and true
        overconfident(400),  # too high, and in order: for a map
        [replace(row, event_key="the final") for row in stated(110, 199, 8_000)],
        [replace(row, outcome=OutcomeState.VOID) for row in stated(110, 199, 8_000)],
        [replace(row, outcome=OutcomeState.PENDING) for row in stated(110, 199, 8_000)],
    ],
)
def test_otherwise_there_is_none(rows: list[Scored]) -> None:
    assert base_rates(rows, None) == {}


def test_each_model_and_prompt_version_is_judged_by_its_own_outcomes() -> None:
    useless, good = stated(110, 199, 8_000), stated(160, 200, 8_000, model="good")
    new_prompt = [replace(row, prompt_version="p2") for row in stated(5, 20, 8_000)]
    assert base_rates([*useless, *good, *new_prompt], None) == {KEY: BaseRate(110, 199)}


def test_where_a_map_in_force_has_it_right_there_is_none() -> None:
    rows = stated(133, 200, 9_000)  # odds of 9 become odds of 2
    assert base_rates(rows, version(fitted(-1.5041, 1.0, "m", "p1"))) == {}
    assert base_rates(rows, version(fitted(-1.5041, 1.0, "other"))) == {KEY: BaseRate(133, 200)}


def test_true_confidence_is_seldom_replaced_and_little_harmed() -> None:
    generator = random.Random(7)
    replaced, harm = 0, 0.0
    for run in range(120):
        n = generator.choice((30, 60, 120))
        values = [generator.choice((6_000, 7_000, 7_500, 8_000, 9_000)) for _ in range(n)]
        rows = [
            scored(f"r{run}-{i}", p, RIGHT if generator.random() < p / 10_000 else WRONG)
            for i, p in enumerate(values)
        ]
        for rate in base_rates(rows, None).values():
            replaced += 1
            harm += sum((rate.share - p / 10_000) ** 2 for p in values) / n
    assert replaced / 120 <= 0.06
    assert harm / 120 <= 0.002  # of the Brier score, over all advice
