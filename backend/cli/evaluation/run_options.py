"""The options that several commands of evaluations share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from backend.composition.container import Container
from backend.reports.export_formats import ExportFormat

RunId = Annotated[
    str, typer.Argument(metavar="RUN", help="The id of a run, such as eval_01K9ZC3W5T.")
]
Out = Annotated[
    str | None,
    typer.Option("--out", "-o", metavar="FILE", help="Write a report: one HTML page. - is stdout."),
]
Junit = Annotated[
    str | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML, for CI systems.")
]
Csv = Annotated[
    str | None,
    typer.Option("--csv", metavar="FILE", help="Write one row a cell, for spreadsheets."),
]
Json = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write the summary and all cells.")
]
Jsonl = Annotated[
    str | None, typer.Option("--jsonl", metavar="FILE", help="Write one JSON object a cell.")
]
Offline = Annotated[bool, typer.Option("--offline", help="Use nothing that needs a network.")]
Gate = Annotated[
    bool,
    typer.Option(
        "--gate",
        help="Exit with 1 also where the interval does not exclude a loss of --margin or more.",
    ),
]
Margin = Annotated[
    float,
    typer.Option("--margin", min=0, max=1, help="The loss in the pass rate that --gate accepts."),
]
FailUnder = Annotated[
    float | None,
    typer.Option(
        "--fail-under",
        metavar="SHARE",
        min=0,
        max=1,
        help="Exit with 1 where fewer of the graded cells pass, such as 0.9; 0 is no mark. Unset: that of the plan; of a promptfoo configuration 1.",
    ),
]
AllowCode = Annotated[
    list[Path] | None,
    typer.Option("--allow-code", help="A Python file whose functions may be assertions."),
]


def permit_code(candor: Container, files: Sequence[Path] | None) -> None:
    """Let assertions run the functions of these files, too; before anything of the playground is used."""
    settings = candor.settings
    allowed = (*settings.eval_code_files, *(files or ()))
    candor.settings = settings.model_copy(update={"eval_code_files": allowed})


def files_of(
    out: str | None, junit: str | None, csv: str | None, json: str | None, jsonl: str | None
) -> dict[ExportFormat, str]:
    """Return the files to write by format."""
    given = {
        ExportFormat.HTML: out,
        ExportFormat.JUNIT: junit,
        ExportFormat.CSV: csv,
        ExportFormat.JSON: json,
        ExportFormat.JSONL: jsonl,
    }
    return {each: name for each, name in given.items() if name is not None}
