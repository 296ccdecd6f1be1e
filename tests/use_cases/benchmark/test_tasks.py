"""Tasks of the sample tables: complete, versioned, and the same for the same seed."""

import re
from collections import Counter
from pathlib import Path

import pytest

from services.documents.string_tables import StringTableFiles
from use_cases.benchmark.csv_form import digest
from use_cases.benchmark.errors import TasksNotFound
from use_cases.benchmark.model import Difficulty, Dimension, Task, TextTable, ValueKind
from use_cases.benchmark.scoring.cell_equality import canonical
from use_cases.benchmark.tasks import LoadTasks

pytestmark = pytest.mark.anyio

SAMPLES = Path(__file__).parents[3] / "samples" / "clean-tables"


@pytest.fixture
def load() -> LoadTasks:
    return LoadTasks(table_files=StringTableFiles(), sample_tables=str(SAMPLES))


async def test_four_dimensions_in_three_difficulties_and_a_control(load: LoadTasks) -> None:
    tasks = await load.make(seed=7)
    assert len({task.task_id for task in tasks}) == len(tasks) == 3 * 13
    assert Counter(task.dimension.value for task in tasks) == {
        "accuracy": 9,
        "completeness": 9,
        "consistency": 9,
        "uniqueness": 9,
        "control": 3,
    }
    for task in tasks:
        assert task.task_id == f"{task.table}_{task.dimension}_{task.difficulty}_7"
        assert task.sha256 == digest(task.dirty, task.clean)
        assert bool(task.errors) is (task.dimension is not Dimension.CONTROL)
        assert bool(task.duplicates) is (task.dimension is Dimension.UNIQUENESS)
        assert task.known is False


async def test_every_sample_carries_what_each_level_wants(load: LoadTasks) -> None:
    rates = {Difficulty.EASY: 0.02, Difficulty.MEDIUM: 0.05, Difficulty.HARD: 0.15}
    for task in await load.make(seed=11, difficulties=list(rates)):
        rows = task.dimension is Dimension.UNIQUENESS
        of = len(task.clean.ids) * (1 if rows else len(task.clean.columns))
        assert abs(len(task.errors or ()) - rates[task.difficulty] * of) <= 1


async def test_what_is_named_is_made(load: LoadTasks) -> None:
    [task] = await load.make(
        seed=1,
        tables=["visits"],
        dimensions=[Dimension.CONSISTENCY],
        difficulties=[Difficulty.HARD],
    )
    assert task.task_id == "visits_consistency_hard_1"
    again = await load.make(seed=1, tables=["visits"])
    assert task in again
    with pytest.raises(TasksNotFound, match="'orders'"):
        await load.make(seed=1, tables=["orders"])


def holds(clean: TextTable, task: Task) -> None:
    """The declared dependencies, references, key and kinds are those of the clean table."""
    schema = task.schema
    for each in schema.dependencies:
        seen: dict[tuple[str, ...], str] = {}
        left = zip(*(clean.by_name[name] for name in each.determinants), strict=True)
        for group, value in zip(left, clean.by_name[each.dependent], strict=True):
            assert seen.setdefault(group, value) == value, each
    for left, right in schema.references:
        assert set(clean.by_name[left]) - {""} <= set(clean.by_name[right])
    [key] = schema.key
    assert len(set(clean.by_name[key])) == len(clean.ids)
    assert set(schema.kinds) == set(clean.columns)
    for name, kind in schema.kinds.items():
        forms = [canonical(text, kind) for text in clean.by_name[name] if text]
        if kind is ValueKind.NUMBER:
            assert all(isinstance(form, float) for form in forms), name
        if kind is ValueKind.DATE:
            assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", str(form)) for form in forms), name


async def test_the_samples_are_as_their_schemas_say(load: LoadTasks) -> None:
    tasks = await load.make(seed=1, dimensions=[Dimension.CONTROL])
    assert [task.table for task in tasks] == ["customers", "products", "visits"]
    for task in tasks:
        assert task.dirty == task.clean
        holds(task.clean, task)
        assert len(task.clean.ids) in (300, 320, 360)


async def test_hard_truths_keep_the_schema_in_spite_of_traps(load: LoadTasks) -> None:
    for task in await load.make(seed=3, difficulties=[Difficulty.HARD]):
        holds(task.clean, task)
        if task.dimension is not Dimension.UNIQUENESS:
            assert len(task.traps) == round(len(task.errors or ()) / 10)
