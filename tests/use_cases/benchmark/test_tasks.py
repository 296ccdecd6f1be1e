"""Tasks of the sample tables: complete, versioned, and the same for the same seed."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import anyio
import pytest

from services.documents.string_tables import StringTableFiles
from use_cases.benchmark.benchmark_runs import BenchmarkPlan
from use_cases.benchmark.csv_form import digest
from use_cases.benchmark.errors import TasksNotFound
from use_cases.benchmark.model import Difficulty, Dimension, Task, TextTable, ValueKind
from use_cases.benchmark.scoring.cell_equality import canonical
from use_cases.benchmark.tasks import LoadTasks

pytestmark = pytest.mark.anyio

SAMPLES = Path(__file__).parents[3] / "samples" / "clean-tables"


LOAD = LoadTasks(table_files=StringTableFiles(), sample_tables=str(SAMPLES))
RATES = {Difficulty.EASY: 0.02, Difficulty.MEDIUM: 0.05, Difficulty.HARD: 0.15}


@pytest.fixture(scope="module")
def tasks() -> Sequence[Task]:
    return anyio.run(LOAD.make, BenchmarkPlan(seed=7))


def test_four_dimensions_in_three_difficulties_and_a_control(tasks: Sequence[Task]) -> None:
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


def test_every_sample_carries_what_each_level_wants(tasks: Sequence[Task]) -> None:
    for task in tasks:
        rows = task.dimension is Dimension.UNIQUENESS
        of = len(task.clean.ids) * (1 if rows else len(task.clean.columns))
        assert abs(len(task.errors or ()) - RATES.get(task.difficulty, 0) * of) <= 1


async def test_what_is_named_is_made(tasks: Sequence[Task]) -> None:
    plan = BenchmarkPlan(
        tables=["visits"], dimensions=[Dimension.CONSISTENCY], difficulties=[Difficulty.HARD]
    )
    [task] = await LOAD.make(plan)
    assert task.task_id == "visits_consistency_hard_7"
    assert task in tasks
    with pytest.raises(TasksNotFound, match="'orders'"):
        await LOAD.make(BenchmarkPlan(seed=1, tables=["orders"]))


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


def test_the_samples_are_as_their_schemas_say(tasks: Sequence[Task]) -> None:
    controls = [task for task in tasks if task.dimension is Dimension.CONTROL]
    assert [task.table for task in controls] == ["customers", "products", "visits"]
    for task in controls:
        assert task.dirty == task.clean
        holds(task.clean, task)
        assert len(task.clean.ids) in (300, 320, 360)


def test_hard_truths_keep_the_schema_in_spite_of_traps(tasks: Sequence[Task]) -> None:
    for task in tasks:
        if task.difficulty is Difficulty.HARD:
            holds(task.clean, task)
            if task.dimension is not Dimension.UNIQUENESS:
                assert len(task.traps) == round(len(task.errors or ()) / 10)
