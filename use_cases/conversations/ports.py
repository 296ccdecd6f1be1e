"""The needs of conversations."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from use_cases.conversations.model import FileItem


class ConversationFiles(Protocol):
    """Exports of other assistants, as files."""

    def open(self, path: str) -> AbstractContextManager[Iterator[FileItem]]:
        """Open a file as a stream; call it and each `next` in a thread, for they read.

        Memory holds one conversation at a time. A fault within the file is an item of the stream, after
        everything that stands before it. Raises `ConversationFileNotFound`, and for the whole file
        `ConversationFileBroken`, `ConversationFileUnsupported`, `ConversationFileTooLarge` or
        `ConversationFileUnsafe`.
        """
        ...
