"""The progress of an import: a moving line on a terminal, a line for each thousand in a pipe."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from backend.cli.terminal import layout, terminal
from use_cases.kernel.statistics.figures import counted

_EACH = 1_000


class ImportWatcher(Protocol):
    """Receives the progress of an import."""

    def advance(self, messages: int, /) -> None:
        """Record one more conversation, of so many messages."""
        ...


@contextmanager
def show_message_progress(*, as_json: bool) -> Generator[ImportWatcher]:
    """Provide the watcher that fits stderr; one for programs shows nothing."""
    if as_json or not sys.stderr.isatty():
        yield _Lines(silent=as_json)
        return
    # Imported here: only a terminal needs it.
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    console = Console(stderr=True, width=layout.width_of(sys.stderr) or layout.USUAL)
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as drawn:
        task = drawn.add_task("Reading", total=None)

        class DrawnLine(_Counted):
            def shown(self) -> None:
                drawn.update(task, description=self.text)

        yield DrawnLine()


class _Counted:
    """Counts conversations and messages."""

    def __init__(self) -> None:
        self._messages = 0
        self.conversations = 0

    def advance(self, messages: int) -> None:
        self.conversations += 1
        self._messages += messages
        self.shown()

    def shown(self) -> None:
        """Show the counts."""

    @property
    def text(self) -> str:
        """`1,200 conversations, 9,381 messages`."""
        conversations = counted(self.conversations, "conversation")
        return f"{conversations}, {counted(self._messages, 'message')}"


class _Lines(_Counted):
    """Writes a line for each thousand conversations, for logs."""

    def __init__(self, *, silent: bool) -> None:
        super().__init__()
        self._silent = silent

    def shown(self) -> None:
        if not self._silent and self.conversations % _EACH == 0:
            terminal.talk(self.text)
