"""Read the conversations of a file, and report what the file holds; nothing is stored.

Promises: the event loop is never blocked; memory holds one conversation, and of the others their reports;
the file is closed however the reading ends.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

from use_cases.conversations.import_items import import_items
from use_cases.conversations.import_report import ReportBuilder
from use_cases.conversations.model import Imported, ImportReport, ImportStep
from use_cases.conversations.ports import ConversationFiles


class ReadConversations:
    """The conversations of an export, a saved page or any other file."""

    def __init__(self, *, conversation_files: ConversationFiles) -> None:
        self._files = conversation_files

    async def stream(self, path: str) -> AsyncIterator[ImportStep]:
        """Every conversation with its report, in the file's order, and what is none.

        Raises what `ConversationFiles.open` raises.
        """
        with ExitStack() as open_file:
            steps = await asyncio.to_thread(self._open, path, open_file)
            while (step := await asyncio.to_thread(next, steps, None)) is not None:
                yield step

    def _open(self, path: str, open_file: ExitStack) -> Iterator[ImportStep]:
        return import_items(open_file.enter_context(self._files.open(path)))

    async def inspect(self, path: str) -> ImportReport:
        """The report of a file.

        Raises what `stream` raises, and for a file without any conversation the error of its first fault:
        `ConversationFileBroken`, `ConversationFormatUnknown` or `ProviderBlocked`.
        """
        builder = ReportBuilder(path)
        async for step in self.stream(path):
            builder.add(step.report if isinstance(step, Imported) else step)
        return builder.report()
