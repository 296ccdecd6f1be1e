"""`candor benchmark run`, and the commands for recorded runs: list, show, resume, cancel, remove.

Exit codes: 0, 3 where results failed or the run did not come to its end, and 130 after Ctrl-C, which
leaves a run that can be resumed.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from backend.cli.command_run import AsJson, run
from backend.cli.runs.budget import BudgetOption, budget_of
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ConfirmationNeeded, ExitCode
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import LOCAL

if TYPE_CHECKING:
    from use_cases.benchmark.benchmark_runs import BenchmarkRun

RunId = Annotated[
    str, typer.Argument(metavar="RUN", help="The id of a run, such as bench_01K9ZC3W5T.")
]
Out = Annotated[
    str | None,
    typer.Option("--out", "-o", metavar="FILE", help="Write the page of the run. - is stdout."),
]
JsonFile = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE", help="Write the leaderboard and all results."),
]
CsvFile = Annotated[
    str | None, typer.Option("--csv", metavar="FILE", help="Write one row a result.")
]
Names = Annotated[str | None, typer.Option(help="Separated by commas. Unset: all.")]
Choice = TypeVar("Choice", bound=StrEnum)
_RESUME = "candor benchmark resume"


def run_benchmark(
    models: Annotated[
        str | None,
        typer.Option("--models", "-m", help="Models that clean, separated by commas."),
    ] = None,
    contestants: Annotated[
        str | None,
        typer.Option(
            help="Contestants without a model, separated by commas. Unset: all, or none with --models."
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="A folder of tables with their truth, instead of the sample tables."
        ),
    ] = None,
    tables: Names = None,
    dimensions: Names = None,
    levels: Names = None,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the errors.")] = 7,
    repeats: Annotated[
        int | None,
        typer.Option(
            min=1, max=100, help="Clean each table so often. Unset: 3 by a model, else 1."
        ),
    ] = None,
    budget: BudgetOption = None,
    out: Out = None,
    json: JsonFile = None,
    csv: CsvFile = None,
    resume: Annotated[
        str | None, typer.Option(metavar="RUN", help="Continue this run; its plan stays.")
    ] = None,
    label: Annotated[str, typer.Option(help="The name of the run.")] = "benchmark",
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Only show the number of calls and their cost.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Use nothing that needs a network.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Accept the cost.")] = False,
) -> None:
    """Run contestants on dirty tables, and show who cleans without breaking.

    Without a model it needs no key and no network. Ctrl-C leaves a run that `candor benchmark resume`
    continues. Exit codes: 0 done; 1 where some results failed or the run did not come to its end; 6 where
    a model failed everything.
    """
    files = _files(out, json, csv)
    if resume is not None:
        _continue(resume, budget, files, offline=offline, errors=False)

    async def work(candor: Container) -> ExitCode:
        # Not for --help: scores and statistics.
        from backend.cli.runs.output_files import require_writable
        from use_cases.benchmark.benchmark_runs import BenchmarkPlan
        from use_cases.benchmark.model import Difficulty, Dimension

        require_writable(files.values())
        plan = BenchmarkPlan(
            name=label,
            contestants=_named(contestants),
            models=_named(models),
            tables=_named(tables),
            dimensions=[_chosen(Dimension, name) for name in _named(dimensions)],
            difficulties=[_chosen(Difficulty, name) for name in _named(levels)],
            folder=data,
            seed=seed,
            repeats=repeats,
        )
        runs = candor.benchmark.manage_benchmarks
        made = await runs.create(LOCAL, plan, budget=budget_of(budget))
        asks = await _estimate(candor, made.job_id)
        if estimate or (asks and not yes and not _agreed()):
            await runs.remove(LOCAL, made.job_id)
            return ExitCode.DONE
        return await _work_off(candor, made.job_id, files)

    run(work, offline=offline)


def list_benchmarks(
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="The most to show.")] = 20,
    before: Annotated[
        str | None, typer.Option("--before", metavar="RUN", help="Show those before this run.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the runs, the newest first."""

    async def work(candor: Container) -> ExitCode:
        from backend.reports.verdict_words import dollars
        from backend.schemas.benchmark import BenchmarkRunReply

        found = await candor.benchmark.manage_benchmarks.list(LOCAL, limit=limit, before=before)
        if as_json:
            shown = [BenchmarkRunReply.of_run(each).model_dump(mode="json") for each in found]
            terminal.data_json(shown)
        elif found:
            header = ("RUN", "CREATED", "STATE", "TASKS", "CONTESTANTS", "COST", "NAME")
            rows = [
                (
                    each.job_id,
                    f"{each.created_at:%Y-%m-%d %H:%M}",
                    each.state.value,
                    str(len(each.spec.tasks)),
                    str(len(each.spec.contestants)),
                    dollars(each.spent) if each.spent else "",
                    each.name,
                )
                for each in found
            ]
            terminal.data(terminal.columns(header, rows))
            if found.more:
                terminal.talk(f"There are more; add --before {found[-1].job_id}")
        else:
            terminal.talk("There are no runs yet. Begin with: candor benchmark run")
        return ExitCode.DONE

    run(work, as_json=as_json)


def show_benchmark(
    run_id: RunId, out: Out = None, json: JsonFile = None, csv: CsvFile = None
) -> None:
    """Show the leaderboard of a run, or write it to files."""
    files = _files(out, json, csv)

    async def work(candor: Container) -> ExitCode:
        return await _show(candor, run_id, files)

    run(work)


def resume_benchmark(
    run_id: RunId,
    budget: BudgetOption = None,
    errors: Annotated[
        bool, typer.Option("--errors", help="Try the results that failed again, too.")
    ] = False,
    out: Out = None,
    json: JsonFile = None,
    csv: CsvFile = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Use nothing that needs a network.")
    ] = False,
) -> None:
    """Continue a run that was stopped, cancelled, over its budget, or whose process is gone."""
    _continue(run_id, budget, _files(out, json, csv), offline=offline, errors=errors)


def cancel_benchmark(run_id: RunId) -> None:
    """Stop a run, also one of another process; tables in work come to their end."""

    async def work(candor: Container) -> ExitCode:
        found = await candor.benchmark.manage_benchmarks.cancel(LOCAL, run_id)
        terminal.data(f"{found.job_id} is {found.state}")
        return ExitCode.DONE

    run(work)


def remove_benchmark(
    run_id: RunId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a run with its results."""

    async def work(candor: Container) -> ExitCode:
        runs = candor.benchmark.manage_benchmarks
        found = await runs.show(LOCAL, run_id)
        if not yes:
            if not terminal.is_interactive():
                raise ConfirmationNeeded(f"Removing {run_id} needs a confirmation.")
            if not terminal.confirm(f"Remove {run_id} ({found.name})?"):
                return ExitCode.DONE
        await runs.remove(LOCAL, run_id)
        terminal.data(f"Removed {run_id}")
        return ExitCode.DONE

    run(work)


def _continue(
    run_id: str, budget: str | None, files: Mapping[str, str], *, offline: bool, errors: bool
) -> None:
    async def work(candor: Container) -> ExitCode:
        from backend.cli.runs.output_files import require_writable

        require_writable(files.values())
        runs = candor.benchmark.manage_benchmarks
        await runs.reopen(LOCAL, run_id, errors=errors, budget=budget_of(budget))
        return await _work_off(candor, run_id, files)

    run(work, offline=offline)


async def _estimate(candor: Container, run_id: str) -> int:
    """Show the size of a run; the calls of models."""
    from backend.reports.verdict_words import dollars
    from use_cases.kernel.statistics.figures import counted

    found = await candor.benchmark.manage_benchmarks.estimate(LOCAL, run_id)
    cost = "an unknown cost" if found.cost is None else f"about {dollars(found.cost)}"
    calls = f", {counted(found.calls, 'call')} of models; {cost}" if found.calls else ""
    terminal.talk(f"{counted(found.results, 'table')} to clean{calls}")
    return found.calls


def _agreed() -> bool:
    return not terminal.is_interactive() or terminal.confirm("Run it?", default=True)


async def _work_off(candor: Container, run_id: str, files: Mapping[str, str]) -> ExitCode:
    from backend.cli.runs.work_at_terminal import work_at_terminal

    runs = candor.benchmark.manage_benchmarks
    resume = f"{_RESUME} {run_id}"
    if await work_at_terminal(runs, run_id, resume=resume, noun="table") is None:
        return ExitCode.INTERRUPTED
    return await _show(candor, run_id, files)


async def _show(candor: Container, run_id: str, files: Mapping[str, str]) -> ExitCode:
    from backend.cli.benchmark.benchmark_files import FileKind, write_benchmark
    from backend.cli.benchmark.leaderboard_view import show_leaderboard
    from backend.cli.runs.output_files import STDOUT, require_writable

    require_writable(files.values())
    board = await candor.benchmark.manage_benchmarks.leaderboard(LOCAL, run_id)
    if STDOUT not in files.values():
        show_leaderboard(board)
    await write_benchmark(candor, board, {FileKind(kind): name for kind, name in files.items()})
    for kind, name in files.items():
        if name != STDOUT:
            terminal.talk(f"{kind}: {name}")
    terminal.talk(f"Run {run_id}")
    if board.run.state is not JobState.COMPLETED:
        terminal.talk(f"Continue with: {_RESUME} {run_id}{_more(board.run)}")
    elif board.failed:
        terminal.talk(f"Try what failed again: {_RESUME} {run_id} --errors")
    if any(
        row.is_model and row.failed == row.results
        for row in map(board.row, board.contestants)
        if row
    ):
        return ExitCode.PROVIDER
    whole = board.run.state is JobState.COMPLETED and not board.failed
    return ExitCode.DONE if whole else ExitCode.FAILED


def _more(run: "BenchmarkRun") -> str:
    """The option that a run needs whose budget is spent."""
    return " --budget MORE" if run.budget is not None and run.spent >= run.budget else ""


def _files(out: str | None, json: str | None, csv: str | None) -> Mapping[str, str]:
    given = {"html": out, "json": json, "csv": csv}
    return {kind: name for kind, name in given.items() if name is not None}


def _named(text: str | None) -> list[str]:
    return [each.strip() for each in (text or "").split(",") if each.strip()]


def _chosen(kind: type[Choice], name: str) -> Choice:
    try:
        return kind(name)
    except ValueError:
        known = ", ".join(each.value for each in kind)
        raise InvalidInput(f"There is no {name!r} here.", hint=f"There are: {known}.") from None
