"""The roots of an ingestion: their union, what is missing, and what moved. Pure.

Promises: a file in several roots is ingested once; a stored document counts as missing only when
every root above it was read completely.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from shlex import quote
from urllib.parse import unquote

from use_cases.knowledge.errors import SourceNotFound, SourceUnreadable
from use_cases.knowledge.model import Change, FileOutcome, Fingerprint, SourceFile

_OUT_OF_SIGHT = frozenset({SourceNotFound.code, SourceUnreadable.code})


@dataclass(frozen=True, slots=True)
class Root:
    """A requested file or folder, its URI, and the files found; or its error."""

    path: str
    uri: str | None
    files: Sequence[SourceFile]
    trouble: FileOutcome | None = None

    def holds(self, uri: str) -> bool:
        """Returns whether the URI is the root's own or below it."""
        own = self.uri
        return own is not None and (uri == own or uri.startswith(own.rstrip("/") + "/"))


@dataclass(frozen=True, slots=True)
class RootedSource:
    """A file to ingest, or the error of a root; and the root."""

    root: Root
    file: SourceFile | FileOutcome
    is_requested: bool
    """True if this file alone was requested: then it may not be skipped."""

    @property
    def requested_name(self) -> str:
        """The name below the requested path, which distinguishes the files of two roots."""
        path, name = self.root.path, self.file.name
        own = isinstance(self.file, FileOutcome) or self.file.uri == self.root.uri
        return path if own else f"{path.rstrip('/')}/{name}"


@dataclass(frozen=True, slots=True)
class SourceOutcome:
    """A source with its outcome."""

    source: RootedSource
    outcome: FileOutcome


def unique_sources(found: Sequence[Root]) -> Sequence[RootedSource]:
    """Returns every file of every root once; a file in several roots belongs to the first."""
    sources: dict[str, RootedSource] = {}
    for number, root in enumerate(found):
        if root.trouble is not None:
            sources[f"{number}"] = RootedSource(root, root.trouble, is_requested=True)
        for file in root.files:
            is_requested = len(found) == 1 and file.uri == root.uri
            sources.setdefault(file.uri, RootedSource(root, file, is_requested))
    return list(sources.values())


def find_missing(
    found: Sequence[Root], known: Mapping[str, Fingerprint], done: Sequence[SourceOutcome]
) -> tuple[Mapping[str, Root], Sequence[str]]:
    """Returns the stored documents whose file is certainly missing, by root; and all doubts.

    A document in two roots is missing only if neither of them is in doubt.
    """
    there = {file.uri for root in found for file in root.files}
    missing = sorted(known.keys() - there)
    gone: dict[str, Root] = {}
    doubtful: set[str] = set()
    doubts: list[str] = []
    for root in found:
        its = [uri for uri in missing if root.holds(uri)]
        gone.update((uri, root) for uri in its if uri not in gone)
        unseen = sum(
            isinstance(one.source.file, SourceFile)
            and root.holds(one.source.file.uri)
            and one.outcome.code in _OUT_OF_SIGHT
            for one in done
        )
        doubt = _doubt(root, len(its), unseen)
        if doubt is not None:
            doubtful.update(its)
            doubts.append(doubt)
    return {uri: root for uri, root in gone.items() if uri not in doubtful}, doubts


def _doubt(root: Root, gone: int, unseen: int) -> str | None:
    """Returns the reason to remove nothing although files seem missing; None without doubt."""
    if not gone:
        return None
    if not root.files:
        return (
            f"No file was found in {root.path!r}, so none of its {gone} stored documents was"
            " removed. If the folder is empty on purpose, remove them:"
            f" candor documents remove --folder {quote(root.path)}"
        )
    if unseen:
        return (
            f"{unseen} files or folders in {root.path!r} could not be opened, so none of the"
            f" {gone} documents that seem to have gone was removed."
        )
    return None


def kept_notice(
    how: Change, done: Sequence[SourceOutcome], known: Mapping[str, Fingerprint]
) -> str | None:
    """Returns a notice of the files with this outcome that are stored already; None without any."""
    kept = sum(
        one.outcome.change is how
        and isinstance(one.source.file, SourceFile)
        and one.source.file.uri in known
        for one in done
    )
    keep = "keeps its" if kept == 1 else "keep their"
    return f"{kept} of the {how} files {keep} stored version." if kept else None


_FILE = "file://"


def moved_notice(added: Sequence[SourceFile], stored: Mapping[str, Fingerprint]) -> str | None:
    """Returns a sentence on the most likely moved folder, with the command that removes it.

    At least half of its documents (`stored` are all stored ones) were added again: the same content
    at the same place below another folder.
    """
    by_content: defaultdict[str, list[str]] = defaultdict(list)
    for uri, mark in stored.items():
        by_content[mark.content_hash].append(uri)
    new = {file.uri for file in added}
    copies: Counter[str] = Counter()
    for file in added:
        place = "/" + _place(file)
        for uri in by_content[stored[file.uri].content_hash] if file.uri in stored else ():
            if uri not in new and uri.startswith(_FILE) and uri.endswith(place):
                copies[uri.removesuffix(place) + "/"] += 1
    if not copies:
        return None
    folder, count = copies.most_common(1)[0]
    held = sum(uri.startswith(folder) for uri in stored if uri not in new)
    if 2 * count < held:
        return None
    path = unquote(folder.removeprefix(_FILE)).rstrip("/") or "/"
    return (
        f"{count} of the added documents {'is' if count == 1 else 'are'} stored from {path} too. If that folder was moved or"
        f" renamed, remove its documents: candor documents remove --folder {quote(path)}"
    )


def _place(file: SourceFile) -> str:
    """Returns the end of the URI that corresponds to the name."""
    return "/".join(file.uri.rsplit("/", len(PurePosixPath(file.name).parts))[1:])
