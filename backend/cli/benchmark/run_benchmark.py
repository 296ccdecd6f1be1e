"""`candor benchmark`: its commands, `run`, the list of runs, and `inject`, which puts labelled errors into a
clean table.
"""

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from backend.cli.benchmark.score import SCORE_EXAMPLES, score
from backend.cli.command_run import CommandApp, Shown
from backend.cli.nouns import Before, Limit, Noun, of_file
from backend.cli.runs.output_files import require_unread, require_writable
from backend.cli.runs.recorded_runs import (
    BudgetOption,
    Csv,
    Estimate,
    Json,
    Out,
    Wanted,
    budget_of,
    files_of,
)
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.reports.verdict_words import dollars
from use_cases.benchmark.model import Difficulty, Dimension
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted


async def inject(
    candor: Container,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A clean table: CSV, TSV or XLSX.")],
    dimension: Annotated[
        Dimension,
        typer.Option(
            metavar="NAME",
            help="accuracy, completeness, consistency or uniqueness; control: no error.",
        ),
    ],
    difficulty: Annotated[
        Difficulty,
        typer.Option("--level", metavar="LEVEL", help="easy (2 %), medium (5 %) or hard (15 %)."),
    ] = Difficulty.MEDIUM,
    seed: Annotated[int, typer.Option(help="The same seed puts in the same errors.")] = 1,
    schema: Annotated[
        str | None,
        of_file("Kinds, key, dependencies. Unset: the .yaml beside the table."),
    ] = None,
    out: Annotated[str | None, of_file("The dirty table. Unset: to stdout.")] = None,
    truth: Annotated[
        str | None,
        of_file("The labels of all errors, as JSON lines; a score takes them as --clean."),
    ] = None,
) -> Shown:
    """Put labelled errors into a clean table, the same for the same seed.

    With --json, the counts of errors are printed instead of the table.
    """
    written = [each for each in (out, truth) if each is not None]
    require_writable(written)
    read = [each for each in (file, schema) if each is not None]
    require_unread(written, read, hint="Name another file.")
    made, text = await candor.benchmark.inject_table.run(
        file,
        dimension=dimension,
        difficulty=difficulty,
        seed=seed,
        schema=schema,
        out=out,
        truth=truth,
    )
    kinds = Counter(error.kind.value for error in made.errors)
    listed = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
    terminal.talk(
        f"{counted(len(made.errors), 'error')}{listed and f' ({listed})'}, "
        f"{counted(len(made.traps), 'trap')}"
    )
    if len(made.errors) < made.wanted - 1:
        terminal.talk(f"The table can carry no more; the level wants {made.wanted:,}.")
    counts = {
        "errors": len(made.errors),
        "wanted": made.wanted,
        "repairable": sum(error.repairable for error in made.errors),
        "traps": len(made.traps),
        "kinds": dict(sorted(kinds.items())),
    }
    return Shown(counts, lambda: terminal.exact(text) if out is None else None)


if TYPE_CHECKING:
    from use_cases.benchmark.benchmark_runs import BenchmarkRun

Names = Annotated[str | None, typer.Option(help="Separated by commas. Unset: all.")]
Choice = TypeVar("Choice", bound=StrEnum)

_RUNS: "Noun[BenchmarkRun]" = Noun(
    "runs",
    "candor benchmark run",
    (
        ("RUN", lambda one: one.job_id),
        ("CREATED", lambda one: one.created_at),
        ("STATE", lambda one: one.state.value),
        ("TASKS", lambda one: len(one.spec.tasks)),
        ("CONTESTANTS", lambda one: len(one.spec.contestants)),
        ("COST", lambda one: dollars(one.spent) if one.spent else ""),
        ("NAME", lambda one: one.name),
    ),
)


async def list_benchmarks(candor: Container, limit: Limit = 20, before: Before = None) -> Shown:
    """Measure whether models clean dirty tables without breaking them.

    Without a subcommand, it lists the runs, newest first; `candor eval` shows, resumes, cancels, exports
    and removes them by their id.
    """
    from backend.schemas.benchmark_schemas import BenchmarkRunReply  # not for --help

    found = await candor.benchmark.manage_benchmarks.list(LOCAL, limit=limit, before=before)
    more = found[-1].job_id if found.more else None
    return _RUNS.page(candor, found, more, record=BenchmarkRunReply.of_run)


async def run_benchmark(
    candor: Container,
    models: Annotated[
        str | None, typer.Option("--models", "-m", help="Models that clean, separated by commas.")
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
            metavar="DIR",
            help="A folder of tables with their truth; of the sample tables those that --tables names.",
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
    json: Json = None,
    csv: Csv = None,
    estimate: Estimate = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Accept the cost.")] = False,
) -> ExitCode:
    """Run contestants on dirty tables, and show who cleans without breaking.

    Without a model it needs no key and no network. Ctrl-C leaves a run that `candor eval resume`
    continues. Exit codes: 0 done; 1 where some results failed or the run did not come to its end; 6 where
    a model failed everything.
    """
    # Not for --help: scores and statistics.
    from backend.cli.benchmark.benchmark_work import BenchmarkRuns
    from use_cases.benchmark.benchmark_runs import BenchmarkPlan

    files = files_of(out, csv=csv, json=json)
    require_writable(files.values())
    plan = BenchmarkPlan(
        contestants=_named(contestants),
        models=_named(models),
        tables=_named(tables),
        dimensions=[_chosen(Dimension, name) for name in _named(dimensions)],
        difficulties=[_chosen(Difficulty, name) for name in _named(levels)],
        folder=data,
        seed=seed,
        repeats=repeats,
    )
    runs = BenchmarkRuns(candor)
    made = await runs.runs.create(LOCAL, plan, budget=budget_of(budget))
    asks = await _estimate(candor, made.job_id)
    if not await runs.agreed(made.job_id, asks=asks, estimate=estimate, yes=yes):
        return ExitCode.DONE
    return await runs.work_off(made.job_id, Wanted(files=files))


async def _estimate(candor: Container, run_id: str) -> int:
    """Shows the size of a run; the calls of models."""
    found = await candor.benchmark.manage_benchmarks.estimate(LOCAL, run_id)
    cost = "an unknown cost" if found.cost is None else f"about {dollars(found.cost)}"
    calls = f", {counted(found.calls, 'call')} of models; {cost}" if found.calls else ""
    terminal.talk(f"{counted(found.results, 'table')} to clean{calls}")
    return found.calls


def _named(text: str | None) -> list[str]:
    return [each.strip() for each in (text or "").split(",") if each.strip()]


def _chosen(kind: type[Choice], name: str) -> Choice:
    try:
        return kind(name)
    except ValueError:
        known = ", ".join(each.value for each in kind)
        raise InvalidInput(f"There is no {name!r} here.", hint=f"There are: {known}.") from None


app = CommandApp()

_RUN = (
    "candor benchmark run",
    "candor benchmark run --out page.html --csv results.csv",
    "candor benchmark run --models openai:gpt-4.1-mini --contestants combined --budget 5",
    "candor benchmark run --data my-tables --contestants nothing,combined",
)
_INJECT = (
    "candor benchmark inject customers.csv --dimension consistency --level hard --seed 7",
    "candor benchmark inject customers.csv --dimension accuracy --out dirty.csv --truth truth.jsonl",
)

app.lists(*_RUN)(list_benchmarks)
app.add("run", *_RUN, json=False, offline=True)(run_benchmark)
app.add("score", *SCORE_EXAMPLES)(score)
app.add("inject", *_INJECT)(inject)
