"""The contestants without a model: each cleans any table, always in the same way."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from threading import Event

import pytest

from tests.use_cases.benchmark.contestants.tables import changes, table
from use_cases.benchmark.contestants.rule_contestants import (
    RULE_CONTESTANTS,
    RuleContestant,
    fill_with_mode,
    vote_given,
)
from use_cases.benchmark.model import Dependency, Edit, ErrorKind, TableSchema, TextTable
from use_cases.benchmark.ports import CleaningRequest

SMALL = TextTable(("a",), ("1",), (("x",),))


def request_for(table: TextTable) -> CleaningRequest:
    return CleaningRequest(dirty=table, schema=TableSchema())


def test_a_computing_rule_is_not_waited_for_when_it_is_cancelled() -> None:
    begun, end = Event(), Event()

    def compute(table: TextTable, schema: TableSchema) -> Sequence[Edit]:
        del table, schema
        begun.set()
        end.wait()
        return ()

    async def stop() -> None:
        working = asyncio.create_task(RuleContestant("slow", "", compute).clean(request_for(SMALL)))
        await asyncio.to_thread(begun.wait)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working

    asyncio.run(stop())  # it would wait for a thread of the loop's own pool
    end.set()


def test_an_error_of_a_rule_is_raised() -> None:
    def fail(table: TextTable, schema: TableSchema) -> Sequence[Edit]:
        raise RuntimeError(f"{len(table.ids)} row, {len(schema.key)} keys")

    with pytest.raises(RuntimeError, match="1 row, 0 keys"):
        asyncio.run(RuleContestant("broken", "", fail).clean(request_for(SMALL)))


def test_missing_cells_get_the_most_frequent_value() -> None:
    dirty = table(city=["Bern", "Genf", "Bern", "", " N/A"], empty=["", "", "", "", ""])
    edits = fill_with_mode(dirty, TableSchema())
    assert changes(dirty, edits) == {("3", "city"): "Bern", ("4", "city"): "Bern"}
    assert [edit.error for edit in edits] == [
        ErrorKind.EXPLICIT_MISSING,
        ErrorKind.DISGUISED_MISSING,
    ]


def test_the_first_of_several_frequent_values_is_taken() -> None:
    dirty = table(city=["Genf", "Bern", ""])
    assert changes(dirty, fill_with_mode(dirty, TableSchema())) == {("2", "city"): "Genf"}
    edited = dirty.with_cells({("0", "city"): "Chur"})
    assert changes(edited, fill_with_mode(edited, TableSchema())) == {("2", "city"): "Chur"}


ZIP_TOWN = TableSchema(dependencies=(Dependency(("zip",), "town"),))


def test_the_minority_and_missing_cells_get_the_majority_s_value() -> None:
    dirty = table(zip=["1", "1", "1", "1", "2"], town=["Bern", "Bren", "Bern", "", "Genf"])
    edits = vote_given(dirty, ZIP_TOWN)
    assert changes(dirty, edits) == {("1", "town"): "Bern", ("3", "town"): "Bern"}
    assert [edit.error for edit in edits] == [
        ErrorKind.BROKEN_DEPENDENCY,
        ErrorKind.EXPLICIT_MISSING,
    ]
    assert edits[0].reason == "2 of 3 votes of rows with the same zip."


def test_without_a_majority_nothing_is_changed() -> None:
    dirty = table(zip=["1", "1", "2", "2"], town=["Bern", "Bren", "", ""])
    assert vote_given(dirty, ZIP_TOWN) == []


def test_the_groups_of_all_dependencies_vote_together() -> None:
    schema = TableSchema(dependencies=(Dependency(("zip",), "town"), Dependency(("tel",), "town")))
    dirty = table(
        zip=["1", "1", "1", "2", "2"],
        tel=["7", "7", "8", "8", "8"],
        town=["Bern", "Bern", "Genf", "Genf", "Genf"],
    )
    # The zip of row 2 is for Bern (2 of 3), its telephone for Genf (3 of 3).
    assert vote_given(dirty, schema) == []


def test_a_corrected_determinant_brings_its_row_into_the_group() -> None:
    schema = TableSchema(dependencies=(Dependency(("tel",), "zip"), Dependency(("zip",), "town")))
    dirty = table(
        tel=["7", "7", "7", "8"], zip=["1", "1", "x", "1"], town=["Bern", "Bern", "Bren", "Bern"]
    )
    assert changes(dirty, vote_given(dirty, schema)) == {("2", "zip"): "1", ("2", "town"): "Bern"}


contestants = pytest.mark.parametrize(
    "contestant", RULE_CONTESTANTS.values(), ids=lambda one: one.name
)


def request(dirty: TextTable) -> CleaningRequest:
    schema = TableSchema(dependencies=(Dependency(("zip",), "town"),))
    return CleaningRequest(dirty=dirty, schema=schema)


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
    [
        TextTable((), (), ()),
        table(zip=[], town=[]),
        table(zip=["1"], town=["a"]),
        table(zip=["", ""]),
    ],
)
def test_a_table_that_says_nothing_stays_as_it_is(
    contestant: RuleContestant, dirty: TextTable
) -> None:
    assert not asyncio.run(contestant.clean(request(dirty))).edits
    assert contestant.description.endswith(".")
