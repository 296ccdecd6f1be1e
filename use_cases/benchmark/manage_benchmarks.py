"""Runs of the benchmark, one noun: plan, estimate, work off, resume, stop, read.

Promises: what decides a result is pinned when a run is made (the tasks with their digests, seeds,
contestants, repeats), and a run whose tables have changed is refused; a contestant that fails is an
error that can be tried again, and scores as doing nothing meanwhile; raw outputs are kept, so that a
result of an older scorer is scored again when it is read; a run that a process lost goes on where it was.
Leaves to others: the tasks, the contestants, the scores of one output (`scoring`), averages
(`leaderboard`).
"""

import asyncio
import json
from base64 import b64encode
from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from hashlib import sha256
from math import ceil

from pydantic import TypeAdapter

from use_cases.benchmark.benchmark_runs import (
    EDIT_BYTES,
    Benchmark,
    BenchmarkPlan,
    BenchmarkRun,
    PinnedContestant,
    PinnedTask,
    TaskResult,
)
from use_cases.benchmark.contestants.model_contestant import ModelContestant
from use_cases.benchmark.contestants.rule_contestants import RULE_CONTESTANTS
from use_cases.benchmark.errors import (
    BenchmarkInvalid,
    BenchmarkNotRun,
    ContestantUnknown,
    TaskChanged,
    TaskNotFound,
)
from use_cases.benchmark.leaderboard import Leaderboard, make_leaderboard
from use_cases.benchmark.model import Task, TaskHead
from use_cases.benchmark.ports import (
    UNPAID,
    CallEstimate,
    Cleaning,
    CleaningFigures,
    CleaningRequest,
    Contestant,
    summed,
)
from use_cases.benchmark.scoring.task_score import TaskScore, score_cleaning
from use_cases.benchmark.tasks import LoadTasks
from use_cases.kernel.errors import CandorError, Unavailable
from use_cases.kernel.jobs.manage_jobs import ManageJobs, Shift
from use_cases.kernel.jobs.model import Address, Finished, ItemResult, JobState, WorkItem, as_json
from use_cases.kernel.jobs.work import JobRunner
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock
from use_cases.kernel.text.plain_text import storable

SCORER_VERSION = 3
"""The version of the definitions of the scores; results of another one are scored again when they are read."""

_BOARDS_KEPT = 8
"""Leaderboards that are kept in memory, each until its run changes."""
_LONGEST_SEED = 10
_MODEL_REPEATS = 3
_TABLES_AT_ONCE = 4  # keeps a provider busy without meeting its rate limit
_MOST_REPEATS = 100
_MOST_RESULTS = 100_000
_RECENT_RUNS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkEstimate(CallEstimate):
    """The size of a run before it begins. `cost` (US dollars) is None where a price is not known."""

    results: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Brief(CleaningFigures):
    """The small part of a result: its figures and its scores, by version `scorer` of their definitions."""

    scorer: int = 0
    score: TaskScore | None = None
    edits: str = ""
    rejected: int = 0


_BENCHMARK: TypeAdapter[Benchmark] = TypeAdapter(Benchmark)
_BRIEF: TypeAdapter[_Brief] = TypeAdapter(_Brief)
_OUTPUT: TypeAdapter[Cleaning] = TypeAdapter(Cleaning)
_FIGURES = set(UNPAID.by_name())


class ManageBenchmarks(ManageJobs[Benchmark]):
    """The caller's runs of the benchmark."""

    kind = "benchmark"
    prefix = "bench"
    invalid = BenchmarkInvalid

    def __init__(
        self,
        *,
        job_runner: JobRunner,
        load_tasks: LoadTasks,
        model_contestants: ModelContestant,
        clock: Clock,
    ) -> None:
        super().__init__(job_runner, _BENCHMARK)
        self._source = load_tasks
        self._models = model_contestants
        self._clock = clock
        self._kept: dict[tuple[object, ...], Sequence[Task]] = {}
        self._boards: OrderedDict[tuple[str, int], Leaderboard] = OrderedDict()

    async def create(
        self,
        caller: Caller,
        plan: BenchmarkPlan,
        *,
        budget: Decimal | None = None,
        queued: bool = False,
    ) -> BenchmarkRun:
        """Pins a run; nothing is cleaned yet. `queued`: a server works on it as soon as it has room.

        Raises `BenchmarkInvalid`, `ContestantUnknown`, `BudgetUnknowable`, and what making the tasks and resolving the
        models raises.
        """
        self._require_budget(budget)
        if plan.repeats is not None and not 1 <= plan.repeats <= _MOST_REPEATS:
            raise BenchmarkInvalid(f"Repeats are from 1 to {_MOST_REPEATS}, not {plan.repeats}.")
        plan = replace(plan, name=storable(plan.name))
        contestants = [self._pinned(name, plan, budget) for name in self._wanted(plan)]
        tasks = [pin(task) for task in await self.tasks(plan)]
        if not tasks:
            raise BenchmarkInvalid("No task fits the tables, dimensions and levels that are named.")
        spec = Benchmark(plan=plan, tasks=tasks, contestants=contestants)
        if (size := spec.matrix.size) > _MOST_RESULTS:
            raise BenchmarkInvalid(f"The run has {size:,} results; at most {_MOST_RESULTS:,} fit.")
        return await self._begin(caller.user_id, plan.name, spec, budget=budget, queued=queued)

    def _require_priced(self, spec: Benchmark, budget: Decimal) -> None:
        """Raises `BudgetUnknowable`, and what resolving the models raises."""
        for one in spec.contestants:
            if one.is_model:
                self._models.named(one.name, budget=budget).resolve(trusted=True)

    async def estimate(self, caller: Caller, run_id: str) -> BenchmarkEstimate:
        """Counts the calls of a run, and what they may cost. Raises `JobNotFound`, `TaskChanged`."""
        spec = (await self.show(caller, run_id)).spec
        tasks = await self._unchanged(spec)
        every = list[CallEstimate]()
        for one in spec.contestants:
            for task in tasks.values() if one.is_model else ():
                request = CleaningRequest(dirty=task.dirty, schema=task.schema)
                every += [await self._models.named(one.name).estimate(request)] * one.repeats
        return BenchmarkEstimate(results=spec.matrix.size, **summed(every))

    async def _shift(self, caller: Caller, job: BenchmarkRun) -> Shift:
        """Raises `TaskChanged`."""
        spec = job.spec
        tasks = await self._unchanged(spec)
        contestants = [
            self._models.named(each.name) if each.is_model else RULE_CONTESTANTS[each.name]
            for each in spec.contestants
        ]

        async def work(item: WorkItem) -> Finished:
            address = Address.of(item)
            task = tasks[spec.tasks[address.case].task_id]
            request = CleaningRequest(dirty=task.dirty, schema=task.schema, repeat=address.repeat)
            started = self._clock.monotonic()
            cleaning = await _cleaned(contestants[address.variant or 0], request)
            if not cleaning.calls:
                # Those of a model have times of their own, which the cache keeps.
                took = ceil(1000 * (self._clock.monotonic() - started))
                cleaning = replace(cleaning, latency_ms=took)
            return await asyncio.to_thread(_finished, task, cleaning)

        return Shift(items=spec.matrix.items(), work=work, at_once=_TABLES_AT_ONCE)

    def _size(self, spec: Benchmark) -> int:
        return spec.matrix.size

    async def results(
        self, caller: Caller, run_id: str, *, after: int = -1, outputs: bool = False
    ) -> AsyncGenerator[TaskResult]:
        """Yields the results behind a place, task by task; with `outputs` also what was returned.

        A result of another version of the scorer is scored again. Raises `JobNotFound`, and
        `TaskChanged` where it cannot be.
        """
        spec = (await self.show(caller, run_id)).spec
        again: Mapping[str, Task] | None = None
        async for items in self._pages(run_id, after=after, bodies=outputs):
            for item in items:
                brief, body = _BRIEF.validate_json(item.brief), item.body
                if brief.score is None or brief.scorer != SCORER_VERSION:
                    again = again or await self._unchanged(spec)
                    body = body or await self._body(run_id, item)
                    task = again[spec.tasks[Address.of(item).case].task_id]
                    brief = await asyncio.to_thread(_scored, task, _cleaning(item, brief, body))
                yield _result(spec, item, brief, _cleaning(item, brief, body) if outputs else None)

    async def leaderboard(self, caller: Caller, run_id: str) -> Leaderboard:
        """Averages what is done. Raises `JobNotFound`, `TaskChanged`."""
        run = await self.show(caller, run_id)
        key = run_id, run.tick
        if key not in self._boards:
            found = [each async for each in self.results(caller, run_id)]
            self._boards[key] = await asyncio.to_thread(make_leaderboard, run, found)
            while len(self._boards) > _BOARDS_KEPT:
                self._boards.popitem(last=False)
        return replace(self._boards[key], run=run)

    async def latest(self, caller: Caller, contestant: str | None = None) -> BenchmarkRun:
        """Returns the newest run that has begun, and in which this contestant takes part.

        Raises `BenchmarkNotRun`.
        """
        for run in await self.list(caller, limit=_RECENT_RUNS):
            begun = run.state not in (JobState.PENDING, JobState.QUEUED)
            if begun and (contestant is None or run.spec.contestant(contestant)):
                return run
        who = f" with {contestant!r}" if contestant else ""
        raise BenchmarkNotRun(f"There is no run{who} yet.")

    async def task(self, task_id: str) -> Task:
        """Returns one task of the sample tables; its id ends in its seed. Raises `TaskNotFound`."""
        seed = task_id.rpartition("_")[2]
        if seed.isdecimal() and len(seed) <= _LONGEST_SEED:
            for task in await self.tasks(BenchmarkPlan(seed=int(seed))):
                if task.task_id == task_id:
                    return task
        raise TaskNotFound(f"There is no task {task_id!r}.")

    def _wanted(self, plan: BenchmarkPlan) -> Sequence[str]:
        """Returns the contestants: those that are named, or all that need no model."""
        rules = plan.contestants or ([] if plan.models else list(RULE_CONTESTANTS))
        names = [*rules, *plan.models]
        if twice := {name for name in names if names.count(name) > 1}:
            raise BenchmarkInvalid(f"The contestant {sorted(twice)[0]!r} is named twice.")
        return names

    def _pinned(self, name: str, plan: BenchmarkPlan, budget: Decimal | None) -> PinnedContestant:
        is_model = name in plan.models
        if is_model:
            self._models.named(name, budget=budget).resolve()
        elif name not in RULE_CONTESTANTS:
            known = ", ".join(RULE_CONTESTANTS)
            raise ContestantUnknown(f"There is no contestant {name!r}. There are: {known}.")
        repeats = plan.repeats or (_MODEL_REPEATS if is_model else 1)
        return PinnedContestant(name=name, is_model=is_model, repeats=repeats)

    async def tasks(self, plan: BenchmarkPlan) -> Sequence[Task]:
        """Returns the tasks of a plan. Raises what making or reading them raises."""
        if plan.folder is None:
            return await self._made(plan)
        found = await self._source.folder(plan.folder)
        own = {task.table for task in found}
        beside = [name for name in plan.tables if name not in own]
        made = await self._made(replace(plan, tables=beside)) if beside else ()
        return [*(task for task in found if not plan.tables or task.table in plan.tables), *made]

    async def _made(self, plan: BenchmarkPlan) -> Sequence[Task]:
        """Returns the tasks of the sample tables; the newest ones are kept, for they take seconds to
        make.
        """
        key = plan.seed, *map(tuple, (plan.tables, plan.dimensions, plan.difficulties))
        if key not in self._kept:
            self._kept = {key: await self._source.make(plan)}
        return self._kept[key]

    async def _unchanged(self, spec: Benchmark) -> Mapping[str, Task]:
        """Returns the tasks of a run. Raises `TaskChanged` where one is not what it was."""
        found = {task.task_id: task for task in await self.tasks(spec.plan)}
        for pinned in spec.tasks:
            task = found.get(pinned.task_id)
            if task is None or task.sha256 != pinned.sha256:
                raise TaskChanged(
                    f"The tables of the task {pinned.task_id!r} are not those of the run any more."
                )
        return found

    async def _body(self, run_id: str, item: ItemResult) -> str:
        (found,) = await self._jobs.results(run_id, after=item.place - 1, limit=1)
        return found.body


def pin(task: Task) -> PinnedTask:
    """Returns what a run records of a task."""
    head = {each.name: getattr(task, each.name) for each in fields(TaskHead)}
    return PinnedTask(rows=len(task.dirty.ids), columns=len(task.dirty.columns), **head)


async def _cleaned(contestant: Contestant, request: CleaningRequest) -> Cleaning:
    try:
        return await contestant.clean(request)
    except Unavailable:
        raise
    except CandorError as error:
        return Cleaning(failure=f"{error.code}: {error.detail}")


def _finished(task: Task, cleaning: Cleaning) -> Finished:
    return Finished(
        brief=as_json(_BRIEF, _scored(task, cleaning)),
        body=as_json(_OUTPUT, cleaning, _FIGURES),
        error=cleaning.failure or None,
        cost=cleaning.cost or Decimal(0),
    )


def _scored(task: Task, cleaning: Cleaning) -> _Brief:
    """Returns the figures with the scores of today."""
    scored = score_cleaning(task, cleaning)
    edits = sorted(
        sha256(json.dumps(edit).encode()).digest()[:EDIT_BYTES]
        for edit in scored.outcomes.edit_set(scored.score.headline)
    )
    return _Brief(
        scorer=SCORER_VERSION,
        score=scored.score,
        edits=b64encode(b"".join(edits)).decode(),
        rejected=scored.score.rejected_edits,
        **cleaning.by_name(),
    )


def _cleaning(item: ItemResult, brief: _Brief, body: str) -> Cleaning:
    """Returns the stored output; one whose work met a defect has none."""
    cleaning = _OUTPUT.validate_json(body)
    return replace(cleaning, failure=cleaning.failure or item.error or "", **brief.by_name())


def _result(
    spec: Benchmark, item: ItemResult, brief: _Brief, output: Cleaning | None
) -> TaskResult:
    address = Address.of(item)
    known = {name: getattr(brief, name) for name in _FIGURES | {"edits", "rejected", "score"}}
    known["cost"] = None if brief.cost is None else item.cost
    return TaskResult(
        place=item.place,
        contestant=item.group,
        task=spec.tasks[address.case],
        repeat=address.repeat,
        error=item.error or "",
        output=output,
        **known,
    )
