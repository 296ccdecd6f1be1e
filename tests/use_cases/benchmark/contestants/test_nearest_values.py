"""Near values are found whatever their length."""

import random
import string

from rapidfuzz.distance import OSA

from use_cases.benchmark.contestants.nearest_values import NearestValues, most_edits


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
