"""The files of conversations, one noun: attach, list, download, and remove what nobody refers to.

Promises: a file is what its content shows, whatever its name says; its bytes and its row become visible
together or not at all, whenever a process is killed; the same file twice in one conversation is one row;
a key has a random part, so that nothing is overwritten; a link is signed and ends; a file with a text has
a summary of its own sentences at once. An object whose
conversation was deleted is an orphan, which the next sweep removes.
Leaves to others: the kinds of files, their texts, the objects.
"""

import asyncio
import hmac
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import BinaryIO
from urllib.parse import quote

from use_cases.conversations.errors import FileLinkInvalid
from use_cases.conversations.extractive import extract
from use_cases.conversations.model import (
    PDF_MEDIA_TYPE,
    TEXT_MEDIA_TYPE,
    Attachment,
    FileSummary,
    Spoken,
)
from use_cases.conversations.ports import Attachments, FileStore, FileTexts
from use_cases.conversations.sniffing import sniff
from use_cases.kernel.errors import CandorError, Unavailable
from use_cases.kernel.model import LOCAL, Caller
from use_cases.kernel.ports import Clock, Entropy, Ids

UPLOAD_TIME = timedelta(minutes=10)
"""An object that was announced so long ago and has no row was lost by its process."""
LONGEST_TEXT = 1_000_000
"""Characters of a file's text that are kept for search and models: about 300 pages."""
_RANDOM_CHARACTERS = 22
"""Each one of 62: 130 bits."""
_SECRET_CHARACTERS = 43
_LONGEST_QUOTED_NAME = 120
"""A file system's longest name is 255 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentPolicy:
    """The largest file, in MiB, and how long a link leads to one, in seconds."""

    max_attachment_mb: float = 10.0
    file_link_seconds: int = 3600


@dataclass(frozen=True, slots=True)
class Attached:
    """An attached file; `new` is false where the conversation had it before."""

    attachment: Attachment
    new: bool


@dataclass(frozen=True, slots=True)
class SignedLink:
    """Our own link to a file: `expires` is in seconds since 1970."""

    file_id: str
    expires: int
    signature: str


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file and its bytes."""

    attachment: Attachment
    content: AsyncIterator[bytes]


class ManageAttachments:
    """The files of the caller's conversations."""

    def __init__(
        self,
        *,
        attachments: Attachments,
        file_store: FileStore,
        file_texts: FileTexts,
        attachment_policy: AttachmentPolicy,
        clock: Clock,
        ids: Ids,
        entropy: Entropy,
    ) -> None:
        self._attachments = attachments
        self._store = file_store
        self._texts = file_texts
        self._policy = attachment_policy
        self._clock = clock
        self._ids = ids
        self._entropy = entropy

    async def add(self, caller: Caller, chat_id: str, name: str, content: BinaryIO) -> Attached:
        """Attaches a file, which is read from its beginning.

        Raises `ConversationNotFound`, what `sniff` raises, and `FileStoreUnavailable`.
        """
        owner = await self._attachments.owner(caller, chat_id)
        most_bytes = int(self._policy.max_attachment_mb * 2**20)
        found = await asyncio.to_thread(sniff, name, content, most_bytes)
        if same := await self._attachments.same(chat_id, name, found.sha256):
            return Attached(same, new=False)
        text, note = await self._text(found.media_type, content)
        now = self._clock.now()
        attachment = Attachment(
            file_id=self._ids.new("file"),
            chat_id=chat_id,
            user_id=owner,
            name=name,
            media_type=found.media_type,
            size=found.size,
            sha256=found.sha256,
            key=self._key(chat_id, name),
            created_at=now,
            characters=None if text is None else len(text),
            text_note=note,
            summary=await self._summary(text, now),
        )
        await self._attachments.announce(attachment.key, now + UPLOAD_TIME)
        await self._store.put(attachment.key, content, name=name, media_type=attachment.media_type)
        stored = await self._attachments.add(attachment, text, self._clock.now())
        return Attached(stored, new=stored.file_id == attachment.file_id)

    async def list(self, caller: Caller, chat_id: str) -> Sequence[Attachment]:
        """Returns the files of a conversation, oldest first. Raises `ConversationNotFound`."""
        return await self._attachments.of_conversation(caller, chat_id)

    async def text(self, caller: Caller, file_id: str) -> str | None:
        """Returns the text that was read from a file. Raises `AttachmentNotFound`."""
        attachment = await self._attachments.attachment(caller, file_id)
        return await self._attachments.text(attachment.file_id)

    async def link(self, caller: Caller, file_id: str) -> str | SignedLink:
        """Returns a link to the bytes that needs no login: the store's own address, or ours for
        `open_link`.

        Raises `AttachmentNotFound` and `FileStoreUnavailable`.
        """
        attachment = await self._attachments.attachment(caller, file_id)
        seconds = self._policy.file_link_seconds
        address = await self._store.link(attachment.key, seconds)
        if address is not None:
            return address
        expires = int(self._clock.now().timestamp()) + seconds
        return SignedLink(file_id, expires, await self._signature(file_id, expires))

    async def open_link(self, link: SignedLink) -> OpenedFile:
        """Returns the file that a link of ours leads to.

        Raises `FileLinkInvalid` for one that was not signed here or has ended, `AttachmentNotFound` for a
        file that is gone, and `FileStoreUnavailable`.
        """
        expected = await self._signature(link.file_id, link.expires)
        genuine = hmac.compare_digest(expected.encode(), link.signature.encode(errors="replace"))
        if not genuine or self._clock.now().timestamp() >= link.expires:
            raise FileLinkInvalid("The link was not made here, or its time is over.")
        return await self.open(LOCAL, link.file_id)

    async def open(self, caller: Caller, file_id: str) -> OpenedFile:
        """Returns a file's bytes. Raises `AttachmentNotFound` and `FileStoreUnavailable`."""
        attachment = await self._attachments.attachment(caller, file_id)
        return OpenedFile(attachment, await self._store.read(attachment.key))

    async def _text(self, media_type: str, content: BinaryIO) -> tuple[str | None, str]:
        """Returns the text, and why there is none or not all of it."""
        if not media_type.startswith((TEXT_MEDIA_TYPE, PDF_MEDIA_TYPE)):
            return None, ""
        try:
            text = await self._texts.text(media_type, content)
        except Unavailable:
            raise
        except CandorError as error:
            return None, error.detail
        if len(text) <= LONGEST_TEXT:
            return text, ""
        return text[:LONGEST_TEXT], f"Only the first {LONGEST_TEXT:,} characters were read."

    async def _summary(self, text: str | None, now: datetime) -> FileSummary | None:
        if text is None or not text.strip():
            return None
        return FileSummary(text=await asyncio.to_thread(extract, [Spoken("", text)]), made_at=now)

    def _key(self, chat_id: str, name: str) -> str:
        quoted, random = quote(name, safe=""), self._entropy.characters(_RANDOM_CHARACTERS)
        while len(quoted) > _LONGEST_QUOTED_NAME:
            name = name[1:]  # the ending stays
            quoted = quote(name, safe="")
        return f"conversations/{quote(chat_id, safe='')}/files/{random}-{quoted}"

    async def _signature(self, file_id: str, expires: int) -> str:
        fresh = self._entropy.characters(_SECRET_CHARACTERS)
        secret = await self._attachments.link_secret(fresh)
        signed = f"{file_id}\n{expires}".encode("utf-8", "surrogatepass")
        return hmac.new(secret.encode(), signed, sha256).hexdigest()


class SweepFiles:
    """Removes objects that no row refers to: of deleted conversations, and of killed uploads."""

    def __init__(self, *, attachments: Attachments, file_store: FileStore, clock: Clock) -> None:
        self._attachments = attachments
        self._store = file_store
        self._clock = clock

    async def run(self) -> int:
        """Removes them, and returns how many there were.

        Raises `FileStoreUnavailable`; what is left is removed another time.
        """
        keys = await self._attachments.orphans(self._clock.now())
        for key in keys:
            await self._store.delete(key)
            await self._attachments.forget(key)
        return len(keys)
