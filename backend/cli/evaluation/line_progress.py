"""The progress of an import: a bar on a terminal, a line for each tenth in a pipe, nothing for programs."""

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import BinaryIO, TypeAlias

from backend.cli.terminal import layout, terminal
from use_cases.playground.import_cases import ImportProgress

Watch: TypeAlias = Callable[[ImportProgress], None]
"""Shows the present numbers; how far the file is read, it sees itself."""


@contextmanager
def show_line_progress(content: BinaryIO, *, as_json: bool) -> Generator[Watch]:
    """Provide the watch that fits stderr, for the import of an open file."""
    size = os.fstat(content.fileno()).st_size
    if as_json:
        yield lambda _: None
    elif not sys.stderr.isatty():
        yield _lines(content, size)
    else:
        with _bar(content, size) as watch:
            yield watch


def _describe(progress: ImportProgress) -> str:
    errors = f", {progress.errors:,} faulty lines" if progress.errors else ""
    return f"{progress.cases:,} cases{errors}"


def _lines(content: BinaryIO, size: int) -> Watch:
    shown = 0

    def watch(progress: ImportProgress) -> None:
        nonlocal shown
        tenths = content.tell() * 10 // max(1, size)
        if shown < tenths < 10:
            shown = tenths
            terminal.talk(f"{tenths * 10} %: {_describe(progress)}")

    return watch


@contextmanager
def _bar(content: BinaryIO, size: int) -> Generator[Watch]:
    # Imported here: only a terminal needs it.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    console = Console(stderr=True, width=layout.width_of(sys.stderr) or layout.USUAL)
    columns = (BarColumn(bar_width=30), TaskProgressColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Reading", total=size)
        yield lambda progress: bar.update(
            task, completed=content.tell(), description=_describe(progress)
        )
