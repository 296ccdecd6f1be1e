"""The benchmark with its real parts over small tasks; only models are scripted."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from backend.composition.container import Container
from backend.settings.settings import Settings
from tests.fakes.candor import quick_candor
from tests.templates import migrated_store
from tests.use_cases.benchmark.contestants.scripted_cleaner import NOTHING, CleaningModels, Said
from use_cases.benchmark.benchmark_runs import BenchmarkPlan, BenchmarkRun, TaskResult
from use_cases.benchmark.csv_form import digest
from use_cases.benchmark.manage_benchmarks import ManageBenchmarks
from use_cases.benchmark.model import (
    Dependency,
    Difficulty,
    Dimension,
    ErrorKind,
    Finding,
    InjectedError,
    TableSchema,
    Task,
    TextTable,
    ValueKind,
)
from use_cases.benchmark.ports import Cleaning, CleaningRequest
from use_cases.benchmark.tasks import LoadTasks
from use_cases.kernel.model import LOCAL

CLEAN = TextTable(
    ("city", "zip", "state"),
    tuple("12345678"),
    (
        ("Boston",) * 4 + ("Denver",) * 4,
        ("02134",) * 4 + ("80014",) * 4,
        ("MA",) * 4 + ("CO",) * 4,
    ),
)
SCHEMA = TableSchema(
    kinds={"city": ValueKind.CATEGORY, "zip": ValueKind.IDENTIFIER, "state": ValueKind.CATEGORY},
    dependencies=(Dependency(("zip",), "city"), Dependency(("zip",), "state")),
)
_WRONG = {
    Difficulty.EASY: {("1", "city"): "Bostxn"},
    Difficulty.MEDIUM: {("1", "city"): "Bostxn", ("5", "state"): "C0"},
    Difficulty.HARD: {("1", "city"): "Bostxn", ("5", "state"): "C0", ("6", "city"): "Boston"},
    Difficulty.NONE: {},
}
MODEL = "openai:gpt-4o-mini"


def small_task(difficulty: Difficulty, *, seed: int = 7, table: str = "places") -> Task:
    """Eight rows with up to three errors."""
    wrong = _WRONG[difficulty]
    dirty = CLEAN.with_cells(wrong)
    dimension = Dimension.ACCURACY if wrong else Dimension.CONTROL
    return Task(
        task_id=f"{table}_{dimension}_{difficulty}_{seed}",
        version=1,
        table=table,
        dimension=dimension,
        difficulty=difficulty,
        dirty=dirty,
        clean=CLEAN,
        sha256=digest(dirty, CLEAN),
        schema=SCHEMA,
        errors=[
            InjectedError(
                row=row,
                column=column,
                kind=ErrorKind.TYPO,
                old=CLEAN.cell(row, column),
                new=new,
            )
            for (row, column), new in wrong.items()
        ],
        seed=seed,
    )


@dataclass
class SmallTasks(LoadTasks):
    """Makes small tasks. `changed`: its tables are others than they were."""

    tables: Sequence[str] = ("places",)
    changed: bool = False
    folders: dict[str, Sequence[Task]] = field(default_factory=dict[str, Sequence[Task]])

    async def make(self, plan: BenchmarkPlan) -> Sequence[Task]:
        """The tasks that fit."""
        made = [
            small_task(level, seed=plan.seed, table=table)
            for table in plan.tables or self.tables
            for level in _WRONG
            if not plan.difficulties or level in plan.difficulties
        ]
        found = [each for each in made if not plan.dimensions or each.dimension in plan.dimensions]
        return [replace(task, sha256="other") for task in found] if self.changed else found

    async def folder(self, folder: str) -> Sequence[Task]:
        """The tasks of this folder."""
        return self.folders[folder]


class FoundTypo:
    """Port `Contestant`: finds one typo, for a model to repair."""

    name = "typo"

    async def clean(self, request: CleaningRequest) -> Cleaning:
        """The finding, where the table has it."""
        said = f"It is rare in {digest(request.dirty)}."  # so that each table has a question of its own
        typo = Finding(row="1", column="city", value="Bostxn", kind=ErrorKind.TYPO, evidence=said)
        there = request.dirty.cell("1", "city") == typo.value
        return Cleaning(findings=[typo], cost=Decimal(0)) if there else Cleaning(cost=Decimal(0))


def repairing(prompt: str) -> Said:
    """A model that corrects one typo."""
    return (
        {"rules": [{"form": "spelling", "reason": "three of four rows"}]}
        if "Bostxn" in prompt
        else NOTHING
    )


@asynccontextmanager
async def benchmarking(
    folder: Path,
    models: CleaningModels | None = None,
    *,
    tasks: SmallTasks | None = None,
) -> AsyncGenerator[ManageBenchmarks]:
    """The runs over this folder."""
    async with candor_with(folder, models) as candor:
        candor.benchmark.load_tasks = tasks or SmallTasks()
        yield candor.benchmark.manage_benchmarks


@asynccontextmanager
async def candor_with(
    folder: Path, models: CleaningModels | None = None
) -> AsyncGenerator[Container]:
    """A Candor over this folder, with the scripted models."""
    file = folder / "candor.sqlite"
    if not file.exists():
        migrated_store(file)
    told = {"data_dir": folder, "store_url": f"sqlite:///{file}", "sqlite_synchronous": "NORMAL"}
    settings = Settings.model_validate(told)
    async with quick_candor(settings, models=models or CleaningModels(repairing)) as candor:
        asking_at_once(candor)
        yield candor


def asking_at_once(candor: Container) -> None:
    """A model is asked about one typo, and once where it fails."""
    by = candor.benchmark.model_contestants
    candor.benchmark.model_contestants = replace(by, finder=FoundTypo(), retries=0)


async def ran(runs: ManageBenchmarks, plan: BenchmarkPlan) -> BenchmarkRun:
    """A run of the plan, to its end."""
    made = await runs.create(LOCAL, plan)
    return await runs.run(LOCAL, made.job_id)


async def results_of(runs: ManageBenchmarks, run_id: str) -> Sequence[TaskResult]:
    """All of its results, with their outputs."""
    return [result async for result in runs.results(LOCAL, run_id, outputs=True)]
