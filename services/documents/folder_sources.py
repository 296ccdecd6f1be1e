"""The port `Sources` over folders of this machine: files, their dates and their bytes.

Promises: the walk has a stable order, meets each file once however many links lead to it, ends despite
loops and vanishing files, and reports unreadable folders. Hidden and generated files are left out, and
those that the folder's own `.candorignore` names; where that cannot be understood the walk ends, because
it may name private files. Nothing outside the root is read; a file that is no document by its name, or
over the limit, is refused before it is read. The date of a file is that of its last commit where git
reports it unchanged, else its modification date; no git, a broken repository or a slow one is no error.
"""

import os
import shutil
import stat
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import TypeAlias
from urllib.parse import unquote_to_bytes, urlsplit

from anyio import to_thread
from loguru import logger

from services.documents.decoding import refuse_non_document
from use_cases.kernel.model import DateOrigin
from use_cases.knowledge.errors import (
    SourceBroken,
    SourceEmpty,
    SourceNotFound,
    SourceTooLarge,
    SourceUnreadable,
)
from use_cases.knowledge.model import SourceFile

IGNORE_FILE = ".candorignore"

Ignored: TypeAlias = Callable[[str], bool]
"""A predicate over names below the root, true for those to leave out; a folder's ends with `/`."""


def _ignore_rules(root: Path) -> Ignored:
    """Reads the rules of the file in `root`; without a file nothing is ignored.

    Raises `SourceBroken`, and `OSError` when it cannot be read.
    """
    if not (root / IGNORE_FILE).exists():
        return lambda _: False
    # Imported here because most folders have no such file.
    from pathspec import GitIgnoreSpec

    try:
        lines = (root / IGNORE_FILE).read_text(encoding="utf-8-sig").splitlines()
        return GitIgnoreSpec.from_lines(lines).match_file
    except ValueError as error:
        raise SourceBroken(
            f"{IGNORE_FILE} cannot be understood: {error}.",
            hint="It is text in UTF-8, with the patterns of .gitignore.",
        ) from error


_EXCLUDED = frozenset({"node_modules", "__pycache__", "tables.yaml"})
"""Names of files and folders that are never a document, beside hidden ones."""


def _walk(root: Path) -> dict[Path, SourceFile]:
    """Returns the regular files below the resolved folder `root`, and the folders that cannot be listed.

    Raises `OSError` when the root itself cannot be listed, `SourceBroken` for its `.candorignore`.
    """
    ignored = _ignore_rules(root)
    found: dict[Path, SourceFile] = {}
    seen = set[Path]()
    places, links = [(root, "")], list[tuple[Path, str]]()
    while places or links:
        # Links come last, so that a file keeps its own name where it has one.
        path, name = places.pop() if places else links.pop(0)
        try:
            path = path.resolve(strict=True)
            status = path.lstat()
        except (OSError, RuntimeError):
            # It is broken, a loop of links, or vanished since its folder was listed.
            continue
        if not path.is_relative_to(root) or path in seen:
            continue
        if stat.S_ISREG(status.st_mode):  # a pipe or device would block for ever
            found.setdefault(path, _source(path, name, status))
        if not stat.S_ISDIR(status.st_mode):
            continue
        seen.add(path)
        try:
            entries = sorted(os.scandir(path), key=lambda entry: entry.name)
        except OSError:
            if path == root:
                raise
            found[path] = _source(path, name, status)
            continue
        for entry in entries:
            below = f"{name}/{entry.name}" if name else entry.name
            mark = "/" * entry.is_dir(follow_symlinks=False)
            is_excluded = entry.name.startswith(".") or entry.name in _EXCLUDED
            if not is_excluded and not ignored(below + mark):
                (links if entry.is_symlink() else places).append((Path(entry.path), below))
    return found


_TIMEOUT = 60
_COMMIT = b"\x01"


def _commit_dates(folder: Path, where: str) -> Mapping[Path, date]:
    """Returns the day of the last commit of each unchanged file of `folder` that `where` names."""
    log = _git(folder, "log", "-z", "--name-only", "--no-renames", "--relative", "--format=%x01%cs", "--", where)  # fmt: skip
    if not log:
        return {}
    dates: dict[bytes, date] = {}
    day = date.min
    for part in log.split(b"\x00"):
        if part.startswith(_COMMIT):
            day = date.fromisoformat(part[1:].decode("ascii"))
        elif part:
            dates.setdefault(part.removeprefix(b"\n"), day)
    changed = _git(folder, "diff", "-z", "--name-only", "--no-ext-diff", "--relative", "HEAD", "--", where)  # fmt: skip
    for name in changed.split(b"\x00"):
        dates.pop(name, None)
    return {folder / os.fsdecode(name): day for name, day in dates.items()}


def _git(folder: Path, *arguments: str) -> bytes:
    """Returns git's output, or nothing. The folder's settings cannot start other programs."""
    program = shutil.which("git")
    if program is None:
        return b""
    safe = ("-c", "core.fsmonitor=false", "-c", "log.showSignature=false")
    command = (program, "-C", str(folder), *safe, "--no-pager", "--no-optional-locks",
               "--literal-pathspecs", *arguments)  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT, check=True)  # noqa: S603 - the program is git, the arguments are ours and one folder
    except (subprocess.SubprocessError, OSError) as error:
        logger.debug("no dates from git for {folder}: {error!r}", folder=folder, error=error)
        return b""
    return done.stdout


_TABLE_FILES = frozenset({".csv", ".tsv", ".tab", ".xlsx"})
_DESCRIPTION = "tables.yaml"
_LARGEST_DESCRIPTION = 256 * 1024
"""The bytes of it that are read: YAML takes about a second for each 100 kB."""


class FolderSources:
    """Files below a folder, or one file. `max_file_bytes` bounds the memory of `read`."""

    def __init__(self, max_file_bytes: int) -> None:
        self._max_file_bytes = max_file_bytes

    async def files(self, root: str) -> AsyncIterator[SourceFile]:
        """Sees `Sources.files`. The folder is walked once, before the first file is yielded."""
        for source in await to_thread.run_sync(_list_files, root):
            yield source

    async def read(self, source: SourceFile) -> bytes:
        """Sees `Sources.read`."""
        return await to_thread.run_sync(self._read, source)

    async def sidecar(self, source: SourceFile) -> bytes | None:
        """Sees `Sources.sidecar`."""
        if PurePosixPath(source.name).suffix.lower() not in _TABLE_FILES:
            return None
        return await to_thread.run_sync(_read_description, _path(source.uri))

    def root_uri(self, root: str) -> str:
        """Returns a folder's URI with a `/` at its end, or a file's URI, which only that file matches."""
        path = Path(root).resolve()
        uri = path.as_uri()
        return uri.rstrip("/") + "/" if path.is_dir() else uri

    def _read(self, source: SourceFile) -> bytes:
        path = _path(source.uri)
        limit = self._max_file_bytes
        try:
            if path.is_dir():
                raise SourceUnreadable(f"The folder {source.name!r} cannot be listed.")
            refuse_non_document(source.name)
            with path.open("rb") as file:
                content = file.read(limit + 1)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise SourceUnreadable(f"{source.name!r} cannot be read: {why}.") from error
        if len(content) > limit:
            raise SourceTooLarge(f"{source.name!r} has more than {limit:,} bytes.")
        if not content or content.isspace():
            raise SourceEmpty("The file is empty.", hint="Write something into it.")
        return content


def _list_files(root: str) -> list[SourceFile]:
    if not root:  # an unset variable, not the current folder
        raise SourceNotFound("The path is empty.")
    try:
        path = Path(root).resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise SourceNotFound(f"There is no file or folder {root!r}.") from error
    try:
        if path.is_dir():
            found, committed = _walk(path), _commit_dates(path, ".")
        else:
            found = {path: _source(path, path.name, path.stat())}
            committed = _commit_dates(path.parent, path.name)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise SourceUnreadable(f"{root!r} cannot be listed: {why}.") from error
    for path in found.keys() & committed.keys():
        found[path] = replace(found[path], modified=committed[path], date_origin=DateOrigin.GIT)
    return sorted(found.values(), key=lambda source: source.name)


def _source(path: Path, name: str, status: os.stat_result) -> SourceFile:
    return SourceFile(
        uri=path.as_uri(),
        # A file name need not be UTF-8, but a stored name must be.
        name=os.fsencode(name).decode("utf-8", "replace"),
        size=status.st_size,
        modified=datetime.fromtimestamp(max(status.st_mtime, 0.0), UTC).date(),
        date_origin=DateOrigin.FILE,
    )


def _path(uri: str) -> Path:
    """Returns the path of a `file:` URI from `Path.as_uri`, for any bytes in its name."""
    return Path(os.fsdecode(unquote_to_bytes(urlsplit(uri).path)))


def _read_description(path: Path) -> bytes | None:
    with suppress(OSError), (path.parent / _DESCRIPTION).open("rb") as file:
        return file.read(_LARGEST_DESCRIPTION)
    return None
