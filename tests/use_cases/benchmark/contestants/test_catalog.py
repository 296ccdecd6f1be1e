"""Every contestant without a model cleans any table, always in the same way."""

import asyncio
from decimal import Decimal

import pytest

from tests.use_cases.benchmark.contestants.tables import changes, table
from use_cases.benchmark.contestants.catalog import RULE_CONTESTANTS
from use_cases.benchmark.contestants.rule_contestant import RuleContestant
from use_cases.benchmark.model import Dependency, Table, TableSchema
from use_cases.benchmark.ports import CleaningRequest
from use_cases.kernel.model import Caller

contestants = pytest.mark.parametrize(
    "contestant", RULE_CONTESTANTS.values(), ids=lambda one: one.name
)


def request(dirty: Table) -> CleaningRequest:
    schema = TableSchema(dependencies=(Dependency(("zip",), "town"),))
    return CleaningRequest(caller=Caller("anna"), dirty=dirty, schema=schema)


@contestants
def test_the_same_table_gets_the_same_edits_and_costs_nothing(contestant: RuleContestant) -> None:
    zips = ["3000", "1200", "6300"] * 10
    towns = [{"3000": "Bern", "1200": "Genf", "6300": "Zug"}[code] for code in zips]
    dirty = table(zip=zips, town=["Bren", "", *towns[2:]])
    first, second = (asyncio.run(contestant.clean(request(dirty))) for _ in range(2))
    assert first == second
    assert (first.failure, first.calls, first.cost) == ("", 0, Decimal(0))
    changed = changes(dirty, first.edits)
    assert bool(changed) == (contestant.name != "nothing")


@contestants
@pytest.mark.parametrize(
    "dirty",
    [Table((), (), ()), table(zip=[], town=[]), table(zip=["1"], town=["a"]), table(zip=["", ""])],
)
def test_a_table_that_says_nothing_stays_as_it_is(contestant: RuleContestant, dirty: Table) -> None:
    assert not asyncio.run(contestant.clean(request(dirty))).edits
    assert contestant.description.endswith(".")
