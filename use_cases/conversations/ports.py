"""The needs of conversations."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO, Protocol

from use_cases.conversations.model import (
    Attachment,
    ConversationSummary,
    FileItem,
    FileSummary,
    Memory,
    ReadyImport,
    RememberedText,
    Spoken,
    StoredConversation,
    StoredImport,
    StoredTree,
    Submission,
)
from use_cases.kernel.model import Caller, Page, Vector
from use_cases.kernel.runs.record import AnswerRecord


class ConversationFiles(Protocol):
    """Exports of other assistants, as files."""

    def open(self, path: str, name: str = "") -> AbstractContextManager[Iterator[FileItem]]:
        """Opens a file as a stream; call it and each `next` in a thread, for they read.

        Places and errors call it `name`, where one is given.

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
        self, caller: Caller, digests: Collection[str], parser_version: int
    ) -> Mapping[str, StoredConversation]:
        """Returns the conversations whose last import had one of these raw forms and was read by this
        parser, by the digest.
        """
        ...

    async def of_source(
        self, caller: Caller, source: str, source_id: str
    ) -> StoredConversation | None:
        """Returns the conversation that this one of another assistant was imported to."""
        ...

    async def of_url(self, caller: Caller, url: str) -> Sequence[StoredConversation]:
        """Returns the conversations that were imported from this address, the last used first."""
        ...

    async def put(self, caller: Caller, ready: ReadyImport) -> StoredImport:
        """Stores a conversation, or what is new in it; all or nothing, durable on return.

        Messages are the same by their id at the source. One whose content differs is changed, unless the
        source dates this form before the stored one; one that is missing stays. The shown branch
        follows the source to a message that is new, until the person goes on here, and the title until
        the person changes it. Raises `ConversationNotFound` for `into`, and `ConversationLocked` where a
        locked one would change, unless it is the same form `again`.
        """
        ...

    async def outdated(self, caller: Caller, parser_version: int) -> Sequence[StoredConversation]:
        """Returns the conversations that an older parser has read; to one who owns all, everybody's."""
        ...

    async def payload(self, caller: Caller, chat_id: str) -> bytes:
        """Returns the raw form of the last import. Raises `ConversationNotFound`."""
        ...


class Conversations(Protocol):
    """All conversations of a person, imported or begun here. Another person's is as absent as none."""

    async def conversations(
        self, caller: Caller, *, limit: int, before: str | None = None
    ) -> Page[StoredConversation]:
        """Returns the last used first; `before` is the id of the last one seen.

        Raises `ConversationNotFound` when `before` is no conversation of the caller's.
        """
        ...

    async def conversation(self, caller: Caller, chat_id: str) -> StoredConversation:
        """Returns a conversation. Raises `ConversationNotFound`."""
        ...

    async def tree(self, caller: Caller, chat_id: str) -> StoredTree:
        """Returns a conversation with all its messages. Raises `ConversationNotFound`."""
        ...

    async def records(self, caller: Caller, chat_id: str) -> Sequence[AnswerRecord]:
        """Returns what is recorded of the answers that were given here, oldest first."""
        ...

    async def rename(self, caller: Caller, chat_id: str, title: str) -> StoredConversation:
        """Gives it another title. Raises `ConversationNotFound` and `ConversationLocked`."""
        ...

    async def show_branch(self, caller: Caller, chat_id: str, leaf_id: str) -> StoredConversation:
        """Shows the branch that ends at that message of it.

        Raises `ConversationNotFound` and `ConversationLocked`.
        """
        ...

    async def remove(self, caller: Caller, chat_id: str) -> None:
        """Removes it with all that hangs on it. Raises `ConversationNotFound`."""
        ...


class FileTexts(Protocol):
    """The text of files, read in a process of its own where the format is a risk."""

    async def text(self, media_type: str, content: BinaryIO) -> str:
        """Returns the text of a PDF or text file. Raises a `CandorError` where it cannot be read."""
        ...


class FileStore(Protocol):
    """Objects by key. Every method raises `FileStoreUnavailable`."""

    async def put(self, key: str, content: BinaryIO, *, name: str, media_type: str) -> None:
        """Stores an object whole or not at all. A key that exists is an error, never replaced."""
        ...

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Returns the content in pieces. Raises `AttachmentNotFound`."""
        ...

    async def delete(self, key: str) -> None:
        """Removes an object; nothing where there is none."""
        ...

    async def link(self, key: str, seconds: int) -> str | None:
        """Returns an address that everyone may read so long; None where the store signs none."""
        ...


class Attachments(Protocol):
    """The rows of attachments, and the keys of all objects that may be there."""

    async def owner(self, caller: Caller, chat_id: str) -> str:
        """Returns whose conversation it is. Raises `ConversationNotFound`."""
        ...

    async def announce(self, key: str, until: datetime) -> None:
        """Notes a key before its object is stored; without an attachment it is an orphan after `until`."""
        ...

    async def add(self, attachment: Attachment, text: str | None, now: datetime) -> Attachment:
        """Stores the row of an announced object, and returns it.

        The conversation's file of the same name and content is returned instead, where there is one.
        Raises `ConversationNotFound` where the conversation is gone, and `AttachmentNotFound` where the
        time of the announcement is over.
        """
        ...

    async def same(self, chat_id: str, name: str, sha256: str) -> Attachment | None:
        """Returns the conversation's file of this name and content."""
        ...

    async def attachment(self, caller: Caller, file_id: str) -> Attachment:
        """Returns one of the caller's. Raises `AttachmentNotFound`."""
        ...

    async def of_conversation(self, caller: Caller, chat_id: str) -> Sequence[Attachment]:
        """Returns a conversation's files, oldest first. Raises `ConversationNotFound`."""
        ...

    async def text(self, file_id: str) -> str | None:
        """Returns the text that was read from a file."""
        ...

    async def begin_summary(self, file_id: str, run_id: str) -> None:
        """Notes the newest run that makes a summary of a file."""
        ...

    async def keep_summary(self, file_id: str, summary: FileSummary) -> None:
        """Stores the summary of a file; nothing where the file is gone."""
        ...

    async def orphans(self, now: datetime) -> Sequence[str]:
        """Returns the keys without an attachment that nobody is storing any more."""
        ...

    async def forget(self, key: str) -> None:
        """Removes the note of an object that is gone."""
        ...

    async def link_secret(self, fresh: str) -> str:
        """Returns the stored secret of links; `fresh` becomes it where there is none yet."""
        ...


class Summaries(Protocol):
    """The stored summaries, one for each conversation; another person's is as absent as none."""

    async def summary(self, caller: Caller, chat_id: str) -> ConversationSummary | None:
        """Returns it. Raises `ConversationNotFound`."""
        ...

    async def begin(self, caller: Caller, chat_id: str, run_id: str) -> None:
        """Notes the newest run of a conversation. Raises `ConversationNotFound`."""
        ...

    async def keep(self, summary: ConversationSummary) -> None:
        """Stores what a run made, beside a person's edit; nothing where the conversation is gone."""
        ...

    async def edit(
        self, caller: Caller, chat_id: str, text: str, at: datetime
    ) -> ConversationSummary:
        """Stores a person's text. Raises `ConversationNotFound`."""
        ...

    async def submission(self, run_id: str) -> Submission | None:
        """Returns what a run waits for."""
        ...

    async def submit(self, run_id: str, submission: Submission) -> None:
        """Notes what a run waits for."""
        ...


class Summariser(Protocol):
    """Another service that summarises, as a job of its own."""

    async def submit(self, messages: Sequence[Spoken]) -> str:
        """Begins a job, and returns its id.

        Raises `SummariserRefused`, `RateLimited`, `UpstreamFailed` and `UpstreamTimeout`.
        """
        ...

    async def poll(self, external_id: str, messages: int) -> str | None:
        """Returns the summary of a job when it covers so many messages; None before.

        Raises as `submit` does.
        """
        ...


class Memories(Protocol):
    """Memories of what people said."""

    async def search(self, query: str, user_id: str) -> Sequence[Memory]:
        """Returns memories of this person, best first. Raises upstream errors and those of storage."""
        ...


class MemoryTexts(Protocol):
    """The texts that are remembered here, with their vectors."""

    async def texts(self, user_id: str, embedder: str) -> Sequence[RememberedText]:
        """Returns a person's, the newest first."""
        ...

    async def keep(self, embedder: str, vectors: Mapping[str, tuple[str, Vector]]) -> None:
        """Stores the vectors of texts by memory id, each with its text; nothing for memories that are
        gone.
        """
        ...
