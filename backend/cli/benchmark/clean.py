"""`candor clean`: clean a table of one's own, by rules or by a model, with every change to review: columns,
some edits, and what to look at.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import anyio
import typer

from backend.cli.command_run import CommandApp
from backend.cli.nouns import Columns, table
from backend.cli.runs.output_files import require_unread
from backend.cli.runs.recorded_runs import budget_of
from backend.cli.runs.run_progress import show_run_progress
from backend.cli.terminal import terminal
from backend.cli.terminal.terminal import interrupts
from backend.composition.container import Container
from backend.errors import ConfirmationNeeded, ExitCode
from backend.reports.verdict_words import dollars
from use_cases.benchmark.clean_table import ColumnChange, TableChange
from use_cases.benchmark.errors import TableNotFound
from use_cases.benchmark.model import Edit, EditKind, Finding
from use_cases.benchmark.ports import Cleaning, ModelRule
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.statistics.figures import counted

_MOST_SHOWN = 20
_LONGEST_CELL = 40
_COLUMNS: Columns[ColumnChange] = (
    ("COLUMN", lambda one: one.column or "(rows)"),
    ("FOUND", lambda one: one.found),
    ("CHANGED", lambda one: one.cells),
    ("SHARE", lambda one: f"{one.share:.1%}"),
    ("KINDS", lambda one: [f"{kind} {n:,}" for kind, n in sorted(one.errors.items())]),
)
_RULES: Columns[ModelRule] = (
    ("COLUMN", lambda one: one.column),
    ("KIND", lambda one: one.kind),
    ("CELLS", lambda one: one.cells),
    ("RULE", lambda one: f"needs a yes: {one.rule}" if one.proposed else one.rule),
)
_WHYS = {
    "no_row": "no such row",
    "no_column": "no such column",
    "old_differs": "the old text is not there",
    "no_change": "the new text is the old one",
    "edited_before": "edited by another edit",
    "incomplete": "incomplete",
}


def show_change(change: TableChange, rules: Sequence[ModelRule] = ()) -> None:
    """Writes to stdout what is found and changes by column, the rules of a model, and some of it with its evidence."""
    if change.columns:
        terminal.data(table(_COLUMNS, change.columns) + "\n")
    if rules:
        terminal.data(table(_RULES, rules) + "\n")
    lines = [*change.edits, *(each for each in change.findings if each.repair is None)]
    if lines:
        counts = Counter(id(edit) for edit in change.applied.cells.values())
        rows = [_line(each, counts[id(each)]) for each in _sample(lines)]
        terminal.data(terminal.columns(("ROW", "COLUMN", "OLD", "NEW", "REASON"), rows))
    if len(lines) > _MOST_SHOWN:
        more = f"{len(lines) - _MOST_SHOWN:,} more"
        terminal.data(f"... and {more}; --findings and --edits write all of them")


def summarise(
    cleaning: Cleaning, change: TableChange, *, by: str, written: Sequence[str], quiet: bool
) -> None:
    """Writes to stderr how much changes, what was rejected, what to look at, and what it took.

    `quiet`: the table itself was written to stdout.
    """
    cells = counted(len(change.applied.cells), "cell")
    rows = counted(len(change.applied.removed), "row")
    removed = f", and {rows} removed" if change.applied.removed else ""
    unsure = sum(each.repair is None for each in change.findings)
    beside = f"; {unsure:,} more found, whose repair is for you to say" if unsure else ""
    terminal.talk(f"{cells} changed{removed}, by {by}{beside}.")
    rejected = Counter(_WHYS[each.why] for each in change.rejected)
    if rejected:
        whys = "; ".join(f"{why} ({count:,})" for why, count in rejected.most_common())
        terminal.talk(f"{counted(len(change.rejected), 'edit')} rejected: {whys}.")
    for warning in change.warnings:
        terminal.talk(f"warning: {warning}")
    if cleaning.partial:
        terminal.talk(f"warning: {cleaning.partial}")
    if cleaning.calls:
        terminal.talk(_took(cleaning))
    for name in written:
        terminal.talk(f"Wrote {name}")
    if not (written or quiet) and change.edits:
        terminal.talk("Nothing was written: --edits writes the edits, --out the cleaned table.")


def _sample(edits: Sequence[Edit | Finding]) -> Sequence[Edit | Finding]:
    """Returns some of the edits and findings, in turn from every column, in their order."""
    turns = Counter[str | None]()
    ranked = list[tuple[int, int]]()
    for place, edit in enumerate(edits):
        ranked.append((turns[edit.column], place))
        turns[edit.column] += 1
    return [edits[place] for place in sorted(place for _, place in sorted(ranked)[:_MOST_SHOWN])]


def _line(edit: Edit | Finding, cells: int) -> tuple[str, ...]:
    if isinstance(edit, Finding):
        return edit.row, edit.column or "", _short(edit.value), "?", edit.evidence
    match edit.kind:
        case EditKind.DELETE:
            return edit.rows[0], "", _short(edit.old), "(deleted)", edit.reason
        case EditKind.MERGE:
            return edit.rows[-1], "", _short(edit.old), f"(row {edit.rows[0]})", edit.reason
        case EditKind.MAP:
            row = counted(cells, "cell")
        case _:
            row = edit.rows[0]
    return row, edit.column or "", _short(edit.old), _short(edit.new), edit.reason


def _short(text: str | None) -> str:
    """Returns a cell on a line: an empty one is seen, a long one is cut."""
    shown = terminal.line(text or "") or "(empty)"
    return shown if len(shown) <= _LONGEST_CELL else f"{shown[: _LONGEST_CELL - 1]}…"


def _took(cleaning: Cleaning) -> str:
    kept = f", {cleaning.cached:,} of them kept from before" if cleaning.cached else ""
    cost = "unknown cost" if cleaning.cost is None else dollars(cleaning.cost)
    return f"{counted(cleaning.calls, 'call')}{kept}; {cost}; {cleaning.latency_ms / 1000:,.1f} s of model time"


if TYPE_CHECKING:
    # They import pydantic-ai, which takes longer than all of --help.
    from use_cases.benchmark.clean_table import OpenTable, TableChange
    from use_cases.benchmark.contestants.model_contestant import CleaningEstimate, Watch
    from use_cases.benchmark.contestants.teaching import FormatOffer

app = CommandApp()

_STDOUT = "-"
_WRITTEN = (".csv", ".txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The wishes of the options."""

    model: str | None
    about: str
    budget: Decimal | None
    out: str | None
    edits: str | None
    findings: str | None
    apply: str | None
    learn: str | None
    expect: str | None
    label: str | None
    accept: Sequence[str]
    only_estimate: bool
    yes: bool
    as_json: bool


@app.add(
    None,
    "candor clean customers.csv",
    "candor clean customers.csv --findings findings.csv",
    "candor clean customers.csv --edits edits.csv",
    "candor clean customers.csv --apply edits.csv --out cleaned.csv",
    "candor clean good.csv --learn expect.json",
    "candor clean customers.csv --expect expect.json",
    "candor clean customers.csv --model openai:gpt-4.1-mini --budget 1 --out cleaned.csv",
)
async def clean(
    candor: Container,
    table: Annotated[str, typer.Argument(metavar="FILE", help="A table: CSV, TSV or XLSX.")],
    model: Annotated[
        str | None,
        typer.Option(
            "--model", "-m", help="The model that is asked about findings without a repair."
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write the cleaned CSV. - is stdout."),
    ] = None,
    edits: Annotated[
        str | None,
        typer.Option("--edits", "-e", metavar="FILE", help="Write the edits as CSV, to review."),
    ] = None,
    findings: Annotated[
        str | None,
        typer.Option(
            "--findings", metavar="FILE", help="Write all that looks wrong as CSV, repaired or not."
        ),
    ] = None,
    apply: Annotated[
        str | None,
        typer.Option(
            "--apply", "-a", metavar="FILE", help="Apply these edits instead of proposing some."
        ),
    ] = None,
    schema: Annotated[
        str | None,
        typer.Option(
            "--schema",
            "-s",
            metavar="FILE",
            help="Kinds of columns, key and dependencies (YAML), or dependencies alone.",
        ),
    ] = None,
    learn: Annotated[
        str | None,
        typer.Option(
            "--learn",
            metavar="FILE",
            help="Write what this good table keeps, as JSON, for --expect.",
        ),
    ] = None,
    expect: Annotated[
        str | None,
        typer.Option(
            "--expect", metavar="FILE", help="Only check the table against what a good one keeps."
        ),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--label",
            metavar="FILE",
            help="Learn from cells that you labelled: row, column, label (right, wrong, corrected), new.",
        ),
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept", metavar="COLUMN", help="Accept what is offered for this whole column."
        ),
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Bring back the table that --force replaced.")
    ] = False,
    about: Annotated[
        str, typer.Option("--about", help="What the table is about, for the model.")
    ] = "",
    budget: Annotated[
        str | None,
        typer.Option("--budget", metavar="USD", help="Stop asking at this cost, such as 2.50."),
    ] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Only show the number of calls and their cost.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Let a file that is written replace one that is read.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Accept the cost without asking.")
    ] = False,
    as_json: bool = False,
) -> ExitCode:
    """Clean a table, and show every change before it is made.

    All that looks wrong is found, and what is sure is repaired.
    Formats of whole columns that only you can confirm are asked for at a terminal, else offered. A --model gets no
    table: it is asked once for each kind of finding in a column, with some examples, and answers by a rule.
    Nothing is written but what --out, --edits and --findings name. Edits change a cell only where its old text
    stands, so a reviewed file of edits can be applied to the same table later. Exit codes: 0 done; 1
    where a part of the table could not be cleaned, an edit of --apply does not fit, or a cell is not as --expect has
    it; 6 where the
    model's provider failed. Without a terminal to ask at, --model needs --yes or --budget. Answers of
    a model are kept: after Ctrl-C, the same command goes on.
    """
    if undo:
        return _undone(table)
    if apply is not None and (model is not None or estimate):
        raise InvalidInput("--apply takes edits from a file and asks no model.")
    if sum(each is not None for each in (apply, model, learn, expect)) > 1:
        raise InvalidInput("--apply, --model, --learn and --expect exclude each other.")
    if as_json and out == _STDOUT:
        raise InvalidInput("--json and --out - both write to stdout.")
    read = [table, *filter(None, (apply, schema, expect))]
    _require_places((out, edits, findings), force=force, read=read)
    wanted = _Wanted(
        model=model,
        about=about,
        budget=budget_of(budget),
        out=out,
        edits=edits,
        findings=findings,
        apply=apply,
        learn=learn,
        expect=expect,
        label=label,
        accept=accept or (),
        only_estimate=estimate,
        yes=yes,
        as_json=as_json,
    )
    opened = await candor.benchmark.clean_table.open(table, schema=schema)
    if force and out is not None:
        _keep(table, out)
    if learn is not None:
        await candor.benchmark.clean_table.learn(opened, learn)
        terminal.talk(f"Wrote {learn}: change what it expects by hand.")
        return ExitCode.DONE
    return await _work(candor, opened, wanted)


async def _work(candor: Container, opened: "OpenTable", wanted: _Wanted) -> ExitCode:
    if wanted.expect is not None:
        return await _expect(candor, opened, wanted.expect, wanted)
    if wanted.apply is not None:
        return await _apply(candor, opened, wanted.apply, wanted)
    if wanted.only_estimate and wanted.model is None:
        terminal.talk("Rules propose the edits: no model is asked, and nothing is paid.")
        return ExitCode.DONE
    return await _clean(candor, opened, wanted)


async def _apply(candor: Container, opened: "OpenTable", path: str, wanted: _Wanted) -> ExitCode:
    given = await candor.benchmark.clean_table.read_edits(path)
    change = candor.benchmark.clean_table.change(opened, given)
    await _show(candor, opened, Cleaning(), change, wanted, by=path)
    return ExitCode.FAILED if change.rejected else ExitCode.DONE


async def _expect(candor: Container, opened: "OpenTable", path: str, wanted: _Wanted) -> ExitCode:
    try:
        content = await (await anyio.Path(path).expanduser()).read_bytes()
    except OSError as error:
        raise TableNotFound(f"There is no file {path!r}.") from error
    found = candor.benchmark.clean_table.expect(opened, content)
    change = candor.benchmark.clean_table.change(opened, (), found.findings)
    await _show(candor, opened, found, change, wanted, by=path)
    return ExitCode.FAILED if found.findings else ExitCode.DONE


def _kept(table: Path) -> Path:
    return table.with_name(f"{table.name}~")


def _keep(table: str, out: str) -> None:
    """Keeps a table that is replaced by what is made of it."""
    old = Path(table).expanduser()
    if old == Path(out).expanduser():
        _kept(old).write_bytes(old.read_bytes())
        terminal.talk(f"{_kept(old)} is the table as it was: candor clean {table} --undo")


def _undone(table: str) -> ExitCode:
    place = Path(table).expanduser()
    if not _kept(place).is_file():
        raise TableNotFound(f"There is no {str(_kept(place))!r}, so nothing can be undone.")
    _kept(place).replace(place)
    terminal.talk(f"{table} is as it was.")
    return ExitCode.DONE


async def _clean(candor: Container, opened: "OpenTable", wanted: _Wanted) -> ExitCode:
    from use_cases.benchmark.clean_table import BEST_RULE

    clean_table, model = candor.benchmark.clean_table, wanted.model
    cleaning = await _interruptible(lambda _: clean_table.propose(opened), wanted)
    if cleaning is None:
        return ExitCode.INTERRUPTED
    offers: list[FormatOffer | ModelRule] = []
    if not wanted.only_estimate:
        labels = await clean_table.read_labels(opened, wanted.label) if wanted.label else ()
        offers += clean_table.offers(opened)
        if labels or offers:
            accepted = _accepted(offers, wanted)
            cleaning = clean_table.teach(opened, cleaning, labels, accepted)
    if model is not None:
        found, about, budget = cleaning, wanted.about, wanted.budget
        size = await clean_table.estimate(opened, found, model, about=about, budget=budget)
        if not _is_agreed(size, wanted):
            return ExitCode.DONE
        cleaning = await _interruptible(
            lambda watch: clean_table.ask(
                opened, found, model, about=about, budget=budget, watch=watch
            ),
            wanted,
        )
        if cleaning is None:
            return ExitCode.INTERRUPTED
        proposals = [each for each in cleaning.rules if each.proposed]
        offers += proposals
        if accepted := _accepted(proposals, wanted):
            cleaning = clean_table.teach(opened, cleaning, (), accepted)
    if unknown := set(wanted.accept) - {each.column for each in offers}:
        raise InvalidInput(f"Nothing is offered for {sorted(unknown)[0]!r}.")
    change = clean_table.change(opened, cleaning.edits, cleaning.findings)
    by = f"the rules “{BEST_RULE}”" + (f" and {model}" if model else "")
    await _show(candor, opened, cleaning, change, wanted, by=by)
    return ExitCode.FAILED if cleaning.partial else ExitCode.DONE


async def _interruptible(
    work: "Callable[[Watch], Awaitable[Cleaning]]", wanted: _Wanted
) -> Cleaning | None:
    """Returns what the work returns; None, and says so, where Ctrl-C ended it."""
    done: Cleaning | None = None
    with (
        anyio.CancelScope() as working,
        interrupts(working.cancel) as pressed,
        pressed.calling(working.cancel),
        show_run_progress(as_json=wanted.as_json, noun="question") as watch,
    ):
        done = await work(watch)
    if done is None:
        kept = " Answers so far are kept: the same command goes on." if wanted.model else ""
        terminal.talk(f"Stopped.{kept}")
    return done


def _accepted(
    offers: "Sequence[FormatOffer | ModelRule]", wanted: _Wanted
) -> "Sequence[FormatOffer | ModelRule]":
    """Returns the offers that a person takes, who is asked at a terminal."""
    asked = terminal.is_interactive() and not wanted.as_json
    accepted: list[FormatOffer | ModelRule] = []
    for offer in offers:
        if offer.column in wanted.accept or (asked and terminal.confirm(offer.question)):
            accepted.append(offer)
        elif not asked:
            terminal.talk(f"offer: {offer.question} --accept {offer.column!r}")
    return accepted


async def _show(
    candor: Container,
    opened: "OpenTable",
    cleaning: Cleaning,
    change: "TableChange",
    wanted: _Wanted,
    *,
    by: str,
) -> None:
    """Writes the files that are wanted, and shows what changes."""
    from backend.cli.benchmark.clean import show_change, summarise

    clean_table = candor.benchmark.clean_table
    if wanted.edits is not None:
        await clean_table.save_edits(wanted.edits, change)
    if wanted.findings is not None:
        await clean_table.save_findings(wanted.findings, change.findings)
    if wanted.out == _STDOUT:
        terminal.exact(clean_table.text(change))
    elif wanted.out is not None:
        await clean_table.save(wanted.out, change)
    if wanted.as_json:
        from backend.schemas.benchmark_schemas import CleanedTableReply

        shown = CleanedTableReply.of_change(opened, by, cleaning, change)
        terminal.data_json(shown.model_dump(mode="json"))
    elif wanted.out != _STDOUT:
        show_change(change, cleaning.rules)
    if not wanted.as_json:
        written = [
            each for each in (wanted.findings, wanted.edits, wanted.out) if each and each != _STDOUT
        ]
        summarise(cleaning, change, by=by, written=written, quiet=wanted.out == _STDOUT)


def _is_agreed(found: "CleaningEstimate", wanted: _Wanted) -> bool:
    """Shows what a model would cost; whether it is to be asked."""
    terminal.talk(_estimated(found))
    if wanted.only_estimate:
        return False
    if wanted.yes or found.cost == 0:
        return True
    if terminal.is_interactive():
        return terminal.confirm("Ask the model?", default=True)
    if wanted.budget is None:
        raise ConfirmationNeeded(
            f"Asking {found.model} has {_cost(found)}, and there is no terminal to ask at.",
            hint="Accept the cost with --yes, or bound it with --budget. Nothing was asked.",
        )
    return True


def _estimated(found: "CleaningEstimate") -> str:
    tokens = f"{found.input_tokens:,} tokens to {found.model}, {found.output_tokens:,} back"
    return f"{counted(found.calls, 'call')}; about {tokens}; {_cost(found)}"


def _cost(found: "CleaningEstimate") -> str:
    return "an unknown cost" if found.cost is None else f"a cost of about {dollars(found.cost)}"


def _require_places(
    places: tuple[str | None, str | None, str | None], *, force: bool, read: Sequence[str]
) -> None:
    """Raises `InvalidInput` for a place that cannot or may not be written, before anything is done."""
    named = [each for each in places if each is not None]
    if len(set(named)) < len(named):
        raise InvalidInput("--out, --edits and --findings name the same place.")
    if _STDOUT in places[1:]:
        raise InvalidInput(
            "Only --out writes to stdout; --edits and --findings take the name of a file."
        )
    written = [each for each in named if each and each != _STDOUT]
    for name in written:
        place = Path(name).expanduser()
        if place.suffix.lower() not in _WRITTEN:
            raise InvalidInput(f"{name} is written as CSV.", hint="Name a file that ends in .csv.")
        if not place.parent.is_dir():
            raise InvalidInput(f"There is no folder {place.parent}.", hint="Make it first.")
    if not force:
        require_unread(written, read, hint="Name another file, or add --force to replace it.")
