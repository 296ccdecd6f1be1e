"""The files that a run is written to: a report, JUnit XML, CSV, JSON, JSONL.

Leaves to others: the formats, and writing.
"""

from collections.abc import AsyncIterator, Mapping

from backend.cli.runs.output_files import write_file
from backend.composition.container import Container
from backend.reports.export_formats import ExportFormat, export_form
from backend.reports.exports import Form, stream
from use_cases.kernel.model import LOCAL
from use_cases.playground.model import Summary


async def write_files(
    candor: Container, summary: Summary, files: Mapping[ExportFormat, str]
) -> None:
    """Write a run to these files. Raises `StorageReadOnly`."""
    calibrations = (
        await candor.playground.calibrate_judges.labelled(LOCAL, summary.run.job_id)
        if ExportFormat.HTML in files
        else ()
    )
    for each, name in files.items():
        form = export_form(each, summary, calibrations=calibrations)
        await write_file(name, _text(candor, summary, form))


def _text(candor: Container, summary: Summary, form: Form) -> AsyncIterator[str]:
    cells = candor.playground.manage_evaluations.cells(LOCAL, summary.run.job_id)
    return stream(form, cells)
