"""The progress of an ingestion: a moving bar on a terminal, a line for each change in a pipe.

Promises: the bar names the current step and moves while one large document is embedded; it never
moves back, and it leaves nothing on the screen.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from backend.cli.terminal import layout, terminal
from use_cases.knowledge.ingest_progress import Stage, StageReport
from use_cases.knowledge.model import Change, IngestProgress

_EMBEDDED = 0.9
"""The share of a document's progress that is embedding; the rest is saving."""


class Watcher(Protocol):
    """Receives the progress of the work."""

    def advance(self, progress: IngestProgress, /) -> None:
        """Record that one more source is done."""
        ...

    def stage(self, report: StageReport, /) -> None:
        """Record the current step."""
        ...


@contextmanager
def show_progress(*, as_json: bool) -> Generator[Watcher]:
    """Provide the watcher that fits stderr; a silent one for programs."""
    if as_json:
        yield _SilentWatcher()
    elif not sys.stderr.isatty():
        yield _LineWatcher()
    else:
        with _bar() as bar:
            yield bar


class Position:
    """The position and the text of the bar, without the drawing."""

    def __init__(self) -> None:
        self.text = "Looking for documents"
        self.done = 0.0
        self.total: int | None = None
        self._sources = 0
        self._is_embedding = False

    def advance(self, progress: IngestProgress) -> None:
        """Record that one more source is done."""
        self._sources, self.total = progress.done, progress.total
        self.done = max(self.done, progress.done)

    def stage(self, report: StageReport) -> None:
        """Record the current step."""
        # Others are read ahead and saved meanwhile: what takes long is named.
        if report.stage is Stage.EMBEDDING:
            self._is_embedding = report.done < report.total
        elif report.stage is Stage.STARTING_MODEL:
            self._is_embedding = True
        elif self._is_embedding:
            return
        if report.stage is Stage.FOUND:
            self.total = report.documents
        elif report.stage is Stage.EMBEDDING:
            part = _EMBEDDED * report.documents * report.done / max(1, report.total)
            self.done = max(self.done, self._sources + part)
        if report.stage is not Stage.EMBEDDING or report.total:
            self.text = _describe(report)


def _describe(report: StageReport) -> str:
    subject = "" if report.name is None else f" {terminal.line(report.name)}"
    match report.stage:
        case Stage.EMBEDDING:
            return f"Embedded {report.done:,} of {report.total:,} passages{' of' * bool(subject)}{subject}"
        case Stage.FOUND:
            return f"Found {report.documents:,} file{'' if report.documents == 1 else 's'}"
        case Stage.STARTING_MODEL:
            return "Starting the model (slower at its first use)"
        case _:
            return f"{report.stage.value.capitalize()}{subject}"


class _SilentWatcher:
    """Shows nothing, for programs, which read the report at the end."""

    def advance(self, _progress: IngestProgress) -> None:
        return

    def stage(self, _report: StageReport) -> None:
        return


class _LineWatcher(_SilentWatcher):
    """Writes a line for each change, for logs."""

    def advance(self, progress: IngestProgress) -> None:
        outcome = progress.outcome
        if outcome.change not in (Change.UNCHANGED, Change.SKIPPED):
            terminal.talk(
                f"{progress.done}/{progress.total} {outcome.change} {terminal.line(outcome.name)}"
            )


@contextmanager
def _bar() -> Generator[Watcher]:
    # Imported here: only a terminal needs it.
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn
    from rich.table import Column

    width = layout.width_of(sys.stderr) or layout.USUAL
    columns = (
        SpinnerColumn(),
        BarColumn(bar_width=max(8, min(30, width - 50))),
        TaskProgressColumn(),
        TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True)),
    )
    position = Position()
    with Progress(
        *columns, console=Console(stderr=True, width=width), transient=True, expand=True
    ) as bar:
        task = bar.add_task(position.text, total=None)

        class DrawnBar:
            def advance(self, progress: IngestProgress) -> None:
                position.advance(progress)
                self._draw()

            def stage(self, report: StageReport) -> None:
                position.stage(report)
                self._draw()

            def _draw(self) -> None:
                bar.update(
                    task,
                    description=escape(position.text),
                    completed=position.done,
                    total=position.total,
                )

        yield DrawnBar()
