"""What is told of tables that could not keep their file's name."""

from dataclasses import replace

import pytest

from tests.fakes.documents import a_document
from tests.fakes.library import MemoryLibrary
from use_cases.kernel.model import Column, ColumnType
from use_cases.knowledge.indexing import Tally
from use_cases.knowledge.ingest_stages import stored_notice
from use_cases.knowledge.model import Change, FileOutcome, PreparedDocument, TableData

pytestmark = pytest.mark.anyio

PLAYERS = TableData("players", "Players", "", [Column("id", "id", ColumnType.INTEGER)], [(1,)])


def a_file(name: str, *tables: str) -> PreparedDocument:
    return a_document(name, "1", tables=[replace(PLAYERS, name=table) for table in tables])


async def told(library: MemoryLibrary, document: PreparedDocument) -> str | None:
    return await stored_notice(library, (await library.save(document)).ref, document)


async def test_a_table_that_keeps_its_name_is_nothing_to_tell() -> None:
    library = MemoryLibrary()

    assert await told(library, a_file("nfl/players.csv", "players")) is None
    assert await told(library, a_file("notes.md")) is None


async def test_a_second_file_of_the_same_name_is_told_what_its_table_is_called() -> None:
    library = MemoryLibrary()
    await library.save(a_file("nfl/players.csv", "players"))

    assert await told(library, a_file("fpl/players.csv", "players", "squads")) == (
        "fpl/players.csv is loaded as the table `players_doc_4`, because `players` is taken."
    )


async def test_of_many_tables_of_one_file_three_are_named() -> None:
    library = MemoryLibrary()
    sheets = ("a", "b", "c", "d")
    await library.save(a_file("one.xlsx", *sheets))

    notice = await told(library, a_file("two.xlsx", *sheets))

    assert notice is not None
    assert notice.count("because") == 3
    assert notice.endswith("; and 1 more.")


def test_the_report_of_a_run_tells_it_and_stays_short() -> None:
    tally = Tally()
    for number in range(22):
        tally.progress(FileOutcome("p.csv", Change.ADDED, notice=f"Notice {number}."), 22)

    notices = tally.report([None, "First."], 0.0).notices

    assert notices[:2] == ("First.", "Notice 0.")
    assert notices[20:] == (
        "Notice 19.",
        "2 more files have such notes; `candor tables` lists all tables.",
    )
