"""Importing in a process of its own that is killed at any moment."""

import signal
from pathlib import Path

import anyio

from services.conversation_files.exported_files import LocalConversationFiles
from services.store.imports import SqlImports
from services.store.store import Store
from services.system import SystemClock, TimeSortedIds
from services.web.guarded import GuardedRequests
from tests.faults.parts import Moment
from use_cases.conversations.import_conversations import ImportConversations
from use_cases.conversations.importers.share_pages import SharedPages
from use_cases.conversations.model import ConversationStored, ImportDone
from use_cases.kernel.model import LOCAL


def run_import(database: Path, file: Path, killed_at: Moment) -> None:
    """Import until the system kills this process, so many seconds after so many conversations."""
    anyio.run(import_file, database, file, killed_at)


async def import_file(
    database: Path, file: Path, killed_at: Moment | None = None
) -> ImportDone | None:
    """Import a file; return its result."""
    store, clock = Store(database), SystemClock()
    importing = ImportConversations(
        conversation_files=LocalConversationFiles(),
        shared_pages=SharedPages(share_web=GuardedRequests()),
        imports=SqlImports(store, ids=TimeSortedIds(clock=clock)),
        clock=clock,
    )
    events, done = 0, None
    async for event in importing.stream(LOCAL, str(file)):
        events += isinstance(event, ConversationStored)
        if killed_at is not None and events == killed_at[0]:
            # A signal that nobody handles kills as SIGKILL does.
            signal.setitimer(signal.ITIMER_REAL, killed_at[1])
        if isinstance(event, ImportDone):
            done = event
    await store.close()
    return done
