"""Read the conversations of a file, and report what the file holds; nothing is stored.

Promises: the event loop is never blocked; memory holds one conversation, and of the others their reports;
the file is closed however the reading ends.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack

from use_cases.conversations.errors import ConversationFormatUnknown
from use_cases.conversations.import_items import import_items
from use_cases.conversations.model import (
    ConversationReport,
    Fault,
    Imported,
    ImportReport,
    ImportStep,
    NotRead,
)
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
        reports: list[ConversationReport] = []
        not_read: list[NotRead] = []
        faults: list[Fault] = []
        async for step in self.stream(path):
            match step:
                case Imported():
                    reports.append(step.report)
                case NotRead():
                    not_read.append(step)
                case Fault():
                    faults.append(step)
        if not reports:
            _raise_without_conversation(path, faults)
        return ImportReport(
            file=path,
            conversations=reports,
            not_read=not_read,
            faults=faults,
            messages=sum(one.messages for one in reports),
            kept=_sum([one.kept for one in reports]),
            hidden=_sum([one.hidden for one in reports]),
            not_understood=_sum([one.not_understood for one in reports]),
            irregular=_sum([one.irregular for one in reports]),
        )


def _raise_without_conversation(path: str, faults: Sequence[Fault]) -> None:
    if not faults:
        raise ConversationFormatUnknown(f"{path} holds no conversation.")
    first = faults[0]
    raise first.error or ConversationFormatUnknown(f"{first.place}: {first.detail}.")


def _sum(counts: Sequence[Mapping[str, int]]) -> Mapping[str, int]:
    total = Counter[str]()
    for one in counts:
        total.update(one)
    return dict(total.most_common())
