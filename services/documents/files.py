"""The port `Sources` over folders of this machine: files, their dates and their bytes.

Promises: the walk ends and reports unreadable folders; nothing outside the root is read; a file that
is no document by its name, or over the limit, is refused before it is read. The date of a file is
that of its last commit where git reports it unchanged, else its modification date.
"""

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote_to_bytes, urlsplit

from anyio import to_thread

from services.documents.file_walk import WalkEntry, walk
from services.documents.history import commit_dates
from services.documents.kinds import refuse_non_document
from use_cases.kernel.model import DateOrigin
from use_cases.knowledge.errors import SourceEmpty, SourceNotFound, SourceTooLarge, SourceUnreadable
from use_cases.knowledge.model import SourceFile

_TABLE_FILES = frozenset({".csv", ".tsv", ".tab", ".xlsx"})
_DESCRIPTION = "tables.yaml"
_LARGEST_DESCRIPTION = 1_000_000


class FolderSources:
    """Files below a folder, or one file. `max_file_bytes` bounds the memory of `read`."""

    def __init__(self, max_file_bytes: int) -> None:
        self._max_file_bytes = max_file_bytes

    async def files(self, root: str) -> AsyncIterator[SourceFile]:
        """See `Sources.files`. The folder is walked once, before the first file is yielded."""
        for source in await to_thread.run_sync(_list_files, root):
            yield source

    async def read(self, source: SourceFile) -> bytes:
        """See `Sources.read`."""
        return await to_thread.run_sync(self._read, source)

    async def sidecar(self, source: SourceFile) -> bytes | None:
        """See `Sources.sidecar`."""
        if PurePosixPath(source.name).suffix.lower() not in _TABLE_FILES:
            return None
        return await to_thread.run_sync(_read_description, _path(source.uri))

    def root_uri(self, root: str) -> str:
        """Return a folder's URI with a `/` at its end, or a file's URI, which only that file matches."""
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
                size = os.fstat(file.fileno()).st_size
                # One byte more than allowed shows a file that has grown since.
                content = file.read(limit + 1) if size <= limit else b""
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise SourceUnreadable(f"{source.name!r} cannot be read: {why}.") from error
        if max(size, len(content)) > limit:
            raise SourceTooLarge(
                f"{source.name!r} has {max(size, len(content)):,} bytes; the limit is {limit:,}."
            )
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
        if not path.is_dir():
            return [*_sources([WalkEntry(path, path.name, path.stat())], path.parent, path.name)]
        return [*_sources(walk(path), path)]
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise SourceUnreadable(f"{root!r} cannot be listed: {why}.") from error


def _sources(found: list[WalkEntry], folder: Path, only: str | None = None) -> Iterator[SourceFile]:
    committed = commit_dates(folder, only)
    for one in found:
        seconds = one.status.st_mtime if one.status is not None else 0.0
        own = datetime.fromtimestamp(max(seconds, 0.0), UTC).date()
        day = committed.get(one.path)
        yield SourceFile(
            uri=one.path.as_uri(),
            # A file name need not be UTF-8, but a stored name must be.
            name=os.fsencode(one.name).decode("utf-8", "replace"),
            size=one.status.st_size if one.status is not None else 0,
            modified=own if day is None else day,
            date_origin=DateOrigin.FILE if day is None else DateOrigin.GIT,
        )


def _path(uri: str) -> Path:
    """Return the path of a `file:` URI from `Path.as_uri`, for any bytes in its name."""
    return Path(os.fsdecode(unquote_to_bytes(urlsplit(uri).path)))


def _read_description(path: Path) -> bytes | None:
    try:
        with (path.parent / _DESCRIPTION).open("rb") as file:
            return file.read(_LARGEST_DESCRIPTION)
    except OSError:
        return None
