"""`candor datasets`: import, show and export the cases of evaluations."""

import os
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from backend.cli.command_run import CommandApp, Shown
from backend.cli.nouns import (
    Citing,
    Columns,
    Containing,
    Limit,
    Noun,
    Offset,
    OfJudgement,
    OfModel,
    OfOutcome,
    OfPrompt,
    Since,
    Until,
    table,
)
from backend.cli.runs.output_files import opened, write_pieces
from backend.cli.runs.run_progress import show_progress
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode, InternalError
from backend.schemas import playground_schemas as shapes
from backend.schemas.playground_schemas import Import
from use_cases.kernel.errors import CandorError, InvalidInput
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted
from use_cases.kernel.targets import AnswerFilter
from use_cases.playground.export_cases import CaseColumn
from use_cases.playground.import_cases import CaseImportReport, ImportMode, ImportProgress
from use_cases.playground.model import Dataset, DatasetVersion, PlacedCase
from use_cases.playground.ports import CaseFormat

app = CommandApp()

_ERRORS_SHOWN = 10
_FORMATS = {".ndjson": CaseFormat.JSONL, ".yml": CaseFormat.YAML}

Id = Annotated[str, typer.Argument(metavar="DATASET", help="The dataset's id.")]
Version = Annotated[
    int | None, typer.Option("--version", min=0, help="A version. Unset: the last one.")
]

_DATASETS: Noun[shapes.DatasetReply] = Noun(
    "datasets",
    "candor datasets import FILE",
    (
        ("ID", lambda one: one.id),
        ("CHANGED", lambda one: one.updated_at),
        ("VERSION", lambda one: one.version),
        ("CASES", lambda one: one.item_count),
        ("NAME", lambda one: one.name),
    ),
)
_COLUMNS: Columns[CaseColumn] = (
    ("COLUMN", lambda one: one.name),
    ("TYPE", lambda one: " or ".join(one.types)),
    ("CASES", lambda one: one.cases),
)
_VERSIONS: Columns[DatasetVersion] = (
    ("VERSION", lambda one: one.number),
    ("MADE", lambda one: one.created_at),
    ("CASES", lambda one: one.item_count),
    ("DIGEST", lambda one: one.digest[:12]),
    ("NOTE", lambda one: one.note),
)
_ITEMS: Columns[PlacedCase] = (
    ("PLACE", lambda one: one.place),
    ("ID", lambda one: one.case.key[:40]),
    (
        "VARIABLES",
        lambda one: ", ".join(f"{name}: {value}" for name, value in one.case.variables.items())[
            :200
        ],
    ),
    ("EXPECTED", lambda one: "" if one.case.expected is None else str(one.case.expected)[:100]),
)


@app.lists(
    "candor datasets",
    "candor datasets import questions.csv",
    "candor datasets from-answers --since 30d --feedback wrong",
    "candor datasets export ds_01K9ZC3W5T0000000000000000 --out questions.yaml",
)
async def list_datasets(candor: Container, limit: Limit = 100, offset: Offset = 0) -> Shown:
    """Import, show and export the cases of evaluations.

    Without a subcommand, it lists the datasets, newest first.
    """
    found = await candor.playground.manage_datasets.list(LOCAL, skip=offset, limit=limit)
    rows = [shapes.DatasetReply.of(one) for one in found]
    return _DATASETS.page(candor, rows, offset + limit if found.more else None, by="offset")


@app.add(
    "show",
    "candor datasets show ds_01K9ZC3W5T0000000000000000",
    "candor datasets show ds_01K9ZC3W5T0000000000000000 --version 2 --after 20",
)
async def show_dataset(
    candor: Container,
    dataset: Id,
    version: Version = None,
    after: Annotated[
        int, typer.Option("--after", min=-1, help="Show the cases after this place.")
    ] = -1,
    limit: Limit = 20,
) -> Shown:
    """Show a dataset: its columns, its versions and its cases."""
    manage = candor.playground.manage_datasets
    found = await manage.show(LOCAL, dataset)
    columns = await candor.playground.export_cases.columns(LOCAL, dataset)
    versions = await manage.versions(LOCAL, dataset, limit=limit)
    page = await manage.items(LOCAL, dataset, version=version, after=after, limit=limit)
    more = page.items[-1].place if page.more else None
    value = {
        **shapes.DatasetReply.of(found).model_dump(mode="json"),
        "columns": columns,
        "versions": versions,
        "items": [shapes.Item.record(each) for each in page.items],
        "next_after": more,
    }

    def write() -> None:
        terminal.data(f"{found.name} ({found.dataset_id})")
        if found.description:
            terminal.data(found.description)
        terminal.data("\n" + table(_COLUMNS, columns))
        terminal.data("\n" + table(_VERSIONS, versions))
        terminal.data("\n" + table(_ITEMS, page.items))
        if more is not None:
            terminal.talk(f"There are more; add --after {more}")

    return Shown(value, write)


@app.add(
    "import",
    "candor datasets import questions.csv",
    'candor datasets import questions.jsonl --name "Travel questions"',
    "candor datasets import more.yaml --into ds_01K9ZC3W5T0000000000000000 --append",
)
async def import_file(
    candor: Container,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TSV, JSONL, JSON or YAML.")],
    name: Annotated[
        str | None, typer.Option(help="The new dataset's name. Unset: that of the file.")
    ] = None,
    into: Annotated[
        str | None, typer.Option(metavar="DATASET", help="Import a new version of this dataset.")
    ] = None,
    append: Annotated[
        bool, typer.Option("--append", help="Keep the cases that are there; same ids are replaced.")
    ] = False,
    as_json: bool = False,
) -> Shown:
    """Import a file of cases as a dataset, or as its next version.

    Lines that are no case are reported, the others are imported, and the exit code is 1.
    """
    manage = candor.playground.manage_datasets
    with opened(file) as content:
        dataset_id = into or (await manage.create(LOCAL, name or file.stem)).dataset_id
        try:
            mode = ImportMode.APPEND if append else ImportMode.REPLACE
            report = await _import(candor, dataset_id, file.name, content, mode, as_json=as_json)
        except CandorError:
            if into is None:
                await manage.delete(LOCAL, dataset_id)
            raise
    code = ExitCode.FAILED if report.errors else ExitCode.DONE
    return Shown(Import.of(report), lambda: _show_import(dataset_id, report), code)


@app.add(
    "export",
    "candor datasets export ds_01K9ZC3W5T0000000000000000 > questions.jsonl",
    "candor datasets export ds_01K9ZC3W5T0000000000000000 --version 2 --out questions.csv",
    json=False,
)
async def export_file(
    candor: Container,
    dataset: Id,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write this file; its ending names the form. Unset: jsonl to stdout.",
        ),
    ] = None,
    version: Version = None,
) -> ExitCode:
    """Write the cases of a dataset as a file, which an import reads again."""
    pieces = candor.playground.export_cases.stream(LOCAL, dataset, _form_of(out), version=version)
    async with aclosing(pieces):
        await write_pieces(pieces, out)
    return ExitCode.DONE


@app.add(
    "from-answers",
    "candor datasets from-answers --since 30d",
    'candor datasets from-answers --feedback wrong --name "What went wrong"',
    "candor datasets from-answers --outcome not_found --limit 50",
)
async def collect_questions(
    candor: Container,
    answers: Annotated[
        list[str] | None, typer.Argument(metavar="[ANSWER]...", help="Only those of these ids.")
    ] = None,
    since: Since = None,
    until: Until = None,
    feedback: OfJudgement = None,
    outcome: OfOutcome = None,
    model: OfModel = None,
    prompt_version: OfPrompt = None,
    document: Citing = None,
    text: Containing = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=10_000, help="At most the newest so many.")
    ] = 1000,
    name: Annotated[str, typer.Option(help="The dataset's name.")] = "Recorded questions",
) -> Shown:
    """Collect recorded questions in a dataset; again under its name, what is new is added.

    An answer that was judged right is the expected one, and its case checks the same outcome, documents
    and choice. The case of a wrong one checks what was said to be right (`candor feedback --expected`,
    `--document`). Any other answer is in the case's metadata, for you to correct.
    """
    made = await candor.playground.collect_questions.run(
        LOCAL,
        name,
        AnswerFilter(
            ids=answers or None,
            since=since,
            until=until,
            feedback=feedback,
            outcome=outcome,
            model=model,
            prompt_version=prompt_version,
            document=document,
            text=text,
        ),
        limit=limit,
    )
    return Shown(shapes.DatasetReply.of(made), lambda: _show_next(candor, made))


async def _find(candor: Container, dataset: str) -> str:
    return (await candor.playground.manage_datasets.show(LOCAL, dataset)).name


_DATASETS.removal(
    app,
    metavar="DATASET",
    about="Remove a dataset; evaluations keep the versions that they used.",
    example="candor datasets remove ds_01K9ZC3W5T0000000000000000",
    find=_find,
    remove=lambda candor, dataset: candor.playground.manage_datasets.delete(LOCAL, dataset),
)


async def _import(
    candor: Container,
    dataset_id: str,
    name: str,
    content: BinaryIO,
    mode: ImportMode,
    *,
    as_json: bool,
) -> CaseImportReport:

    stream = candor.playground.import_cases.stream(LOCAL, dataset_id, name, content, mode=mode)
    step: ImportProgress | CaseImportReport
    size = os.fstat(content.fileno()).st_size
    with show_progress("Reading", as_json=as_json) as show:
        async with aclosing(stream) as steps:
            async for step in steps:
                if isinstance(step, CaseImportReport):
                    return step
                errors = f", {counted(step.errors, 'faulty line')}" if step.errors else ""
                percent = content.tell() * 100 // max(1, size)
                cases = counted(step.cases, "case")
                show(f"{percent} %: {cases}{errors}", content.tell(), size)
    raise InternalError("The import ended without a report.")


def _show_import(dataset_id: str, report: CaseImportReport) -> None:
    version = report.version
    terminal.data(
        f"{dataset_id}: version {version.number} has {counted(version.item_count, 'case')}, of them {report.cases:,} from the file."
    )
    for error in report.first_errors[:_ERRORS_SHOWN]:
        terminal.talk(f"line {error.line}: {error.message}")
    if report.errors > _ERRORS_SHOWN:
        terminal.talk(f"… and {report.errors - _ERRORS_SHOWN:,} more faulty lines.")


async def _show_next(candor: Container, made: Dataset) -> None:
    """Says what was made, how many of its first cases have no check, and what comes next."""
    terminal.data(f"{made.dataset_id}: {counted(made.item_count, 'case')}")
    terminal.talk(f"See them with: candor datasets show {made.dataset_id}")
    page = await candor.playground.manage_datasets.items(LOCAL, made.dataset_id, limit=200)
    without = sum(not placed.case.assertions for placed in page.items)
    if without:
        terminal.talk(
            f"{counted(without, 'case')} of the first {len(page.items)} without a check: say what is "
            "right (candor feedback ANSWER wrong --expected TEXT or --document NAME), and collect again."
        )
    terminal.talk(
        "Change the prompt: candor prompts show chat.answer > answer.txt, edit it, and "
        "candor prompts save chat.answer answer.txt"
    )


def _form_of(out: Path | None) -> CaseFormat:
    if out is None:
        return CaseFormat.JSONL
    suffix = out.suffix.lower()
    known = {f".{form.value}": form for form in CaseFormat} | _FORMATS
    if suffix not in known:
        raise InvalidInput(
            f"{suffix or 'A name without an ending'} is no known format.",
            hint=f"End the name with one of {', '.join(known)}.",
        )
    return known[suffix]
