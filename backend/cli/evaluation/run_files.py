"""The files that a run is written to: a report, JUnit XML, CSV, JSON, JSONL.

Promises: a file is whole or as it was before; `-` is stdout. Leaves to others: the formats.
"""

import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from backend.composition.container import Container
from backend.reports.export_formats import ExportFormat, export_form
from backend.reports.forms import Form, stream
from use_cases.kernel.errors import InvalidInput, StorageReadOnly
from use_cases.kernel.model import LOCAL
from use_cases.playground.model import Summary

STDOUT = "-"


def require_writable(files: Mapping[ExportFormat, str]) -> None:
    """Raise an error for a file that could not be written, before anything is asked of a model."""
    if len(set(files.values())) < len(files):
        raise InvalidInput("Two formats are to be written to one place.")
    for name in files.values():
        if name != STDOUT and not Path(name).parent.is_dir():
            raise InvalidInput(f"There is no folder {Path(name).parent}.", hint="Make it first.")


async def write_files(
    candor: Container, summary: Summary, files: Mapping[ExportFormat, str]
) -> None:
    """Write a run to these files. Raises `StorageReadOnly`."""
    calibrations = (
        await candor.playground.calibrate_judges.labelled(LOCAL, summary.run.run_id)
        if ExportFormat.HTML in files
        else ()
    )
    for each, name in files.items():
        form = export_form(each, summary, calibrations=calibrations)
        if name == STDOUT:
            async for text in _text(candor, summary, form):
                sys.stdout.write(text)
            continue
        path = Path(name)
        part = path.with_name(f".{path.name}.part")
        try:
            # newline="": lines of CSV end in CR LF, and the others as they are.
            with part.open("w", encoding="utf-8", newline="") as file:
                async for text in _text(candor, summary, form):
                    file.write(text)
            part.replace(path)
        except OSError as error:
            raise StorageReadOnly(
                f"{name} cannot be written: {error.strerror}.", hint="Name another file."
            ) from error
        finally:
            part.unlink(missing_ok=True)


def _text(candor: Container, summary: Summary, form: Form) -> AsyncIterator[str]:
    cells = candor.playground.manage_evaluations.cells(LOCAL, summary.run.run_id)
    return stream(form, cells)
