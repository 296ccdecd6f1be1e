"""The progress of long work: a bar on a terminal, a line for each step in a pipe, nothing for programs.

Promises: it leaves nothing on the screen, and stdout stays free for results. Leaves to others: the words.
"""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeAlias

from backend.cli.terminal import layout, terminal

_EACH = 1_000

ShowStep: TypeAlias = Callable[[str, int, int | None], None]
"""Takes the words for a step, how much is done, and of how much: None where that is not known."""


@contextmanager
def show_progress(begin: str, *, as_json: bool, time_left: bool = True) -> Generator[ShowStep]:
    """Provides what shows the steps on stderr. `begin` stands there before the first one.

    A pipe gets a line for each tenth, or for each thousand where the whole is not known.
    """
    if as_json:
        yield lambda _text, _done, _total: None
    elif not sys.stderr.isatty():
        yield _lines()
    else:
        with _bar(begin, time_left=time_left) as show:
            yield show


def _lines() -> ShowStep:
    shown = 0

    def show(text: str, done: int, total: int | None) -> None:
        nonlocal shown
        steps = done // _EACH if total is None else done * 10 // max(1, total)
        if steps > shown:
            shown = steps
            terminal.talk(text)

    return show


@contextmanager
def _bar(begin: str, *, time_left: bool) -> Generator[ShowStep]:
    # Imported here: only a terminal needs it.
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.table import Column

    width = layout.width_of(sys.stderr) or layout.USUAL
    with Progress(
        SpinnerColumn(),
        BarColumn(bar_width=max(8, min(30, width - 50))),
        TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True)),
        TimeRemainingColumn(compact=True) if time_left else TaskProgressColumn(),
        console=Console(stderr=True, width=width),
        transient=True,
        expand=True,
    ) as bar:
        task = bar.add_task(begin, total=None)
        yield lambda text, done, total: bar.update(
            task, description=escape(text), completed=done, total=total
        )
