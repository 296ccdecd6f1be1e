"""Errors put into a file: a dirty table and its labels, which agree."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.documents.string_tables import StringTableFiles
from tests.use_cases.benchmark.injection.visits import visits
from use_cases.benchmark.csv_form import csv_text
from use_cases.benchmark.model import Difficulty, Dimension
from use_cases.benchmark.tasks import InjectTable, LoadTasks

pytestmark = pytest.mark.anyio


@pytest.fixture
def inject(tmp_path: Path) -> InjectTable:
    files = StringTableFiles()
    load = LoadTasks(table_files=files, sample_tables=str(tmp_path))
    (tmp_path / "visits.csv").write_text(csv_text(visits()), encoding="utf-8")
    return InjectTable(load_tasks=load, table_files=files)


def labels(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def test_the_labels_lead_from_the_dirty_table_to_the_truth(
    inject: InjectTable, tmp_path: Path
) -> None:
    out, truth = tmp_path / "dirty.csv", tmp_path / "truth.jsonl"
    made, text = await inject.run(
        str(tmp_path / "visits.csv"),
        dimension=Dimension.ACCURACY,
        difficulty=Difficulty.HARD,
        seed=7,
        out=str(out),
        truth=str(truth),
    )
    assert out.read_bytes() == text.encode()
    dirty = await StringTableFiles().read(str(out))
    found = labels(truth)
    errors = [each for each in found if each["label"] == "error"]
    traps = [each for each in found if each["label"] == "trap"]
    right = dirty.with_cells({(each["row"], each["column"]): each["old"] for each in errors})
    odd = {(each["row"], each["column"]): each["new"] for each in traps}
    assert right == visits().with_cells(odd)
    assert (len(errors), len(traps)) == (made.wanted, len(made.traps)) == (360, 36)


async def test_rows_have_ids_where_rows_are_added(inject: InjectTable, tmp_path: Path) -> None:
    _, text = await inject.run(
        str(tmp_path / "visits.csv"),
        dimension=Dimension.UNIQUENESS,
        difficulty=Difficulty.EASY,
        seed=7,
        truth=str(tmp_path / "truth.jsonl"),
    )
    (tmp_path / "dirty.csv").write_text(text, encoding="utf-8")
    dirty = await StringTableFiles().read(str(tmp_path / "dirty.csv"), id_column="row_id")
    added = [each["row"] for each in labels(tmp_path / "truth.jsonl")]
    assert len(added) == 4
    assert dirty.without_rows(frozenset(added)).values == visits().values


async def test_an_id_column_of_the_schema_is_kept(inject: InjectTable, tmp_path: Path) -> None:
    (tmp_path / "schema.yaml").write_text("id: visit")
    _, text = await inject.run(
        str(tmp_path / "visits.csv"),
        dimension=Dimension.CONTROL,
        difficulty=Difficulty.NONE,
        seed=1,
        schema=str(tmp_path / "schema.yaml"),
    )
    assert text == csv_text(visits())
