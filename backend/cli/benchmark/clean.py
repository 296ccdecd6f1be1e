"""`candor clean`: clean a table of one's own, by rules or by a model, with every change to review: columns,
some edits, and what to look at.
"""

import filecmp
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import anyio
import typer

from backend.cli.command_run import CommandApp
from backend.cli.nouns import Columns, of_file, table
from backend.cli.runs.output_files import STDOUT, is_same, require_unread, require_writable
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
from use_cases.benchmark.ports import CallEstimate, Cleaning, ModelRule
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


def show_change(change: TableChange, rules: Sequence[ModelRule] = ()) -> None:
    """Writes to stdout what is found and changes by column, the rules of a model, and some of it with its evidence."""
    if change.columns:
        terminal.data(table(_COLUMNS, change.columns) + "\n")
    if rules:
        terminal.data(table(_RULES, rules) + "\n")
    lines = [*change.edits, *(each for each in change.findings if each.repair is None)]
    if lines:
        rows = [_line(each) for each in _sample(lines)]
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
    rejected = Counter(each.why for each in change.rejected)
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


def _line(edit: Edit | Finding) -> tuple[str, ...]:
    if isinstance(edit, Finding):
        return edit.row, edit.column or "", _short(edit.value), "?", edit.evidence
    match edit.kind:
        case EditKind.DELETE:
            return edit.rows[0], "", _short(edit.old), "(deleted)", edit.reason
        case EditKind.MERGE:
            return edit.rows[-1], "", _short(edit.old), f"(row {edit.rows[0]})", edit.reason
        case _:
            row = edit.rows[0] if edit.rows else "(all)"
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
    from use_cases.benchmark.clean_table import CleanTable, OpenTable
    from use_cases.benchmark.contestants.model_contestant import Watch
    from use_cases.benchmark.contestants.teaching import FormatOffer

app = CommandApp()

_WRITTEN = (".csv", ".txt")
_WITH_TABS = (".tsv", ".tab")


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
        str | None, of_file("Write the cleaned CSV. - is stdout.", "--out", "-o")
    ] = None,
    edits: Annotated[
        str | None, of_file("Write the edits as CSV, to review.", "--edits", "-e")
    ] = None,
    findings: Annotated[
        str | None, of_file("Write all that looks wrong as CSV, repaired or not.")
    ] = None,
    apply: Annotated[
        str | None, of_file("Apply these edits instead of proposing some.", "--apply", "-a")
    ] = None,
    schema: Annotated[
        str | None,
        of_file(
            "Kinds of columns, key and dependencies (YAML), or dependencies alone.",
            "--schema",
            "-s",
        ),
    ] = None,
    learn: Annotated[
        str | None, of_file("Write what this good table keeps, as JSON, for --expect.")
    ] = None,
    expect: Annotated[
        str | None, of_file("Only check the table against what a good one keeps.")
    ] = None,
    label: Annotated[
        str | None,
        of_file(
            "Learn from cells that you labelled: row, column, label (right, wrong, corrected), new."
        ),
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Accept what is offered for this whole column."),
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Bring back the table that --force replaced.")
    ] = False,
    budget: Annotated[
        str | None, typer.Option(metavar="USD", help="Stop asking at this cost, such as 2.50.")
    ] = None,
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
    for wrong, said in (
        (
            [apply, model, learn, expect].count(None) < 3,
            "--apply, --model, --learn and --expect exclude each other.",
        ),
        (as_json and out == STDOUT, "--json and --out - both write to stdout."),
        (
            STDOUT in (edits, findings),
            "Only --out writes to stdout; --edits and --findings take the name of a file.",
        ),
    ):
        if wrong:
            raise InvalidInput(said)
    written = [each for each in (findings, edits, out) if each is not None and each != STDOUT]
    read = [table, *filter(None, (apply, schema, expect))]
    _require_places(written, read, out, force=force)
    most, clean_table = budget_of(budget), candor.benchmark.clean_table
    opened = await clean_table.open(table, schema=schema)
    if learn is not None:
        await clean_table.learn(opened, learn)
        terminal.talk(f"Wrote {learn}: change what it expects by hand.")
        return ExitCode.DONE
    work = _Work(clean_table, opened, accept or (), most, as_json=as_json)
    if expect is not None:
        cleaning = clean_table.expect(opened, await _content(expect))
    elif apply is not None:
        cleaning = Cleaning(edits=await clean_table.read_edits(apply))
    else:
        cleaning = await work.propose(label, model, yes=yes)
    work.require_offered()
    by = expect or apply or f"the rules “combined”{f' and {model}' if model else ''}"
    change = clean_table.change(opened, cleaning.edits, cleaning.findings)
    if edits is not None:
        await clean_table.save_edits(edits, change)
    if findings is not None:
        await clean_table.save_findings(findings, change.findings)
    await work.show(cleaning, change, by, out, written)
    failed = cleaning.partial or (apply and change.rejected) or (expect and cleaning.findings)
    return ExitCode.FAILED if failed else ExitCode.DONE


async def _content(path: str) -> bytes:
    try:
        return await (await anyio.Path(path).expanduser()).read_bytes()
    except OSError as error:
        raise TableNotFound(f"There is no file {path!r}.") from error


def _place(table: str) -> Path:
    """Returns where a table is; a link is followed, so that it stays one."""
    place = Path(table).expanduser()
    return place.resolve() if place.is_symlink() else place


def _kept(table: Path) -> Path:
    return table.with_name(f"{table.name}~")


@contextmanager
def _keeping(table: str, out: str) -> Generator[None]:
    """Keeps a table that is replaced by what is made of it, unless both are the same."""
    if not is_same(table, out):
        yield
        return
    place = _place(table)
    before = place.with_name(f"{place.name}~new")
    shutil.copy(place, before)
    try:
        yield
    finally:
        if filecmp.cmp(place, before, shallow=False):
            before.unlink()
        else:
            before.replace(_kept(place))
            again = f"candor clean {quote(table)} --undo"
            terminal.talk(f"{_kept(place)} is the table as it was: {again}")


def _undone(table: str) -> ExitCode:
    place = _place(table)
    if not _kept(place).is_file():
        raise TableNotFound(f"There is no {str(_kept(place))!r}, so nothing can be undone.")
    _kept(place).replace(place)
    terminal.talk(f"{table} is as it was.")
    return ExitCode.DONE


@dataclass(slots=True)
class _Work:
    """The cleaning of a table: by rules and a model, and by what a person takes of what these offer."""

    clean_table: "CleanTable"
    opened: "OpenTable"
    accept: Sequence[str]
    budget: Decimal | None
    as_json: bool
    offered: set[str] = field(default_factory=set[str])

    async def propose(self, label: str | None, model: str | None, *, yes: bool) -> Cleaning:
        """Cleans by rules, labels, formats that are confirmed, and a model. The command ends where a person does
        not agree to its cost.
        """
        labels = await self.clean_table.read_labels(self.opened, label) if label else ()
        found = await self._interruptible(lambda _: self.clean_table.propose(self.opened, labels))
        taken = self._taken(self.clean_table.offers(self.opened))
        if labels or taken:
            found = self.clean_table.teach(self.opened, found, labels, taken)
        if model is None:
            return found
        size = await self.clean_table.estimate(self.opened, found, model, budget=self.budget)
        tokens = f"{size.input_tokens:,} tokens to {model}, {size.output_tokens:,} back"
        terminal.talk(f"{counted(size.calls, 'call')}; about {tokens}; {_cost(size)}")
        if not _is_agreed(size, model, yes=yes, bounded=self.budget is not None):
            raise typer.Exit(ExitCode.DONE)
        ask = partial(self.clean_table.ask, self.opened, found, model, budget=self.budget)
        done = await self._interruptible(
            lambda watch: ask(watch=watch),
            kept=" Answers so far are kept: the same command goes on.",
        )
        taken = self._taken([each for each in done.rules if each.proposed])
        return self.clean_table.teach(self.opened, done, (), taken) if taken else done

    async def _interruptible(
        self, work: "Callable[[Watch], Awaitable[Cleaning]]", kept: str = ""
    ) -> Cleaning:
        """Returns what the work returns; Ctrl-C ends the command."""
        with (
            anyio.CancelScope() as working,
            interrupts(working.cancel) as pressed,
            pressed.calling(working.cancel),
            show_run_progress(as_json=self.as_json, noun="question") as watch,
        ):
            return await work(watch)
        terminal.talk(f"Stopped.{kept}")
        raise typer.Exit(ExitCode.INTERRUPTED)

    def _taken(
        self, offers: "Sequence[FormatOffer | ModelRule]"
    ) -> "Sequence[FormatOffer | ModelRule]":
        """Returns the offers that are taken; without a terminal to ask at, the others are named."""
        asked = terminal.is_interactive() and not self.as_json
        taken: list[FormatOffer | ModelRule] = []
        for offer in offers:
            self.offered.add(offer.column)
            if offer.column not in self.accept and not asked:
                terminal.talk(f"offer: {offer.question} --accept {quote(offer.column)}")
            elif offer.column in self.accept or _says_yes(offer.question):
                taken.append(offer)
        return taken

    async def show(
        self,
        cleaning: Cleaning,
        change: TableChange,
        by: str,
        out: str | None,
        files: Sequence[str],
    ) -> None:
        """Writes the cleaned table, and shows what changes; `files` are written by now."""
        if out == STDOUT:
            terminal.exact(self.clean_table.text(change))
        elif out is not None:
            with _keeping(self.opened.path, out):
                await self.clean_table.save(out, change)
        if self.as_json:
            from backend.schemas.benchmark_schemas import CleanedTableReply  # not for --help

            shown = CleanedTableReply.of_change(self.opened, by, cleaning, change)
            terminal.data_json(shown.model_dump(mode="json"))
            return
        if out != STDOUT:
            show_change(change, cleaning.rules)
        summarise(cleaning, change, by=by, written=files, quiet=out == STDOUT)

    def require_offered(self) -> None:
        """Raises `InvalidInput` for a column of --accept of which nothing is offered."""
        if unknown := set(self.accept) - self.offered:
            raise InvalidInput(f"Nothing is offered for {sorted(unknown)[0]!r}.")


def _says_yes(question: str) -> bool:
    """Returns what a person says; Ctrl-C ends the command."""
    answer = terminal.answer(question)
    if answer is None:
        terminal.talk("Stopped. Nothing was written.")
        raise typer.Exit(ExitCode.INTERRUPTED)
    return answer


def _is_agreed(found: CallEstimate, model: str, *, yes: bool, bounded: bool) -> bool:
    """Returns whether a model is to be asked. Raises `ConfirmationNeeded`."""
    if yes or found.cost == 0:
        return True
    if terminal.is_interactive():
        return terminal.confirm("Ask the model?", default=True)
    if not bounded:
        raise ConfirmationNeeded(
            f"Asking {model} has {_cost(found)}, and there is no terminal to ask at.",
            hint="Accept the cost with --yes, or bound it with --budget. Nothing was asked.",
        )
    return True


def _cost(found: CallEstimate) -> str:
    return "an unknown cost" if found.cost is None else f"a cost of about {dollars(found.cost)}"


def _require_places(
    written: Sequence[str], read: Sequence[str], out: str | None, *, force: bool
) -> None:
    """Raises `InvalidInput` for a place that cannot or may not be written, before anything is done."""
    for name in written:
        form = Path(name).suffix.lower()
        as_it_was = name == out and form in _WITH_TABS and read[0].lower().endswith(_WITH_TABS)
        if form not in _WRITTEN and not as_it_was:
            raise InvalidInput(f"{name} is written as CSV.", hint="Name a file that ends in .csv.")
    require_writable(written)
    require_unread(
        written, () if force else read, hint="Name another file, or add --force to replace it."
    )
