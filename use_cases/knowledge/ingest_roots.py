"""What several files and folders hold together, and what of them has gone for certain. Pure.

Promises: a file that several roots hold is done once; a stored document counts as gone only when
every root it lies below was seen whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from use_cases.knowledge.errors import SourceNotFound, SourceUnreadable
from use_cases.knowledge.model import Change, FileOutcome, Fingerprint, SourceFile

_OUT_OF_SIGHT = frozenset({SourceNotFound.code, SourceUnreadable.code})


@dataclass(frozen=True, slots=True)
class Root:
    """A file or folder as it was asked for, its URI, and the files found; or why it has none."""

    path: str
    uri: str | None
    files: Sequence[SourceFile]
    trouble: FileOutcome | None = None

    def holds(self, uri: str) -> bool:
        """Whether the URI is the root's own or below it."""
        own = self.uri
        return own is not None and (uri == own or uri.startswith(own.rstrip("/") + "/"))


@dataclass(frozen=True, slots=True)
class Source:
    """A file to do, or what is to be said of a root that has none; and the root it was found in."""

    root: Root
    file: SourceFile | FileOutcome
    asked_for: bool
    """Whether this very file was asked for, and nothing else: it may not be skipped then."""

    @property
    def asked_name(self) -> str:
        """The name below the path that was typed, which tells two roots' files apart."""
        path, name = self.root.path, self.file.name
        own = isinstance(self.file, FileOutcome) or self.file.uri == self.root.uri
        return path if own else f"{path.rstrip('/')}/{name}"


@dataclass(frozen=True, slots=True)
class Done:
    """A source and what became of it."""

    source: Source
    outcome: FileOutcome


def each_once(found: Sequence[Root]) -> Sequence[Source]:
    """Every file of every root; one that several roots hold belongs to the first."""
    sources: dict[str, Source] = {}
    for number, root in enumerate(found):
        if root.trouble is not None:
            sources[f"{number}"] = Source(root, root.trouble, asked_for=True)
        for file in root.files:
            asked_for = len(found) == 1 and file.uri == root.uri
            sources.setdefault(file.uri, Source(root, file, asked_for))
    return list(sources.values())


def gone_of(
    found: Sequence[Root], known: Mapping[str, Fingerprint], done: Sequence[Done]
) -> tuple[Mapping[str, Root], Sequence[str]]:
    """The stored documents whose file has gone for certain, with their root; and all doubts.

    A document that two roots hold has gone only if neither of them is in doubt.
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
    """Why nothing may be removed although files seem to have gone; None when all is certain."""
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


def kept_notice(how: Change, done: Sequence[Done], known: Mapping[str, Fingerprint]) -> str | None:
    """How many of the files that ended so are stored already; None when none is."""
    kept = sum(
        one.outcome.change is how
        and isinstance(one.source.file, SourceFile)
        and one.source.file.uri in known
        for one in done
    )
    return f"{kept} of the {how} files keep their stored version." if kept else None
