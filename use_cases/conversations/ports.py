"""The needs of conversations."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from use_cases.conversations.model import (
    FileItem,
    ReadyImport,
    StoredConversation,
    StoredImport,
    StoredTree,
)
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page


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


class Imports(Protocol):
    """Conversations of other assistants in the store. Everything is the caller's own.

    Each call is one short transaction.
    """

    async def same(
        self, caller: Caller, digest: str, parser_version: int
    ) -> StoredConversation | None:
        """Return the conversation whose last import had this raw form and was read by this parser."""
        ...

    async def of_source(
        self, caller: Caller, source: str, source_id: str
    ) -> StoredConversation | None:
        """Return the conversation that this one of another assistant was imported to."""
        ...

    async def of_url(self, caller: Caller, url: str) -> Sequence[StoredConversation]:
        """Return the conversations that were imported from this address, the last used first."""
        ...

    async def put(self, caller: Caller, ready: ReadyImport) -> StoredImport:
        """Store a conversation, or what is new in it; all or nothing, durable on return.

        Messages are the same by their id at the source. One whose content differs is changed, unless the
        source dates this form before the stored one; one that is missing stays. The shown branch
        follows the source until the person goes on here, and the title until the person changes it.
        Raises `ConversationNotFound` for `into`.
        """
        ...

    async def outdated(self, caller: Caller, parser_version: int) -> Sequence[StoredConversation]:
        """Return the conversations that an older parser has read."""
        ...

    async def payload(self, caller: Caller, chat_id: str) -> bytes:
        """Return the raw form of the last import. Raises `ConversationNotFound`."""
        ...


class Conversations(Protocol):
    """All conversations of a person, imported or begun here. Another person's is as absent as none."""

    async def conversations(
        self, caller: Caller, *, limit: int, before: str | None = None
    ) -> Page[StoredConversation]:
        """The last used first; `before` is the id of the last one seen.

        Raises `ConversationNotFound` when `before` is no conversation of the caller's.
        """
        ...

    async def conversation(self, caller: Caller, chat_id: str) -> StoredConversation:
        """One conversation. Raises `ConversationNotFound`."""
        ...

    async def tree(self, caller: Caller, chat_id: str) -> StoredTree:
        """One with all its messages. Raises `ConversationNotFound`."""
        ...

    async def rename(self, caller: Caller, chat_id: str, title: str) -> StoredConversation:
        """Give it another title. Raises `ConversationNotFound` and `ConversationLocked`."""
        ...

    async def remove(self, caller: Caller, chat_id: str) -> None:
        """Remove it with all that hangs on it. Raises `ConversationNotFound`."""
        ...
