"""Looks at everything Candor needs, one check at a time, and says what to do about what is wrong.

Promises: a check never raises, and changes nothing but building the embedding graph, which the
first search would do too. It may take seconds. What a running server can tell in milliseconds is
`backend/health.py`. The databases are opened here directly and read-only, because the question is
whether the files are sound, not what is in them.
"""

import os
import shutil
import sqlite3
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Protocol, cast

import anyio.to_thread
import apsw
import sqlite_vec
from loguru import logger

from backend.container import Container
from backend.setting_groups.group import MEGABYTE
from backend.setting_groups.models import OFFLINE_MODEL
from backend.settings import names_in_env_file
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import Caller

_OLDEST_PYTHON = (3, 11)
_LITTLE_SPACE = 1024 * MEGABYTE
_NO_SPACE = 100 * MEGABYTE


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do about it."""

    level: Level
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A finding with the name of what was looked at."""

    name: str
    finding: Finding


async def examine(candor: Container) -> AsyncGenerator[Check, None]:
    """Every check, as it is done."""
    for name, look in _CHECKS:
        try:
            finding = await look(candor)
        except CandorError as error:
            finding = Finding(Level.FAIL, f"{error.code}: {error.detail}", error.hint)
        except Exception as error:  # noqa: BLE001  (a doctor goes on whatever is broken)
            logger.opt(exception=error).debug("the check {} failed", name)
            finding = Finding(
                Level.FAIL, f"{type(error).__name__}", "LOG_LEVEL=DEBUG candor doctor shows more."
            )
        yield Check(name, finding)


async def _python(_: Container) -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return Finding(Level.FAIL, found, "Install Python 3.11 or newer.")
    return Finding(Level.OK, found)


async def _sqlite(_: Container) -> Finding:
    return Finding(Level.OK, f"{apsw.sqlite_lib_version()} (apsw {apsw.apsw_version()})")


async def _vectors(_: Container) -> Finding:
    _with_vectors(":memory:").close()
    return Finding(Level.OK, f"{version('sqlite-vec')} loads")


async def _full_text(_: Container) -> Finding:
    if "ENABLE_FTS5" not in apsw.compile_options:
        return Finding(Level.FAIL, "SQLite has no FTS5", "Install apsw from its wheel.")
    return Finding(Level.OK, "FTS5")


async def _settings(candor: Container) -> Finding:
    known = {name.upper() for name in type(candor.settings).model_fields}
    unknown = sorted(names_in_env_file() - known)
    if unknown:
        return Finding(
            Level.WARN,
            f".env sets what Candor does not know: {', '.join(unknown)}",
            "Compare with .env.example; a misspelled name has no effect.",
        )
    return Finding(Level.OK, f"data in {candor.settings.data_dir.absolute()}")


async def _disk(candor: Container) -> Finding:
    folder = candor.settings.data_dir.absolute()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not os.access(there, os.W_OK):
        return Finding(Level.FAIL, f"{there} cannot be written", "Check its permissions.")
    free = shutil.disk_usage(there).free
    level = Level.FAIL if free < _NO_SPACE else Level.WARN if free < _LITTLE_SPACE else Level.OK
    hint = "" if level is Level.OK else "Free some space."
    return Finding(level, f"{free / MEGABYTE / 1024:.1f} GiB free under {there}", hint)


async def _knowledge(candor: Container) -> Finding:
    path = candor.settings.knowledge_path
    if not path.exists():
        return Finding(Level.WARN, "not there yet", "Run: candor ingest samples/documents")
    held = await candor.library.statistics()
    complaint = await anyio.to_thread.run_sync(_damage, path)
    if complaint:
        return Finding(
            Level.FAIL, f"{path}: {complaint}", "Delete it and ingest again: it can be rebuilt."
        )
    if not held.documents:
        return Finding(Level.WARN, f"{path}: empty", "Run: candor ingest samples/documents")
    return Finding(
        Level.OK,
        f"{path}: {held.documents} documents, {held.passages} passages, {held.tables} tables, sound",
    )


async def _embedder(candor: Container) -> Finding:
    if candor.embedder is None:
        return Finding(
            Level.FAIL,
            f"{candor.settings.embedding_model} cannot be used without its key",
            "Set EMBEDDING_API_KEY, or EMBEDDING_MODEL=local.",
        )
    vector = await candor.embedder.embed_query("Does the embedder work?")
    if len(vector) != candor.embedder.dimensions * 4:
        return Finding(Level.FAIL, f"{candor.embedder.id} returns vectors of another length")
    return Finding(
        Level.OK, f"{candor.embedder.id}, {candor.embedder.dimensions} dimensions, works"
    )


async def _index(candor: Container) -> Finding:
    if not candor.settings.knowledge_path.exists():
        return Finding(Level.OK, "nothing is indexed yet")
    held = await candor.library.statistics()
    if held.identity is None or not held.passages:
        return Finding(Level.OK, "nothing is indexed yet")
    own = candor.embedder.id if candor.embedder else held.identity.embedder
    if held.identity.embedder and held.identity.embedder != own:
        return Finding(
            Level.FAIL,
            f"built with {held.identity.embedder}, but {own} is set",
            "Run `candor reindex`, or set EMBEDDING_MODEL back.",
        )
    missing = held.passages - held.vectors
    if missing > 0:
        return Finding(
            Level.WARN,
            f"{missing} of {held.passages} passages have no vector",
            "Run: candor reindex",
        )
    return Finding(Level.OK, f"{held.vectors} vectors by {held.identity.embedder}")


async def _answers(candor: Container) -> Finding:
    path = _sqlite_file(candor.settings.store_url)
    if path is not None and not path.exists():
        return Finding(Level.OK, "not there yet; the first answer makes it")
    found = await candor.answers.answers(Caller(), limit=1)
    complaint = await anyio.to_thread.run_sync(_damage_of_store, path) if path else ""
    if complaint:
        return Finding(Level.FAIL, f"{path}: {complaint}", "Restore it from a backup.")
    return Finding(Level.OK, f"{path or 'the server'}: sound, {'has' if found else 'no'} answers")


async def _model(candor: Container) -> Finding:
    resolved = await anyio.to_thread.run_sync(candor.models.resolve)
    if resolved.name == OFFLINE_MODEL and candor.settings.openai_base_url:
        return Finding(
            Level.WARN,
            f"{resolved.name}, although OPENAI_BASE_URL is set",
            "Name the server's model in CHAT_MODEL, for example openai:llama3.",
        )
    note = "needs no key and no network" if resolved.name == OFFLINE_MODEL else "not asked anything"
    return Finding(Level.OK, f"{resolved.name} ({note})")


async def _reranker(candor: Container) -> Finding:
    told = candor.settings
    return Finding(Level.OK, told.reranker_model if told.reranker_enabled else "off")


async def _samples(_: Container) -> Finding:
    there = await anyio.Path("samples/documents").is_dir()
    return Finding(Level.OK, "samples/documents" if there else "not in this folder")


Look = Callable[[Container], Awaitable[Finding]]

_CHECKS: tuple[tuple[str, Look], ...] = (
    ("python", _python),
    ("sqlite", _sqlite),
    ("sqlite-vec", _vectors),
    ("full text", _full_text),
    ("settings", _settings),
    ("disk", _disk),
    ("embedder", _embedder),
    ("knowledge database", _knowledge),
    ("index", _index),
    ("answers database", _answers),
    ("chat model", _model),
    ("reranker", _reranker),
    ("samples", _samples),
)


class _Pragmas(Protocol):
    """What is used of apsw here; its own annotations are not complete."""

    def pragma(self, name: str, value: int) -> object: ...


def _with_vectors(place: str, flags: int = 6) -> apsw.Connection:
    connection = apsw.Connection(place, flags=flags)
    connection.enable_load_extension(True)
    connection.load_extension(sqlite_vec.loadable_path())
    connection.enable_load_extension(False)
    return connection


def _damage(path: Path) -> str:
    """The first complaint of SQLite's own check; empty when the file is sound."""
    connection = _with_vectors(str(path), apsw.SQLITE_OPEN_READONLY)
    try:
        found = str(cast("_Pragmas", connection).pragma("quick_check", 1))
    except apsw.Error as error:
        return type(error).__name__
    finally:
        connection.close()
    return "" if found == "ok" else found


def _damage_of_store(path: Path) -> str:
    """As `_damage`, with the driver that this file is always opened with."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return type(error).__name__
    finally:
        connection.close()
    return "" if found == "ok" else found


def _sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL; None for a server."""
    scheme, _, rest = url.partition(":///")
    return Path(rest) if scheme.startswith("sqlite") and rest else None
