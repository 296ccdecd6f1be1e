"""A person's own table: edits are saved, reviewed, read again and applied, and nothing else changes."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.documents.string_tables import StringTableFiles
from services.system import SystemEntropy
from tests.fakes.clock import FixedClock
from tests.fakes.prompts import FixedPrompts
from tests.use_cases.benchmark.contestants.scripted_cleaner import (
    NOTHING,
    Answerer,
    CleaningModels,
    MemoryCache,
    rules,
)
from use_cases.benchmark.clean_table import CleanTable, TableChange
from use_cases.benchmark.contestants.model_contestant import ModelContestant
from use_cases.benchmark.contestants.teaching import CellLabel
from use_cases.benchmark.errors import CleaningFailed, EditsInvalid
from use_cases.benchmark.model import Dependency, Edit, EditKind, ErrorKind, TableSchema

pytestmark = pytest.mark.anyio

CSV = """name,city,zip
Ann,Boston,02134
Ann,Boston,02134
Bob,"Bos
ton",02134
Cy,Denver,80014
,N/A,
Dee,Denver,80014
Eve,Denver,80014
Fay,Denver,80014
Gus,Denver,80014
Hal,Dénver,80014
"""
MODEL = "openai:gpt-4o-mini"
EDITS = (
    Edit(kind=EditKind.MAP, column="city", old="N/A", new="", reason="a marker"),
    Edit(
        kind=EditKind.CELL,
        rows=("3",),
        column="city",
        old="Bos\nton",
        new="Boston",
        error=ErrorKind.TYPO,
        reason='said "so"',
    ),
    Edit(kind=EditKind.MERGE, rows=("1", "2"), error=ErrorKind.EXACT_DUPLICATE),
    Edit(kind=EditKind.DELETE, rows=("5",)),
)


def use_case(answer: Answerer = lambda _: NOTHING) -> CleanTable:
    return CleanTable(
        table_files=StringTableFiles(),
        model_contestants=ModelContestant(
            models=CleaningModels(answer),
            prompt_registry=FixedPrompts(),
            output_cache=MemoryCache(),
            entropy=SystemEntropy(),
            clock=FixedClock(),
            retries=0,
        ),
    )


@pytest.fixture
def path(tmp_path: Path) -> str:
    """The file of the table."""
    (tmp_path / "people.csv").write_text(CSV)
    return str(tmp_path / "people.csv")


def write(name: str, text: str) -> None:
    Path(name).write_text(text)


def read(name: str) -> str:
    return Path(name).read_text()


async def saved(clean: CleanTable, path: str, change: TableChange) -> str:
    """The file of the edits of a change."""
    await clean.save_edits(f"{path}.edits.csv", change)
    return f"{path}.edits.csv"


async def test_edits_change_what_they_name_and_are_summed_up(path: str) -> None:
    clean = use_case()
    change = clean.change(await clean.open(path), EDITS)
    assert change.table.ids == ("1", "3", "4", "6", "7", "8", "9", "10")
    assert change.table.cell("3", "city") == "Boston"
    column, rows = change.columns
    assert (column.column, column.found, column.cells, column.share) == ("city", 1, 1, 0.1)
    assert dict(column.errors) == {ErrorKind.TYPO: 1}
    assert (rows.column, rows.found, rows.cells) == (None, 2, 2)
    assert change.warnings == [
        "10% of the cells of city change: 1 cell.",
        "2 of 10 rows are removed.",
    ]
    assert [each.why for each in change.rejected] == []


async def test_edits_that_are_read_again_are_the_same_edits(path: str) -> None:
    clean = use_case()
    opened = await clean.open(path)
    change = clean.change(opened, EDITS)
    again = clean.change(opened, await clean.read_edits(await saved(clean, path, change)))
    assert clean.text(again) == clean.text(change)
    assert again.edits == change.edits
    assert not again.rejected


async def test_the_file_of_edits_has_the_row_that_is_removed(path: str) -> None:
    clean = use_case()
    change = clean.change(await clean.open(path), EDITS[1:])
    assert read(await saved(clean, path, change)) == (
        "row,column,kind,old,new,error,reason\n"
        '3,city,cell,"Bos\nton",Boston,typo,"said ""so"""\n'
        '2,,merge,"[""Ann"", ""Boston"", ""02134""]",1,exact_duplicate,\n'
        '5,,delete,"["""", ""N/A"", """"]",,other,\n'
    )


async def test_reviewed_edits_do_not_touch_a_table_that_has_changed_meanwhile(path: str) -> None:
    clean = use_case()
    file = await saved(clean, path, clean.change(await clean.open(path), EDITS))
    write(path, CSV.replace("Ann,Boston,02134\n", "", 1))  # every row moves up
    change = clean.change(await clean.open(path), await clean.read_edits(file))
    assert [each.why for each in change.rejected] == ["the old text is not there"] * 3
    assert not change.edits


async def test_a_removal_without_its_row_is_rejected(path: str) -> None:
    clean = use_case()
    write(f"{path}.e", "row,column,kind,old,new\n5,,delete,,\n99,,delete,[],\n")
    change = clean.change(await clean.open(path), await clean.read_edits(f"{path}.e"))
    assert [each.why for each in change.rejected] == ["the old text is not there", "no such row"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("row,column,kind,old\n1,city,cell,x\n", "no column 'new'"),
        ("row,column,kind,old,new\n1,city,drop,x,y\n", "Line 1 has the kind 'drop'."),
        ("row,column,kind,old,new\n1,city,rename,x,y\n", "Line 1 has the kind 'rename'."),
        ("row,column,kind,old,new\n,city,cell,x,y\n", "Line 1 names no row."),
    ],
)
async def test_a_file_that_is_no_edits_is_an_error(path: str, text: str, said: str) -> None:
    write(f"{path}.e", text)
    with pytest.raises(EditsInvalid, match=said):
        await use_case().read_edits(f"{path}.e")


async def test_no_edits_are_a_file_without_lines(path: str) -> None:
    clean = use_case()
    file = await saved(clean, path, clean.change(await clean.open(path), ()))
    assert list(await clean.read_edits(file)) == []


async def test_without_a_model_rules_propose_with_what_the_schema_states(path: str) -> None:
    clean = use_case()
    opened = await clean.open(path)
    stated = replace(opened, schema=TableSchema(dependencies=(Dependency(("zip",), "city"),)))
    found = await clean.propose(stated)
    assert ("10", "Denver") in {(each.rows[0], each.new) for each in found.edits}
    assert found.calls == 0


async def test_what_rested_on_a_value_that_a_label_corrects_is_no_finding(path: str) -> None:
    clean = use_case()
    write(path, "zip,city\n" + "3000,Bern\n" * 9 + "4000,Basel\n" * 9 + "3000,Basel\n")
    schema = TableSchema(dependencies=(Dependency(("zip",), "city"),))
    opened = replace(await clean.open(path), schema=schema)
    found = (await clean.propose(opened)).findings
    assert [each.repair for each in found if each.column == "city"] == ["Bern"]
    label = CellLabel(row="19", column="zip", label="corrected", new="4000")
    told = clean.teach(opened, await clean.propose(opened, [label]), [label])
    assert [(each.column, each.new) for each in told.edits] == [("zip", "4000")]
    wrong = CellLabel(row="19", column="zip", label="wrong")
    told = clean.teach(opened, await clean.propose(opened, [wrong]), [wrong])
    assert [(each.column, each.repair) for each in told.findings] == [("zip", None)]


ODD = "name,size\n" + "".join(f"n{at},{at * 7 % 90 + 10} cm\n" for at in range(30)) + "n30,4 ft\n"


async def test_a_model_repairs_what_the_rules_cannot(path: str) -> None:
    answer = rules({"form": "values", "texts": [{"old": "4 ft", "new": "122 cm"}]})
    clean = use_case(lambda _: answer)
    write(path, ODD)
    opened = await clean.open(path)
    found = await clean.propose(opened)
    assert [(each.row, each.column, each.repair) for each in found.findings] == [
        ("31", "size", None)
    ]
    assert (await clean.estimate(opened, found, MODEL)).calls == 1
    done = await clean.ask(opened, found, MODEL)
    assert not done.edits  # a text that the table does not have needs a yes
    [rule] = done.rules
    assert rule.question == "1 cell of size: '4 ft' becomes '122 cm'. Change it?"
    told = clean.teach(opened, done, (), [rule])
    assert clean.change(opened, told.edits).table.cell("31", "size") == "122 cm"


async def test_a_model_that_gives_nothing_usable_is_an_error(path: str) -> None:
    clean = use_case(lambda _: "All fine.")
    write(path, ODD)
    opened = await clean.open(path)
    with pytest.raises(
        CleaningFailed, match="openai:gpt-4o-mini proposed nothing: model_misbehaved"
    ):
        await clean.ask(opened, await clean.propose(opened), MODEL)
