"""Attachments over a real store and a real folder, of two people with a conversation each."""

import io
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, insert

from services.attachments import folder_store
from services.documents.reader import DocumentReader, ReadFileTexts
from services.store.chats import conversations
from services.store.people import provide_user
from services.store.store import Store
from services.store.stored_attachments import SqlAttachments
from services.system import SystemEntropy
from tests.contracts.keeping import NOON
from tests.fakes.clock import FixedClock
from tests.fakes.ids import CountedIds
from tests.templates import migrated_store
from use_cases.conversations.manage_attachments import (
    Attached,
    AttachmentPolicy,
    ManageAttachments,
    SweepFiles,
)
from use_cases.conversations.ports import FileStore
from use_cases.kernel.model import Caller


@dataclass(frozen=True, slots=True)
class Attaching:
    """The use case and what it stands on."""

    manage: ManageAttachments
    sweep: SweepFiles
    rows: SqlAttachments
    files: FileStore
    clock: FixedClock
    store: Store
    folder: Path

    async def add(self, caller: Caller, chat_id: str, name: str, content: bytes) -> Attached:
        """Attach bytes."""
        return await self.manage.add(caller, chat_id, name, io.BytesIO(content))

    def objects(self) -> list[str]:
        """The paths of all that lies in the folder."""
        found = (one for one in self.folder.rglob("*") if one.is_file())
        return sorted(str(one.relative_to(self.folder)) for one in found)


@asynccontextmanager
async def attaching(
    folder: Path, *, files: FileStore | None = None, clock: FixedClock | None = None
) -> AsyncGenerator[Attaching]:
    """The conversations are `chat_anna` and `chat_boris`; a file may have 1 MiB."""
    database = folder / "candor.sqlite"
    store = Store(database if database.exists() else migrated_store(database))
    reader, rows, clock = DocumentReader(), SqlAttachments(store), clock or FixedClock(NOON)
    files = files or folder_store(folder / "files")
    manage = ManageAttachments(
        attachments=rows,
        file_store=files,
        file_texts=ReadFileTexts(reader),
        attachment_policy=AttachmentPolicy(max_attachment_mb=1),
        clock=clock,
        ids=CountedIds(),
        entropy=SystemEntropy(),
    )
    try:
        sweep = SweepFiles(attachments=rows, file_store=files, clock=clock)
        yield Attaching(manage, sweep, rows, files, clock, store, folder / "files")
    finally:
        await reader.close()
        await store.close()


async def make_conversations(store: Store) -> None:
    """A conversation for each of both."""

    def work(connection: Connection) -> None:
        for name in ("anna", "boris"):
            provide_user(connection, name, NOON)
            row = {"chat_id": f"chat_{name}", "user_id": name, "title": name}
            moments = {"created_at": NOON, "updated_at": NOON}
            connection.execute(insert(conversations), row | moments)

    await store.write(work)


async def remove_conversation(store: Store, chat_id: str) -> None:
    """As chat does it."""
    gone = delete(conversations).where(conversations.c.chat_id == chat_id)
    await store.write(lambda connection: connection.execute(gone))
