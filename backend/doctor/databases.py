"""Checks of the databases: the files are sound, and the index fits the embedder.

The files are opened here directly and read-only, because the check is on their soundness, not on
their contents.
"""

import os
import sqlite3
from pathlib import Path
from typing import Protocol, cast

import anyio.to_thread
import apsw
import sqlite_vec

from backend.composition.container import Container
from backend.doctor.findings import CheckResult, Level, remedy
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted
from use_cases.knowledge.model import LibraryStatistics


async def knowledge(candor: Container) -> CheckResult:
    """Checks the knowledge database."""
    if candor.settings.knowledge_server:
        return await _knowledge_server(candor)
    path = candor.settings.knowledge_path
    if not path.exists():
        return CheckResult(Level.WARN, f"{path}: does not exist yet", "Run: candor ingest FOLDER")
    statistics = await candor.knowledge.manage_documents.count()
    complaint = await anyio.to_thread.run_sync(_damage, path)
    if complaint:
        return CheckResult(
            Level.FAIL, f"{path}: {complaint}", remedy(path.absolute(), candor.settings)
        )
    if not statistics.documents:
        return CheckResult(Level.WARN, f"{path}: empty", "Run: candor ingest FOLDER")
    if exposed := _check_exposure(path):
        return exposed
    return CheckResult(Level.OK, f"{path}: {_counted(statistics)}, sound")


async def _knowledge_server(candor: Container) -> CheckResult:
    statistics = await candor.knowledge.manage_documents.count()
    if not statistics.documents:
        return CheckResult(Level.WARN, "the server: empty", "Run: candor ingest FOLDER")
    return CheckResult(Level.OK, f"the server: {_counted(statistics)}")


def _counted(statistics: LibraryStatistics) -> str:
    return f"{statistics.documents} documents, {statistics.passages} passages, {statistics.tables} tables"


async def index(candor: Container) -> CheckResult:
    """Checks the vectors against the embedder that is set."""
    settings = candor.settings
    if not settings.knowledge_server and not settings.knowledge_path.exists():
        return CheckResult(Level.OK, "nothing is indexed yet")
    state = await candor.knowledge.check.index()
    statistics = state.statistics
    if statistics.identity is None or not statistics.passages:
        return CheckResult(Level.OK, "nothing is indexed yet")
    if not state.fits:
        return CheckResult(
            Level.FAIL,
            f"built with {state.built_with}, but {state.embedder} is set",
            "Run `candor reindex`, or restore the former EMBEDDING_MODEL.",
        )
    if state.missing > 0:
        return CheckResult(
            Level.WARN,
            f"{state.missing} of {statistics.passages} passages have no vector",
            "Run: candor reindex",
        )
    if state.lacks_tokens:
        return CheckResult(
            Level.WARN,
            f"{statistics.vectors} vectors from {state.built_with}, none of tokens",
            "Run `candor reindex`: search then orders by the question's tokens, too.",
        )
    return CheckResult(Level.OK, f"{statistics.vectors} vectors from {state.built_with}")


async def answers(candor: Container) -> CheckResult:
    """Checks the database of answers."""
    path = sqlite_file(candor.settings.store_url)
    if path is not None and not path.exists():
        return CheckResult(Level.OK, f"{path}: does not exist yet; the first answer creates it")
    found = await candor.chat.read_answers.list(LOCAL, limit=1)
    complaint = await anyio.to_thread.run_sync(_damage_of_store, path) if path else ""
    if path and complaint:
        hint = remedy(path.absolute(), candor.settings)
        return CheckResult(Level.FAIL, f"{path}: {complaint}", hint)
    if path and (exposed := _check_exposure(path)):
        return exposed
    advice = (await candor.advice.read_advice.list(LOCAL, limit=1)).total
    statistics = f"{'has' if found else 'no'} answers, {counted(advice, 'piece')} of advice"
    return CheckResult(Level.OK, f"{path or 'the server'}: sound, {statistics}")


MOST_OF_A_PROCESS = 26
"""The connections that one process opens at most: for the store, documents, conversations, and work."""


async def servers(candor: Container) -> CheckResult:
    """Checks that what uses one database fits it, and shares its files."""
    settings = candor.settings
    use = None if sqlite_file(settings.store_url) else await candor.check_server.use()
    if use is None:
        return CheckResult(Level.OK, "the database is a file of this machine")
    # This command is one of the processes, and not one that stays.
    processes = max(sum(use.processes.values()) - 1, settings.workers)
    needed = MOST_OF_A_PROCESS * processes
    machines = counted(len(use.processes), "machine")
    detail = (
        f"{machines}, {use.connections} of {use.most} connections are open;"
        f" {processes} of our processes open {needed} at most"
    )
    if len(use.processes) > 1 and settings.aws_s3_bucket_name is None:
        return CheckResult(
            Level.FAIL,
            f"{detail}. Each machine keeps attached files in a folder of its own",
            "Set AWS_S3_BUCKET_NAME at all of them, then copy the files: candor move --to ADDRESS",
        )
    if needed > use.most:
        return CheckResult(
            Level.WARN,
            detail,
            f"Set max_connections of PostgreSQL to {needed + 10}, or run fewer processes.",
        )
    return CheckResult(Level.OK, detail)


def _check_exposure(path: Path) -> CheckResult | None:
    """Returns a warning on a file that other users of this machine can read, as older versions made it."""
    if os.name != "posix" or not path.stat().st_mode & 0o077:
        return None
    detail = f"{path}: other users of this machine can open it"
    return CheckResult(Level.WARN, detail, f"Run: chmod 600 {path}*")


def connect_with_vectors(place: str, flags: int = 6) -> apsw.Connection:
    """Returns a connection with the vector extension."""
    connection = apsw.Connection(place, flags=flags)
    connection.enable_load_extension(True)
    connection.load_extension(sqlite_vec.loadable_path())
    connection.enable_load_extension(False)
    return connection


class _Pragmas(Protocol):
    """The part of apsw that is used here; its own annotations are not complete."""

    def pragma(self, name: str, value: int) -> object: ...


def _damage(path: Path) -> str:
    """Returns the first complaint of SQLite's own check; empty when the file is sound."""
    connection = connect_with_vectors(str(path), apsw.SQLITE_OPEN_READONLY)
    try:
        found = str(cast("_Pragmas", connection).pragma("quick_check", 1))
    except apsw.Error as error:
        return type(error).__name__
    finally:
        connection.close()
    return "" if found == "ok" else found


def _damage_of_store(path: Path) -> str:
    """Returns the same as `_damage`, by the driver that always opens this file."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return type(error).__name__
    finally:
        connection.close()
    return "" if found == "ok" else found


def sqlite_file(url: str) -> Path | None:
    """Returns the file of a SQLite URL; None for a server."""
    scheme, _, rest = url.partition(":///")
    return Path(rest) if scheme.startswith("sqlite") and rest else None
