"""A rule as a contestant: its edits, its errors, what it leaves out, and an end at any time."""

import asyncio
from collections.abc import Sequence
from threading import Event

import pytest

from use_cases.benchmark.contestants.catalog import RULE_CONTESTANTS
from use_cases.benchmark.contestants.rule_contestant import RuleContestant
from use_cases.benchmark.model import Edit, Table, TableSchema
from use_cases.benchmark.ports import CleaningRequest
from use_cases.kernel.model import Caller

SMALL = Table(("a",), ("1",), (("x",),))


def request_for(table: Table) -> CleaningRequest:
    return CleaningRequest(caller=Caller(), dirty=table, schema=TableSchema())


def test_a_computing_rule_is_not_waited_for_when_it_is_cancelled() -> None:
    begun, end = Event(), Event()

    def compute(table: Table, schema: TableSchema) -> Sequence[Edit]:
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
    def fail(table: Table, schema: TableSchema) -> Sequence[Edit]:
        raise RuntimeError(f"{len(table.ids)} row, {len(schema.key)} keys")

    with pytest.raises(RuntimeError, match="1 row, 0 keys"):
        asyncio.run(RuleContestant("broken", "", fail).clean(request_for(SMALL)))


@pytest.mark.exhaustive
def test_a_wide_table_is_searched_in_part_and_that_is_said() -> None:
    columns = tuple(f"c{at}" for at in range(1_000))
    cells = tuple(
        tuple(f"{(row * (1 + at % 3)) % 5 + at}" for row in range(15)) for at in range(1_000)
    )
    wide = Table(columns, tuple(map(str, range(15))), cells)
    done = asyncio.run(RULE_CONTESTANTS["combined"].clean(request_for(wide)))
    assert done.notice == (
        "Dependencies were searched only between columns at most 20 places apart,"
        " as the table has 1,000 columns."
    )
    assert not done.edits
    assert not asyncio.run(RULE_CONTESTANTS["combined"].clean(request_for(SMALL))).notice
