"""`candor samples`: copy the sample company into a folder."""

import shutil
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from backend.cli.command_run import command_app, examples, run_settings
from backend.cli.terminal import terminal
from backend.errors import ExitCode
from backend.installation import samples as shipped
from use_cases.kernel.errors import StorageReadOnly

app = command_app()

_PARTS = (
    "README.md",
    "documents",
    "tables",
    "fantasy",
    "evals",
    "clean-tables",
    "questions.jsonl",
)


@app.command(epilog=examples("candor samples", "candor samples ~/candor-samples"))
def samples(
    folder: Annotated[
        str, typer.Argument(metavar="FOLDER", help="Where to put them; made where there is none.")
    ] = "samples",
) -> None:
    """Copy the sample documents, tables and league into a folder.

    They are about an invented company. Files that are there already are left as they are.
    """
    target = Path(folder).expanduser()
    run_settings(lambda _: _copy(shipped(), target))


def _copy(source: Path, target: Path) -> ExitCode:
    written = 0
    for file in sorted(file for part in _PARTS for file in _files(source / part)):
        copy = target / file.relative_to(source)
        if copy.exists():
            continue
        try:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
        except OSError as error:
            raise StorageReadOnly(
                f"{copy} cannot be written: {error.strerror}.", hint="Name another folder."
            ) from error
        written += 1
    terminal.data(f"{written} files written to {target}" if written else f"{target} has them all")
    terminal.talk(f"Continue with: candor ingest {quote(str(target / 'documents'))}")
    return ExitCode.DONE


def _files(part: Path) -> list[Path]:
    return [part] if part.is_file() else [file for file in part.rglob("*") if file.is_file()]
