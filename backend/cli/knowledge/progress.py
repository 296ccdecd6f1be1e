"""The progress of an ingestion: a moving bar on a terminal, lines in a pipe.

Promises: the bar names the current step; it fills once with the texts and once more with the vectors,
with their rate and the time left; it leaves nothing on the screen. A pipe gets a line for each change,
and for each tenth of many vectors.
"""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from backend.cli.runs.run_progress import ShowStep, show_progress
from backend.cli.terminal import terminal
from use_cases.knowledge.ingest_stages import Stage, StageReport
from use_cases.knowledge.model import Change, IngestProgress

_MANY = 512
"""The passages from which on a pipe gets lines about their vectors."""

_MINUTE, _HOUR = 60, 3_600


class Watcher:
    """Receives the progress of the work; shows nothing, for programs, which read the report at the end."""

    def advance(self, _progress: IngestProgress, /) -> None:
        """Records that one more source is done."""
        return

    def stage(self, _report: StageReport, /) -> None:
        """Records the current step."""
        return


@contextmanager
def watch_ingestion(*, as_json: bool) -> Generator[Watcher]:
    """Provides the watcher that fits stderr; a silent one for programs."""
    if as_json:
        yield Watcher()
    elif not sys.stderr.isatty():
        yield _LineWatcher()
    else:
        position = Position()
        with show_progress(position.text, as_json=False, time_left=False) as show:
            yield _DrawnBar(position, show)


class Position:
    """The position and the text of the bar, without the drawing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.text = "Looking for documents"
        self.done = 0
        self.total: int | None = None
        self._clock = clock
        self._first: tuple[int, float] | None = None

    def advance(self, progress: IngestProgress) -> None:
        """Records that one more source is done."""
        self.done, self.total = progress.done, progress.total

    def stage(self, report: StageReport) -> None:
        """Records the current step."""
        subject = "" if report.name is None else f" {terminal.line(report.name)}"
        match report.stage:
            case Stage.FOUND:
                self.total = report.documents
                self.text = f"Found {report.documents:,} file{'' if report.documents == 1 else 's'}"
            case Stage.STARTING_MODEL:
                self.done, self.total = report.done, report.total
                self.text = "Starting the model (slower at its first use)"
            case Stage.EMBEDDING:
                self.done, self.total = report.done, report.total
                self.text = f"{_embedded(report)}{self._speed()}; words find all already"
            case _:
                self.text = f"{report.stage.value.capitalize()}{subject}"

    def _speed(self) -> str:
        """Returns rate and time left, measured from the first passages, which load the model."""
        now = self._clock()
        if self._first is None:
            self._first = self.done, now
        done, since = self._first
        if self.total is None or self.done <= done or now <= since:
            return ""
        rate = (self.done - done) / (now - since)
        return f", {rate:,.0f} a second, {_duration((self.total - self.done) / rate)} left"


def _embedded(report: StageReport) -> str:
    return f"Embedded {report.done:,} of {report.total:,} passages"


def _duration(seconds: float) -> str:
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.0f} h"


class _LineWatcher(Watcher):
    """Writes a line for each change, and for each tenth of many vectors, for logs."""

    def __init__(self) -> None:
        self._tenths = 0

    def advance(self, progress: IngestProgress, /) -> None:
        outcome = progress.outcome
        if outcome.change not in (Change.UNCHANGED, Change.SKIPPED):
            terminal.talk(
                f"{progress.done}/{progress.total} {outcome.change} {terminal.line(outcome.name)}"
            )

    def stage(self, report: StageReport, /) -> None:
        if report.total < _MANY:
            return
        if report.stage is Stage.STARTING_MODEL:
            terminal.talk(f"{report.total:,} passages get vectors; words find them already")
        elif (tenths := 10 * report.done // report.total) > self._tenths:
            self._tenths = tenths
            terminal.talk(_embedded(report))


class _DrawnBar(Watcher):
    def __init__(self, position: Position, show: ShowStep) -> None:
        self._position = position
        self._show = show

    def advance(self, progress: IngestProgress, /) -> None:
        self._position.advance(progress)
        self._draw()

    def stage(self, report: StageReport, /) -> None:
        self._position.stage(report)
        self._draw()

    def _draw(self) -> None:
        self._show(self._position.text, self._position.done, self._position.total)
