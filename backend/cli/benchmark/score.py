"""`candor benchmark score`: score what any tool made of a dirty table, against its truth.

On a terminal both rules of equality stand side by side, with intervals, and what is odd.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from anyio import to_thread
from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from backend.cli.command_run import Shown
from backend.cli.nouns import of_file
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from use_cases.benchmark.errors import EditsInvalid, TableNotFound, TruthMismatch, fault
from use_cases.benchmark.model import Edit
from use_cases.benchmark.scoring.averages import METRICS
from use_cases.benchmark.scoring.cell_equality import EqualityRule
from use_cases.benchmark.scoring.task_score import RuleScores, TaskScore
from use_cases.benchmark.truth import TRUTH_LABEL, ErrorLabel, TrapLabel
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.statistics.figures import counted

Line = TypeVar("Line")

_CLAIM = '{"kind": "cell", "rows": ["7"], "column": "city", "new": "Rome"}'
_LABEL = (
    '{"label": "error", "row": "7", "column": "city", "kind": "typo", "old": "Rome", "new": "Roem"}'
)

SCORE_EXAMPLES = (
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


async def _truth(clean: str) -> str | Sequence[ErrorLabel | TrapLabel]:
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
            (name.replace("_", " "), *(_figure(metric.of(each)) for each in rules))
            for name, metric in METRICS.items()
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
