"""Near values are found whatever their length, and the distance is that of optimal string alignment."""

import random
import string

import pytest
from rapidfuzz.distance import OSA

from use_cases.benchmark.contestants.nearest_values import (
    NearestValues,
    edit_distance,
    most_edits,
)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("birmingham", "birmingham", 0),
        ("birminghxm", "birmingham", 1),
        ("brimingham", "birmingham", 1),
        ("birmingam", "birmingham", 1),
        ("birrmingham", "birmingham", 1),
        ("brmnigham", "birmingham", 2),
        ("boaz", "gary", 3),
        ("", "abc", 3),
    ],
)
def test_the_distance_counts_letters_added_left_out_replaced_and_swapped(
    one: str, other: str, distance: int
) -> None:
    assert edit_distance(one, other, 2) == distance
    assert edit_distance(other, one, 2) == distance


def test_the_distance_agrees_with_another_implementation() -> None:
    chance = random.Random(5)
    for _ in range(1000):
        one, other = ("".join(chance.choices("abc", k=chance.randint(0, 8))) for _ in range(2))
        for most in (1, 2, 3):
            assert edit_distance(one, other, most) == min(OSA.distance(one, other), most + 1)


def test_the_index_finds_what_a_comparison_with_every_value_finds() -> None:
    chance = random.Random(6)
    letters = string.ascii_lowercase[:3]
    known = {"".join(chance.choices(letters, k=chance.randint(1, 14))) for _ in range(200)}
    nearest = NearestValues(known)
    for _ in range(150):
        value = "".join(chance.choices(letters, k=chance.randint(1, 14)))
        distances = {
            other: distance
            for other in known - {value}
            if (distance := OSA.distance(value, other)) <= most_edits(len(other))
        }
        least = min(distances.values(), default=0)
        assert nearest.near(value) == sorted(
            other for other, distance in distances.items() if distance == least
        )


def test_short_words_have_no_neighbours() -> None:
    nearest = NearestValues(["al", "yes", "birmingham"])
    assert nearest.near("xl") == []
    assert nearest.near("yex") == ["yes"]
    assert nearest.near("yxx") == []
    assert nearest.near("birmixghxm") == ["birmingham"]
