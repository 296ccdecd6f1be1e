"""The values of the benchmark's runs: what is pinned, and the result of one contestant on one task."""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from use_cases.benchmark.model import Difficulty, Dimension, TaskHead
from use_cases.benchmark.ports import Cleaning, CleaningFigures
from use_cases.benchmark.scoring.task_score import TaskScore
from use_cases.kernel.jobs.model import Job, Matrix

EDIT_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkPlan:
    """A benchmark before it runs. Empty names mean all there are; `models` are names of the registry of models.

    `folder` holds tasks of one's own, instead of those made of the sample tables with `seed`; sample tables that
    are named stand beside them.
    `repeats` None: 3 of a model, and 1 of a contestant whose output never differs.
    """

    name: str = "benchmark"
    contestants: Sequence[str] = ()
    models: Sequence[str] = ()
    tables: Sequence[str] = ()
    dimensions: Sequence[Dimension] = ()
    difficulties: Sequence[Difficulty] = ()
    folder: str | None = None
    seed: int = 7
    repeats: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedTask(TaskHead):
    """A task as a run has it."""

    rows: int
    columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedContestant:
    """A contestant as a run has it. `repeats` is how often it cleans each task."""

    name: str
    is_model: bool
    repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A plan, pinned: the tasks, and the contestants that clean them."""

    plan: BenchmarkPlan
    tasks: Sequence[PinnedTask]
    contestants: Sequence[PinnedContestant]

    @property
    def matrix(self) -> Matrix:
        """Its results: the tasks are the cases, the contestants the variants."""
        return Matrix(len(self.tasks), [(each.name, each.repeats) for each in self.contestants])

    def contestant(self, name: str) -> PinnedContestant | None:
        """Returns the contestant of this name."""
        return next((each for each in self.contestants if each.name == name), None)


BenchmarkRun: TypeAlias = Job[Benchmark]
"""A recorded run of the benchmark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult(CleaningFigures):
    """The result of one contestant on one task, once.

    `error` is a code and a sentence where it gave nothing usable: it is then scored as doing nothing.
    `output` is the raw output, None where it was not read. `rejected` counts edits that were held back or did not
    fit. `edits` are the first bytes of the SHA-256 of each edited cell with its new value, by which repeats are
    compared, as base64.
    """

    place: int
    contestant: str
    task: PinnedTask
    repeat: int
    score: TaskScore
    edits: str = ""
    rejected: int = 0
    error: str = ""
    output: Cleaning | None = None

    @property
    def edited(self) -> frozenset[bytes]:
        """The digests of its edits."""
        edits = b64decode(self.edits)
        return frozenset(edits[at : at + EDIT_BYTES] for at in range(0, len(edits), EDIT_BYTES))
