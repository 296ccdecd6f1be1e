"""Sources that report one thing are weighed by how far others confirm them."""

import random
from collections.abc import Mapping, Sequence

import pytest

from tests.use_cases.benchmark.contestants.tables import table
from use_cases.benchmark.contestants.draft_table import DraftTable
from use_cases.benchmark.contestants.source_votes import Reports, find_reports, vote_by_sources
from use_cases.benchmark.model import Dependency, TextTable

RIGHT = {
    "good": 0.98,
    "fair": 0.95,
    "late": 0.9,
    "bad": 0.1,
    "worse": 0.1,
    "poor": 0.2,
    "wild": 0.1,
}
TRUTH = {f"film {number}": (f"{1950 + number}", f"dir. {number % 23}") for number in range(60)}


def reports(right: Mapping[str, float], *, copier: str = "") -> TextTable:
    """What sources say of films, by how often each is right; a copier says what the worst says."""
    chance = random.Random(7)
    rows = list[Sequence[str]]()
    for film, (year, director) in TRUTH.items():
        last = (year, director)
        for source, share in right.items():
            if source != copier:
                last = (
                    year if chance.random() < share else f"{chance.randrange(1900, 2000)}",
                    director if chance.random() < share else f"dir. {chance.randrange(90)}",
                )
            rows.append((source, film, *last))
    names = ("source", "film", "year", "director")
    return table(**dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


FOUND = Reports("film", "source", ["year", "director"])


def test_reports_are_found_without_a_statement() -> None:
    assert find_reports(DraftTable(reports(RIGHT)), ()) == FOUND


def test_a_stated_dependency_names_the_thing() -> None:
    stated = [Dependency(("film",), "year"), Dependency(("film",), "director")]
    assert find_reports(DraftTable(reports(RIGHT)), stated) == FOUND
    other = [Dependency(("year",), "director")]
    assert find_reports(DraftTable(reports(RIGHT)), other) is None


@pytest.mark.parametrize("right", [dict.fromkeys(RIGHT, 1.0), dict.fromkeys(RIGHT, 0.0)])
def test_sources_that_all_agree_or_never_do_are_no_reports(right: Mapping[str, float]) -> None:
    assert find_reports(DraftTable(reports(right)), ()) is None


def test_columns_of_few_values_whose_pairs_all_repeat_are_no_thing_and_source() -> None:
    chance = random.Random(2)
    rows = [(chance.randrange(12), chance.randrange(5)) for _ in range(3_000)]
    dirty = table(
        canton=[f"canton {canton}" for canton, _ in rows],
        plan=[f"plan {'abcde'[plan]}" for _, plan in rows],
        city=[f"city {canton if chance.random() < 0.8 else 99}" for canton, _ in rows],
        tax=[f"tax {canton if chance.random() < 0.8 else 99}" for canton, _ in rows],
    )
    assert find_reports(DraftTable(dirty), ()) is None


def test_two_columns_of_chance_are_no_thing_and_source() -> None:
    chance = random.Random(1)
    dirty = table(
        town=[f"town {chance.randrange(60)}" for _ in range(400)],
        shop=[f"shop {'abcdefg'[chance.randrange(7)]}" for _ in range(400)],
        sold=[str(chance.randrange(5)) for _ in range(400)],
        kind=[chance.choice("xyz") for _ in range(400)],
    )
    assert find_reports(DraftTable(dirty), ()) is None


@pytest.mark.parametrize("copier", ["", "worse"])
def test_trusted_sources_outweigh_those_that_are_more(copier: str) -> None:
    dirty = reports(RIGHT, copier=copier)
    draft = DraftTable(dirty)
    vote_by_sources(draft, FOUND)
    wrong = repaired = damaged = 0
    for film, year, found in zip(
        dirty.by_name["film"], dirty.by_name["year"], draft.table.by_name["year"], strict=True
    ):
        right = TRUTH[film][0]
        wrong += year != right
        repaired += year != right and found == right
        damaged += year == right and found != right
    assert (repaired >= 0.7 * wrong, damaged) == (True, 0), (repaired, wrong)
    first = draft.findings()[0]
    assert first.evidence.endswith("% by the weight of their source.")


def test_what_is_not_nearly_sure_is_found_and_stays() -> None:
    dirty = table(
        source=["a", "b", "c", "a", "b"],
        film=["f", "f", "f", "g", "g"],
        year=["1950", "1950", "1960", "1970", "1980"],
    )
    draft = DraftTable(dirty)
    vote_by_sources(draft, Reports("film", "source", ["year"]))
    assert [(each.value, each.repair) for each in draft.findings()] == [("1960", None)]
