"""Folders of tasks, read from real files."""

from pathlib import Path

import pytest

from services.documents.string_tables import StringTableFiles
from use_cases.benchmark.errors import TableNotFound, TasksNotFound
from use_cases.benchmark.model import Dependency, Difficulty, Dimension, ValueKind
from use_cases.benchmark.tasks import LoadTasks

pytestmark = pytest.mark.anyio

BEERS = "id,beer-name,style,ounces,abv,ibu\n1,Pub,Lager,{},0.05,\n2,Cup,Ale,{},0.06,60\n"


@pytest.fixture
def load() -> LoadTasks:
    return LoadTasks(table_files=StringTableFiles(), sample_tables="")


def write(folder: Path, **files: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        name = name.replace("__", ".")
        (folder / name).write_text(text, encoding="utf-8")


async def test_a_folder_of_tasks(load: LoadTasks, tmp_path: Path) -> None:
    write(
        tmp_path / "beers",
        dirty__csv=BEERS.format("12 oz", "12 oz."),
        clean__csv=BEERS.format("12", "12"),
        fd_rules__txt="beer_name ⇒ style\nbeer_name ⇒ brewery",
    )
    write(
        tmp_path / "own",
        dirty__csv="no,city\nx,Bend\ny,Gari\nz,Bend\n",
        clean__tsv="no\tcity\ny\tGary\nx\tBend\n",
        schema__yaml="id: no\nkey: [city]\nkinds: {city: category}",
    )
    write(tmp_path / "half", dirty__csv="a\n1\n")
    beers, own = await load.folder(str(tmp_path))
    assert (beers.task_id, beers.known, beers.dimension) == ("beers", True, Dimension.MIXED)
    assert beers.difficulty is Difficulty.REAL
    assert beers.clean.by_name["ounces"] == ("12", "12")
    assert beers.schema.dependencies == (Dependency(("beer-name",), "style"),)
    assert (own.known, own.schema.kinds) == (False, {"city": ValueKind.CATEGORY})
    assert own.duplicates == {"z": "x"}
    assert (own.dirty.cell("y", "city"), own.clean.cell("y", "city")) == ("Gari", "Gary")
    assert (len(own.sha256), own.sha256 == beers.sha256) == (64, False)


async def test_a_folder_that_is_one_task(load: LoadTasks, tmp_path: Path) -> None:
    write(
        tmp_path / "hospital",
        dirty__csv="city\nBendx\n",
        clean__csv="tid,attribute,correct_val\n0,city,Bend\n",
    )
    [task] = await load.folder(str(tmp_path / "hospital"))
    assert (task.task_id, task.known) == ("hospital", False)
    assert task.clean.cell("1", "city") == "Bend"


async def test_a_folder_without_a_task(load: LoadTasks, tmp_path: Path) -> None:
    with pytest.raises(TasksNotFound):
        await load.folder(str(tmp_path))


async def test_a_table_with_the_schema_beside_it(load: LoadTasks, tmp_path: Path) -> None:
    write(
        tmp_path, a__csv="no,x\n1,2\n", a__yaml="id: no", b__csv="no,x\n1,2\n", c__yaml="key: [X]"
    )
    table, schema = await load.table(str(tmp_path / "a.csv"))
    assert (table.columns, schema.id_column) == (("x",), "no")
    table, schema = await load.table(str(tmp_path / "b.csv"))
    assert (table.columns, schema.id_column) == (("no", "x"), None)
    table, schema = await load.table(str(tmp_path / "b.csv"), str(tmp_path / "c.yaml"))
    assert schema.key == ("x",)
    with pytest.raises(TableNotFound):
        await load.table(str(tmp_path / "b.csv"), str(tmp_path / "none.yaml"))
