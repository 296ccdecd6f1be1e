"""`candor datasets`: import, show and export the cases of evaluations."""

from contextlib import aclosing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.durations import read_duration
from backend.cli.empty_results import explain_empty_store
from backend.cli.runs.byte_files import opened, write_pieces
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ConfirmationNeeded, ExitCode, InternalError
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import CandorError, InvalidInput
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted
from use_cases.playground.ports import CaseFormat

if TYPE_CHECKING:
    from use_cases.playground.import_cases import ImportMode, ImportProgress, ImportReport
    from use_cases.playground.model import Dataset, PlacedCase

app = command_app()

_ERRORS_SHOWN = 10
_FORMATS = {".ndjson": CaseFormat.JSONL, ".yml": CaseFormat.YAML}

Limit = Annotated[
    int, typer.Option("--limit", "-n", min=1, max=1000, help="Show at most this many.")
]
Skip = Annotated[int, typer.Option("--skip", min=0, help="Skip this many.")]
Id = Annotated[str, typer.Argument(metavar="DATASET", help="The dataset's id.")]
Version = Annotated[
    int | None, typer.Option("--version", min=0, help="A version. Unset: the last one.")
]


class Feedback(StrEnum):
    """Which judgement a recorded answer has."""

    ANY = "any"
    RIGHT = "right"
    WRONG = "wrong"


class Answerer(StrEnum):
    """What answered a recorded question."""

    CHAT = "chat"
    ADVICE = "advice"


@app.callback(
    invoke_without_command=True,
    epilog=examples(
        "candor datasets",
        "candor datasets import questions.csv",
        "candor datasets from-answers --since 30d --feedback wrong",
        "candor datasets export ds_01K9ZC3W5T0000000000000000 --out questions.yaml",
    ),
)
def datasets(
    context: typer.Context, limit: Limit = 100, skip: Skip = 0, as_json: AsJson = False
) -> None:
    """Import, show and export the cases of evaluations.

    Without a subcommand, it lists the datasets.
    """
    if context.invoked_subcommand is None:
        _list(limit, skip, as_json)


@app.command("list")
def list_datasets(limit: Limit = 100, skip: Skip = 0, as_json: AsJson = False) -> None:
    """List the datasets, newest first."""
    _list(limit, skip, as_json)


@app.command("show", epilog=examples("candor datasets show ds_01K9ZC3W5T0000000000000000"))
def show_dataset(dataset: Id, limit: Limit = 20, as_json: AsJson = False) -> None:
    """Show a dataset, its columns and its versions."""

    async def work(candor: Container) -> ExitCode:
        from backend.schemas import playground_datasets as shapes  # not for --help

        found = await candor.playground.manage_datasets.show(LOCAL, dataset)
        columns = await candor.playground.export_cases.columns(LOCAL, dataset)
        versions = await candor.playground.manage_datasets.versions(LOCAL, dataset, limit=limit)
        if as_json:
            terminal.data_json(
                {
                    **shapes.Dataset.of(found).model_dump(mode="json"),
                    "columns": [shapes.Column.of(each).model_dump() for each in columns],
                    "versions": [
                        shapes.DatasetVersion.of(each).model_dump(mode="json") for each in versions
                    ],
                }
            )
            return ExitCode.DONE
        terminal.data(f"{found.name} ({found.dataset_id})")
        if found.description:
            terminal.data(found.description)
        rows = [(each.name, " or ".join(each.types), f"{each.cases:,}") for each in columns]
        terminal.data("\n" + terminal.columns(("COLUMN", "TYPE", "CASES"), rows))
        lines = [
            (
                str(each.number),
                f"{each.created_at:%Y-%m-%d %H:%M}",
                f"{each.item_count:,}",
                each.digest[:12],
                each.note,
            )
            for each in versions
        ]
        terminal.data(
            "\n" + terminal.columns(("VERSION", "MADE", "CASES", "DIGEST", "NOTE"), lines)
        )
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command("items", epilog=examples("candor datasets items ds_01K9ZC3W5T0000000000000000"))
def list_items(
    dataset: Id,
    version: Version = None,
    after: Annotated[
        int, typer.Option("--after", min=-1, help="Show those after this place.")
    ] = -1,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Show the cases of a dataset."""

    async def work(candor: Container) -> ExitCode:
        from backend.schemas.playground_datasets import ItemPage  # not for --help

        page = await candor.playground.manage_datasets.items(
            LOCAL, dataset, version=version, after=after, limit=limit
        )
        if as_json:
            terminal.data_json(ItemPage.record(page))
            return ExitCode.DONE
        rows = [_item_row(placed) for placed in page.items]
        terminal.data(terminal.columns(("PLACE", "ID", "VARIABLES", "EXPECTED"), rows))
        if page.more:
            terminal.talk(f"There are more; add --after {page.items[-1].place}")
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command(
    "import",
    epilog=examples(
        "candor datasets import questions.csv",
        'candor datasets import questions.jsonl --name "Travel questions"',
        "candor datasets import more.yaml --into ds_01K9ZC3W5T0000000000000000 --append",
    ),
)
def import_file(
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
    as_json: AsJson = False,
) -> None:
    """Import a file of cases as a dataset, or as its next version.

    Lines that are no case are reported, the others are imported, and the exit code is 1.
    """

    async def work(candor: Container) -> ExitCode:
        from use_cases.playground.import_cases import ImportMode  # not for --help

        with opened(file) as content:
            dataset_id = into or await _new_dataset(candor, name or file.stem)
            try:
                mode = ImportMode.APPEND if append else ImportMode.REPLACE
                report = await _import(
                    candor, dataset_id, file.name, content, mode, as_json=as_json
                )
            except CandorError:
                if into is None:
                    await candor.playground.manage_datasets.delete(LOCAL, dataset_id)
                raise
        if as_json:
            from backend.schemas.playground_datasets import Import

            terminal.data_json(Import.of(report).model_dump(mode="json"))
        else:
            _show_import(dataset_id, report)
        return ExitCode.FAILED if report.errors else ExitCode.DONE

    run(work, as_json=as_json)


@app.command(
    "export",
    epilog=examples(
        "candor datasets export ds_01K9ZC3W5T0000000000000000 > questions.jsonl",
        "candor datasets export ds_01K9ZC3W5T0000000000000000 --version 2 --out questions.csv",
    ),
)
def export_file(
    dataset: Id,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write this file. Unset: to stdout.")
    ] = None,
    form: Annotated[
        CaseFormat | None,
        typer.Option("--format", help="Unset: by the end of the file's name, else jsonl."),
    ] = None,
    version: Version = None,
) -> None:
    """Write the cases of a dataset as a file, which an import reads again."""

    async def work(candor: Container) -> ExitCode:
        pieces = candor.playground.export_cases.stream(
            LOCAL, dataset, form or _form_of(out), version=version
        )
        async with aclosing(pieces):
            await write_pieces(pieces, out)
        return ExitCode.DONE

    run(work)


@app.command(
    "from-answers",
    epilog=examples(
        "candor datasets from-answers --since 30d",
        'candor datasets from-answers --feedback wrong --name "What went wrong"',
        "candor datasets from-answers --of chat --outcome not_found --limit 50",
    ),
)
def collect_questions(
    since: Annotated[
        str | None, typer.Option(help="Only those of this time until now, such as 30d or 12h.")
    ] = None,
    feedback: Annotated[
        Feedback, typer.Option(help="Only answers that were judged so by `candor feedback`.")
    ] = Feedback.ANY,
    outcome: Annotated[Outcome | None, typer.Option(help="Only answers of this outcome.")] = None,
    of: Annotated[
        Answerer | None, typer.Option("--of", help="Only questions that it answered.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=10_000, help="At most the newest so many.")
    ] = 1000,
    name: Annotated[str, typer.Option(help="The dataset's name.")] = "Recorded questions",
    as_json: AsJson = False,
) -> None:
    """Make a dataset of recorded questions.

    An answer that was judged right is the expected one, and its case checks the same outcome, documents
    and choice. The case of a wrong one checks what was said to be right (`candor feedback --expected`,
    `--document`). Any other answer is in the case's metadata, for you to correct.
    """

    async def work(candor: Container) -> ExitCode:
        from use_cases.kernel.recorded_questions import QuestionFilter

        start = None if since is None else read_duration("--since", since)
        made = await candor.playground.collect_questions.run(
            LOCAL,
            name,
            QuestionFilter(
                since=None if start is None else candor.playground.collect_questions.ago(start),
                right=None if feedback is Feedback.ANY else feedback is Feedback.RIGHT,
                outcome=outcome,
            ),
            target=of and of.value,
            limit=limit,
        )
        _show_made(made, as_json=as_json)
        if not as_json:
            await _show_next(candor, made)
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command("delete", epilog=examples("candor datasets delete ds_01K9ZC3W5T0000000000000000"))
def delete_dataset(
    dataset: Id,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", "-y", help="Do not ask for confirmation; required without a terminal."
        ),
    ] = False,
) -> None:
    """Delete a dataset; evaluations keep the versions that they used."""

    async def work(candor: Container) -> ExitCode:
        found = await candor.playground.manage_datasets.show(LOCAL, dataset)
        if not yes and not terminal.is_interactive():
            raise ConfirmationNeeded(
                f"{found.name} would be deleted, and there is no terminal to ask at."
            )
        if not (yes or terminal.confirm(f"Delete {found.name}?")):
            terminal.talk("Nothing was deleted.")
            return ExitCode.REFUSED
        await candor.playground.manage_datasets.delete(LOCAL, dataset)
        terminal.data(f"Deleted {terminal.line(found.name)}")
        return ExitCode.DONE

    run(work)


def _list(limit: int, skip: int, as_json: bool) -> None:
    async def work(candor: Container) -> ExitCode:
        from backend.schemas.playground_datasets import DatasetPage  # not for --help

        found = await candor.playground.manage_datasets.list(LOCAL, skip=skip, limit=limit)
        if as_json:
            page = DatasetPage.of(found, skip=skip, limit=limit)
            terminal.data_json(page.model_dump(mode="json"))
        elif found:
            rows = [
                (
                    one.dataset_id,
                    f"{one.updated_at:%Y-%m-%d %H:%M}",
                    str(one.version),
                    f"{one.item_count:,}",
                    one.name,
                )
                for one in found
            ]
            terminal.data(terminal.columns(("ID", "CHANGED", "VERSION", "CASES", "NAME"), rows))
            if found.more:
                terminal.talk(f"There are more; add --skip {skip + limit}")
        else:
            explain_empty_store(
                candor.settings, what="datasets", begin="candor datasets import FILE"
            )
        return ExitCode.DONE

    run(work, as_json=as_json)


async def _new_dataset(candor: Container, name: str) -> str:
    return (await candor.playground.manage_datasets.create(LOCAL, name)).dataset_id


async def _import(
    candor: Container,
    dataset_id: str,
    name: str,
    content: BinaryIO,
    mode: "ImportMode",
    *,
    as_json: bool,
) -> "ImportReport":
    from backend.cli.evaluation.line_progress import show_line_progress
    from use_cases.playground.import_cases import ImportReport

    stream = candor.playground.import_cases.stream(LOCAL, dataset_id, name, content, mode=mode)
    step: ImportProgress | ImportReport
    with show_line_progress(content, as_json=as_json) as watch:
        async with aclosing(stream) as steps:
            async for step in steps:
                if isinstance(step, ImportReport):
                    return step
                watch(step)
    raise InternalError("The import ended without a report.")


def _show_import(dataset_id: str, report: "ImportReport") -> None:
    version = report.version
    terminal.data(
        f"{dataset_id}: version {version.number} has {counted(version.item_count, 'case')}, of them {report.cases:,} from the file."
    )
    for error in report.first_errors[:_ERRORS_SHOWN]:
        terminal.talk(f"line {error.line}: {error.message}")
    if report.errors > _ERRORS_SHOWN:
        terminal.talk(f"… and {report.errors - _ERRORS_SHOWN:,} more faulty lines.")


def _show_made(made: "Dataset", *, as_json: bool) -> None:
    if as_json:
        from backend.schemas import playground_datasets as shapes

        terminal.data_json(shapes.Dataset.of(made).model_dump(mode="json"))
    else:
        terminal.data(f"{made.dataset_id}: {counted(made.item_count, 'case')}")
        terminal.talk(f"See them with: candor datasets items {made.dataset_id}")


async def _show_next(candor: Container, made: "Dataset") -> None:
    """Say how many of the first cases have no check, and what comes next."""
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


def _item_row(placed: "PlacedCase") -> tuple[str, str, str, str]:
    case = placed.case
    variables = ", ".join(f"{name}: {value}" for name, value in case.variables.items())
    expected = "" if case.expected is None else str(case.expected)
    return str(placed.place), case.key[:40], variables[:200], expected[:100]


def _form_of(out: Path | None) -> CaseFormat:
    if out is None:
        return CaseFormat.JSONL
    suffix = out.suffix.lower()
    known = {f".{form.value}": form for form in CaseFormat} | _FORMATS
    if suffix not in known:
        raise InvalidInput(
            f"{suffix or 'A name without an ending'} is no known format.",
            hint=f"End the name with one of {', '.join(known)}, or add --format.",
        )
    return known[suffix]
