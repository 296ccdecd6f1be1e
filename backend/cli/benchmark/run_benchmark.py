"""`candor benchmark`: its commands, `run`, the list of runs, `inject`, which puts labelled errors into a clean
table, and `score`, which says what any tool made of a dirty one.

Of a score on a terminal both rules of equality stand side by side, with intervals, and what is odd.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from anyio import to_thread
from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from backend.cli.command_run import CommandApp, Shown
from backend.cli.nouns import Before, Limit, Noun, of_file
from backend.cli.runs.output_files import require_unread, require_writable
from backend.cli.runs.recorded_runs import (
    BudgetOption,
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
from use_cases.benchmark.errors import EditsInvalid, TableNotFound, TruthMismatch, fault
from use_cases.benchmark.model import Difficulty, Dimension, Edit
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.task_score import METRICS, RuleScores, TaskScore
from use_cases.benchmark.truth import TRUTH_LABEL, TruthLabel
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
) -> ExitCode:
    """Put labelled errors into a clean table, the same for the same seed."""
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
    if out is None:
        terminal.exact(text)
    return ExitCode.DONE


if TYPE_CHECKING:
    from use_cases.benchmark.benchmark_runs import BenchmarkRun

Names = Annotated[str | None, typer.Option(help="Separated by commas. Unset: all.")]
Choice = TypeVar("Choice", bound=StrEnum)
Line = TypeVar("Line")

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

    files = files_of(out, json=json)
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


_CLAIM = '{"kind": "cell", "rows": ["7"], "column": "city", "new": "Rome"}'
_LABEL = (
    '{"label": "error", "row": "7", "column": "city", "kind": "typo", "old": "Rome", "new": "Roem"}'
)

_SCORE = (
    "candor benchmark score --dirty dirty.csv --clean clean.csv --output cleaned.csv --id id",
    "candor benchmark score --dirty dirty.csv --clean clean.csv --output cleaned.csv \\",
    "    --schema schema.yaml --claims edits.jsonl --json",
    "candor benchmark score --dirty dirty.csv --clean truth.jsonl --output cleaned.csv",
)


async def score(
    candor: Container,
    dirty: Annotated[str, of_file("The table with errors.")],
    clean: Annotated[
        str,
        of_file(
            "The truth: a table, a list of tid, attribute, correct_val, or the labels of "
            "candor benchmark inject (.jsonl)."
        ),
    ],
    output: Annotated[str, of_file("What the tool made of the table.")],
    claims: Annotated[
        str | None,
        of_file("What the tool says it changed: JSON lines, or a CSV as candor clean writes it."),
    ] = None,
    schema: Annotated[
        str | None, of_file("Kinds of columns and key, in YAML.", "--schema", "-s")
    ] = None,
    id_column: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="The column of the rows' ids.")
    ] = None,
) -> Shown:
    """Score what any tool made of a dirty table: what it repaired, and what it broke.

    Cells are compared strictly, as texts, and canonically, by the kinds that the schema declares: both
    are shown. Without --id rows are found by the schema's key, or by what they hold. Exit codes: 0
    scored; 1 where the output is no table, which is scored as doing nothing.
    """
    found = await candor.benchmark.score_tables.run(
        dirty=dirty,
        clean=await _truth(clean),
        output=output,
        schema=schema,
        id_column=id_column,
        claims=await _claims(candor, claims),
    )
    return Shown(
        found,
        lambda: show_score(found),
        ExitCode.DONE if found.status == "scored" else ExitCode.FAILED,
    )


async def _truth(clean: str) -> str | Sequence[TruthLabel]:
    if not _is_lines(clean):
        return clean
    return await to_thread.run_sync(lambda: _read_lines(clean, TRUTH_LABEL, TruthMismatch, _LABEL))


async def _claims(candor: Container, path: str | None) -> Sequence[Edit]:
    if path is None:
        return ()
    if not _is_lines(path):
        return await candor.benchmark.clean_table.read_edits(path)
    return await to_thread.run_sync(lambda: _read_lines(path, _EDIT, EditsInvalid, _CLAIM))


def _is_lines(name: str) -> bool:
    return name.lower().endswith((".jsonl", ".ndjson"))


def _read_lines(
    name: str, reader: TypeAdapter[Line], wrong: type[InvalidInput], example: str
) -> Sequence[Line]:
    """Returns a value for each line of JSON. Raises `wrong`, with an example, or `TableNotFound`."""
    try:
        lines = Path(name).expanduser().read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        raise TableNotFound(f"There is no file {name!r}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise wrong(f"{name} cannot be read.", hint="Name a file in UTF-8.") from error
    found: list[Line] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(reader.validate_json(line))
        except ValidationError as error:
            raise wrong(
                f"{name}, line {number}, is {fault(error)}.",
                hint=f"A line is such as {example}.",
            ) from error
    return found


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim(Edit):
    """An edit without other fields. The class of edits itself stays as lenient as it is."""


_EDIT = TypeAdapter(_Claim)


def show_score(score: TaskScore) -> None:
    """Writes the scores to stdout, and to stderr what a reader must know about them."""
    rules = [score.under(rule) for rule in EqualityRule]
    rows = [
        ("errors", *(f"{each.repair.counts.errors:,}" for each in rules)),
        ("edits", *(f"{each.repair.counts.edits:,}" for each in rules)),
        ("repaired", *(f"{each.repair.counts.repaired:,}" for each in rules)),
        ("damaged", *(f"{each.repair.counts.damaged:,}" for each in rules)),
        ("corruption rate", *(_corruption(each) for each in rules)),
        *(
            (name.replace("_", " "), *(_figure(each.metrics[name]) for each in rules))
            for name in METRICS
            if name != "corruption_rate"
        ),
    ]
    terminal.data(terminal.columns(("", *(rule.value.upper() for rule in EqualityRule)), rows))
    why = (
        "the schema declares kinds"
        if score.headline is EqualityRule.CANONICAL
        else "no kinds are declared"
    )
    terminal.talk(f"The headline is {score.headline.value}: {why}.")
    for note in _notes(score):
        terminal.talk(f"warning: {note}")


def _notes(score: TaskScore) -> list[str]:
    changes = score.changes
    found = (
        [f"the output failed and is scored as doing nothing: {score.failure}"]
        if score.failure
        else []
    )
    if changes.rows_matched_by == "similarity":
        found.append("rows have no ids or key: they were matched by what they hold")
    counts = (
        (changes.dropped_rows, "row", "dropped"),
        (changes.removed_duplicates, "duplicate", "removed"),
        (changes.invented_rows, "row", "invented"),
        (changes.repeated_ids, "row", "repeated by id"),
    )
    found += [f"{counted(count, what)} {how}" for count, what, how in counts if count]
    names = ((changes.missing_columns, "missing"), (changes.added_columns, "added, and not scored"))
    if score.first.audit.changes and not score.first.audit.claims:
        found.append("no change was claimed: --claims names what the tool says it did")
    return found + [f"{how}: {', '.join(columns)}" for columns, how in names if columns]


def _corruption(found: RuleScores) -> str:
    interval = found.repair.corruption_interval
    if interval is None:
        return "n/a"
    low, high = interval
    return f"{found.repair.corruption_rate:.2%} ({low:.2%} to {high:.2%})"


def _figure(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3f}"


app = CommandApp()

_RUN = (
    "candor benchmark run",
    "candor benchmark run --out page.html --json run.json",
    "candor benchmark run --models openai:gpt-4.1-mini --contestants combined --budget 5",
    "candor benchmark run --data my-tables --contestants nothing,combined",
)
_INJECT = (
    "candor benchmark inject customers.csv --dimension consistency --level hard --seed 7",
    "candor benchmark inject customers.csv --dimension accuracy --out dirty.csv --truth truth.jsonl",
)

app.lists(*_RUN)(list_benchmarks)
app.add("run", *_RUN, json=False, offline=True)(run_benchmark)
app.add("score", *_SCORE)(score)
app.add("inject", *_INJECT, json=False)(inject)
