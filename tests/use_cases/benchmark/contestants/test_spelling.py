"""What may be a misspelling, and of what."""

import random
import string

import pytest
from rapidfuzz.distance import OSA

from use_cases.benchmark.contestants.spelling import looks_misspelt, most_edits, nearest_values


def test_the_search_finds_what_a_comparison_with_every_value_finds() -> None:
    chance = random.Random(6)
    letters = string.ascii_lowercase[:3]
    known = {"".join(chance.choices(letters, k=chance.randint(1, 14))) for _ in range(200)}
    for _ in range(150):
        value = "".join(chance.choices(letters, k=chance.randint(1, 14)))
        distances = {
            other: distance
            for other in known - {value}
            if (distance := OSA.distance(value, other)) <= most_edits(len(other))
        }
        least = min(distances.values(), default=0)
        assert nearest_values(value, known) == sorted(
            other for other, distance in distances.items() if distance == least
        )


def test_short_words_have_no_neighbours() -> None:
    known = ["al", "yes", "birmingham"]
    assert nearest_values("xl", known) == []
    assert nearest_values("yex", known) == ["yes"]
    assert nearest_values("yxx", known) == []
    assert nearest_values("birmixghxm", known) == ["birmingham"]


@pytest.mark.parametrize(
    ("value", "other", "misspelt"),
    [
        ("birmixghxm", "birmingham", True),
        ("xl", "al", True),
        ("1x019", "10019", True),
        ("7", "1", False),
        ("1234", "1235", False),
        ("U", "A", False),
        ("man.6", "man.5", False),
        ("17.5", "1.75", False),
        ("Bern", "Genf", False),
        ("a" * 501, "a" * 500, False),
    ],
)
def test_a_misspelling_has_letters_and_changes_no_digit_into_another(
    value: str, other: str, misspelt: bool
) -> None:
    assert looks_misspelt(value, other) is misspelt
