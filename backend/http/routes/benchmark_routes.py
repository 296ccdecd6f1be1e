"""Routes of the benchmark: tasks, contestants, runs with their results, and metrics of the newest run."""

from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from backend.http.dependencies import (
    JSON_ONLY,
    JSON_OR_NOTHING,
    Before,
    Benchmarker,
    Candor,
    FreeText,
    Limit,
    Router,
    StrictBody,
    ThingId,
    negotiate,
)
from backend.http.playground_request import EVENTS, LastEventId, Resumption, dollars, events_of
from backend.http.problems import WRITING, documented, text_of
from backend.processes.beside_requests import put, resume
from backend.schemas.benchmark_schemas import (
    BenchmarkResults,
    BenchmarkRunPage,
    BenchmarkRunReply,
    ContestantReply,
    LeaderboardReply,
    MetricReply,
    ReliabilityReply,
    ResultDetail,
    ResultReply,
    RobustnessReply,
    TaskDetail,
    TaskReply,
)
from use_cases.benchmark.benchmark_runs import BenchmarkPlan, BenchmarkRun
from use_cases.benchmark.contestants.rule_contestants import RULE_CONTESTANTS
from use_cases.benchmark.errors import (
    BenchmarkInvalid,
    BenchmarkNotRun,
    BudgetUnknowable,
    ContestantUnknown,
    ModelCannotClean,
    TaskChanged,
    TaskNotFound,
    TasksNotFound,
)
from use_cases.benchmark.leaderboard import Leaderboard
from use_cases.benchmark.manage_benchmarks import pin
from use_cases.benchmark.model import Difficulty, Dimension
from use_cases.kernel.errors import (
    ModelNotAllowed,
    ModelNotConfigured,
    ModelUnknown,
    RateLimited,
    StorageBusy,
)
from use_cases.kernel.jobs.model import JobNotFound, JobOver
from use_cases.kernel.jobs.orders import run_order
from use_cases.kernel.model import Caller

router = Router(prefix="/api", tags=["benchmark"])

_NDJSON = "application/x-ndjson"
_JSON = "application/json"
_MOST = 100
_Name = Annotated[FreeText, Field(min_length=1, max_length=200)]

RunQuery = Annotated[
    str | None,
    Query(max_length=128, description="The run; without it the newest one that has begun."),
]
Seed = Annotated[int, Query(ge=0, le=2**31, description="The seed that the errors are made with.")]
Contestant = Annotated[
    str, Path(max_length=200, description="A model, such as `openai:gpt-4.1-mini`, or a rule.")
]


class BenchmarkBody(StrictBody):
    """Plan of a run. Empty lists mean all there are; without a model only rules clean."""

    model: _Name | None = Field(default=None, description="One model, instead of `models`.")
    models: list[_Name] = Field(default_factory=list[str], max_length=_MOST)
    contestants: list[_Name] = Field(
        default_factory=list[str],
        max_length=_MOST,
        description="Rules; `GET /api/models` lists them.",
    )
    tables: list[_Name] = Field(default_factory=list[str], max_length=_MOST)
    dimensions: list[Dimension] = Field(default_factory=list[Dimension], max_length=_MOST)
    difficulties: list[Difficulty] = Field(default_factory=list[Difficulty], max_length=_MOST)
    seed: int = Field(default=7, ge=0, le=2**31)
    repeats: int | None = Field(
        default=None, ge=1, le=_MOST, description="Unset: 3 of a model, 1 of a rule."
    )
    name: _Name = "benchmark"
    budget: Annotated[float | None, Field(gt=0, le=1_000_000, description="US dollars.")] = None

    def plan(self) -> BenchmarkPlan:
        """Returns it as the use cases read it."""
        models = [*self.models, *([self.model] if self.model else [])]
        rest = self.model_dump(exclude={"model", "models", "budget"})
        return BenchmarkPlan(models=models, **rest)


_REPAIR = ("f1", "precision", "recall", "detection_f1")
_DAMAGE = ("corruption_rate", "trap_damage", "error_reduction", "cell_accuracy")
_DRIFT = ("drift_score", "drift_reduction")
_READING = documented(BenchmarkNotRun, JobNotFound, TaskChanged)


async def _newest(candor: Candor, caller: Benchmarker, run_id: RunQuery = None) -> Leaderboard:
    """Returns the leaderboard of a run, or of the newest. Raises `BenchmarkNotRun`."""
    runs = candor.benchmark.manage_benchmarks
    return await runs.leaderboard(caller, run_id or (await runs.latest(caller)).job_id)


async def _newest_with(
    candor: Candor, caller: Benchmarker, model: Contestant, run_id: RunQuery = None
) -> Leaderboard:
    """Returns the leaderboard of a run, or of the newest with this contestant. Raises `BenchmarkNotRun`."""
    run_id = run_id or (await candor.benchmark.manage_benchmarks.latest(caller, model)).job_id
    board = await _newest(candor, caller, run_id)
    if board.row(model) is None:
        raise BenchmarkNotRun(f"The run {run_id} has no result of {model!r} yet.")
    return board


_Board = Annotated[Leaderboard, Depends(_newest)]
_BoardWith = Annotated[Leaderboard, Depends(_newest_with)]


@router.get("/metrics/overview", responses=_READING)
async def show_overview(board: _Board) -> LeaderboardReply:
    """The leaderboard: every contestant over all tasks, by dimension and by level."""
    return LeaderboardReply.of_rows(board, board.rows)


@router.get("/metrics/dimension/{name}", responses=_READING)
async def show_dimension(board: _Board, name: Dimension) -> LeaderboardReply:
    """The leaderboard of one dimension, whole and by level."""
    return LeaderboardReply.of_rows(board, [row for row in board.rows if row.dimension is name])


@router.get("/metrics/f1/{model:path}", responses=_READING)
async def show_f1(board: _BoardWith, model: Contestant) -> MetricReply:
    """F1, precision and recall of repairs, and F1 of detection."""
    return MetricReply.of_model(board, model, _REPAIR)


@router.get("/metrics/corruption/{model:path}", responses=_READING)
async def show_corruption(board: _BoardWith, model: Contestant) -> MetricReply:
    """The shares of right cells and of traps that were broken, and what is gained in all."""
    return MetricReply.of_model(board, model, _DAMAGE)


@router.get("/metrics/drift/{model:path}", responses=_READING)
async def show_drift(board: _BoardWith, model: Contestant) -> MetricReply:
    """The distance of the columns' distributions from the truth's."""
    return MetricReply.of_model(board, model, _DRIFT)


@router.get("/metrics/reliability/{model:path}", responses=_READING)
async def show_reliability(board: _BoardWith, model: Contestant) -> ReliabilityReply:
    """How alike the outputs of repeats are, and the share of results that did not fail."""
    return ReliabilityReply.of_model(board, model)


@router.get("/metrics/robustness/{model:path}", responses=_READING)
async def show_robustness(board: _BoardWith, model: Contestant) -> RobustnessReply:
    """Recall and corruption over the levels of each dimension."""
    return RobustnessReply.of(board, model=model, scopes=board.robustness(model))


@router.get("/tasks", responses=documented())
async def list_tasks(candor: Candor, _caller: Benchmarker, seed: Seed = 7) -> list[TaskReply]:
    """The tasks of a seed: each sample table in four dimensions and three levels, and without errors."""
    tasks = await candor.benchmark.manage_benchmarks.tasks(BenchmarkPlan(seed=seed))
    return [TaskReply.of(pin(task)) for task in tasks]


@router.get("/tasks/{task_id}", responses=documented(TaskNotFound))
async def show_task(candor: Candor, _caller: Benchmarker, task_id: ThingId) -> TaskDetail:
    """One task, with the beginning of its dirty table and the kinds of its errors."""
    return TaskDetail.of_task(await candor.benchmark.manage_benchmarks.task(task_id))


@router.get("/models", responses=documented())
async def list_contestants(candor: Candor, _caller: Benchmarker) -> list[ContestantReply]:
    """The rules that clean without a model, and the models that a request may name."""
    settings = candor.settings
    named = dict.fromkeys([settings.model, *(settings.requestable_models or ())])
    rules = [ContestantReply.of(each, kind="rule") for each in RULE_CONTESTANTS.values()]
    return rules + [
        ContestantReply(name=name, kind="model", description="A model of the installation.")
        for name in named
        if not name.startswith("offline:")
    ]


@router.post(
    "/benchmark/run",
    status_code=HTTPStatus.CREATED,
    dependencies=[JSON_ONLY],
    responses=documented(
        BenchmarkInvalid,
        BudgetUnknowable,
        ContestantUnknown,
        ModelCannotClean,
        ModelUnknown,
        ModelNotConfigured,
        ModelNotAllowed,
        TasksNotFound,
        RateLimited,
        *WRITING,
    ),
)
async def run_benchmark(
    body: BenchmarkBody, candor: Candor, caller: Benchmarker
) -> BenchmarkRunReply:
    """Pin a run, and begin it in the background."""
    runs = candor.benchmark.manage_benchmarks
    run = await runs.create(caller, body.plan(), budget=dollars(body.budget), queued=True)
    await put(candor, run_order(run))
    return BenchmarkRunReply.of_run(run)


@router.get("/results", responses=documented(JobNotFound))
async def list_benchmark_runs(
    candor: Candor, caller: Benchmarker, limit: Limit = 50, before: Before = None
) -> BenchmarkRunPage:
    """Your runs, newest first."""
    found = await candor.benchmark.manage_benchmarks.list(caller, limit=limit, before=before)
    return BenchmarkRunPage(
        runs=[BenchmarkRunReply.of_run(each) for each in found],
        next_before=found[-1].job_id if found.more else None,
    )


@router.get(
    "/results/{run_id}",
    response_model=BenchmarkResults,
    responses=documented(JobNotFound, TaskChanged)
    | text_of(
        "The run and its results so far; as NDJSON the run, then one result a line, with its edits.",
        _NDJSON,
    ),
)
async def show_results(
    candor: Candor,
    caller: Benchmarker,
    request: Request,
    run_id: ThingId,
    after: Annotated[
        int, Query(ge=-1, le=2**31, description="The place of the last result that was read.")
    ] = -1,
    limit: Annotated[int, Query(ge=1, le=10_000, description="The most to return.")] = 1000,
) -> BenchmarkResults | Response:
    """A run with its results, task by task. `Accept: application/x-ndjson` streams all of them."""
    runs = candor.benchmark.manage_benchmarks
    run = await runs.show(caller, run_id)
    accept = ",".join(request.headers.getlist("accept"))
    if negotiate(accept, (_JSON, _NDJSON)) == _NDJSON:
        return StreamingResponse(_lines(candor, caller, run, after), media_type=_NDJSON)
    progress = await runs.progress(caller, run_id)
    found: list[ResultReply] = []
    more = False
    async for result in runs.results(caller, run_id, after=after, outputs=True):
        if more := len(found) == limit:
            break
        found.append(ResultReply.of_result(result))
    return BenchmarkResults.of_run(
        run,
        done=progress.done + progress.errors,
        failed=progress.errors,
        task_results=found,
        next_after=found[-1].place if more else None,
    )


@router.delete(
    "/results/{run_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(JobNotFound, StorageBusy),
)
async def remove_benchmark_run(candor: Candor, caller: Benchmarker, run_id: ThingId) -> None:
    """Remove a run with its results."""
    await candor.benchmark.manage_benchmarks.remove(caller, run_id)


@router.post("/results/{run_id}/cancel", responses=documented(JobNotFound, StorageBusy))
async def cancel_benchmark_run(
    candor: Candor, caller: Benchmarker, run_id: ThingId
) -> BenchmarkRunReply:
    """Begin no more results; those in flight come to their end."""
    return BenchmarkRunReply.of_run(await candor.benchmark.manage_benchmarks.cancel(caller, run_id))


@router.post(
    "/results/{run_id}/resume",
    dependencies=[JSON_OR_NOTHING],
    responses=documented(JobNotFound, JobOver, BenchmarkInvalid, *WRITING),
)
async def resume_benchmark_run(
    candor: Candor,
    caller: Benchmarker,
    run_id: ThingId,
    body: Resumption,
    errors: Annotated[bool, Query(description="Try results that failed again.")] = False,
) -> BenchmarkRunReply:
    """Continue a run that was stopped, cancelled or interrupted, or over its budget."""
    runs = candor.benchmark.manage_benchmarks
    budget = dollars(body.budget)
    run = await resume(candor, runs, caller, run_id, errors=errors, budget=budget)
    return BenchmarkRunReply.of_run(run)


@router.get(
    "/results/{run_id}/events",
    response_class=Response,
    responses=documented(JobNotFound) | EVENTS,
)
async def watch_benchmark_run(
    candor: Candor, caller: Benchmarker, run_id: ThingId, last_event_id: LastEventId = 0
) -> Response:
    """The progress of a run, whichever process works on it, until none does."""
    changes = candor.benchmark.manage_benchmarks.watch(caller, run_id, since=last_event_id)
    return await events_of(changes, "model", candor.settings.heartbeat_seconds)


async def _lines(
    candor: Candor, caller: Caller, run: BenchmarkRun, after: int
) -> AsyncGenerator[str]:
    yield BenchmarkRunReply.of_run(run).model_dump_json() + "\n"
    runs = candor.benchmark.manage_benchmarks
    async for result in runs.results(caller, run.job_id, after=after, outputs=True):
        yield ResultDetail.of_result(result).model_dump_json() + "\n"
