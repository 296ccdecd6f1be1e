"""Files in memory, with the troubles that real ones have."""

from collections.abc import AsyncIterator, Mapping
from datetime import date
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import DateOrigin
from use_cases.knowledge.errors import SourceEmpty, SourceNotFound, SourceUnreadable
from use_cases.knowledge.model import SourceFile

MODIFIED = date(2026, 1, 2)


class MemorySources:
    """Port `Sources` over a dict from absolute path to bytes.

    `broken` maps paths to the error that reading them raises; `folders` exist though empty;
    `modified` is the date of all files.
    """

    def __init__(self, files: Mapping[str, bytes], *, folders: tuple[str, ...] = ()) -> None:
        self.content = dict(files)
        self.broken: dict[str, CandorError] = {}
        self.folders = set(folders)
        self.modified = MODIFIED

    async def files(self, root: str) -> AsyncIterator[SourceFile]:
        """The files at or below the root, by path; broken ones too, whether they exist or not."""
        root = root.rstrip("/")
        paths = sorted(p for p in {*self.content, *self.broken} if not p.endswith("/tables.yaml"))
        found = [path for path in paths if path == root or path.startswith(root + "/")]
        if not found and root not in self.folders:
            raise SourceNotFound(f"{root} does not exist.")
        for path in found:
            name = path.removeprefix(root).lstrip("/") or PurePosixPath(path).name
            size = len(self.content.get(path, b""))
            yield SourceFile("file://" + quote(path), name, size, self.modified, DateOrigin.FILE)

    async def read(self, source: SourceFile) -> bytes:
        """The bytes, or the trouble planted in `broken`."""
        path = unquote(source.uri.removeprefix("file://"))
        if path in self.broken:
            raise self.broken[path]
        if path not in self.content:
            raise SourceUnreadable(f"{path} has gone.")
        if not self.content[path]:
            raise SourceEmpty(f"{path} is empty.")
        return self.content[path]

    async def sidecar(self, source: SourceFile) -> bytes | None:
        """`tables.yaml` beside a CSV file."""
        path = PurePosixPath(unquote(source.uri.removeprefix("file://")))
        if path.suffix != ".csv":
            return None
        return self.content.get(str(path.parent / "tables.yaml"))

    def root_uri(self, root: str) -> str:
        """The URI of the root itself if it is a file, else with a slash at its end."""
        root = root.rstrip("/")
        return "file://" + quote(root) + ("" if root in self.content else "/")
