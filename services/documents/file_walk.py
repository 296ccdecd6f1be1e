"""The walk of a folder for files that may be documents.

Promises: a stable order, each file once however many links lead to it, and an end despite loops and
vanishing files. An unreadable folder is reported, not skipped. Hidden and generated files, and those
that `.candorignore` names, are left out; ignored folders are not entered.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.documents.ignore_rules import Ignored, read_ignore_rules

_EXCLUDED = frozenset({"node_modules", "__pycache__", "tables.yaml"})


@dataclass(frozen=True, slots=True)
class WalkEntry:
    """A regular file, or (without `status`) a folder that could not be listed.

    `path` is its resolved path, `name` its path relative to the root.
    """

    path: Path
    name: str
    status: os.stat_result | None


def walk(root: Path) -> list[WalkEntry]:
    """Return the files below the resolved folder `root`, by name.

    Raises `OSError` when the root itself cannot be listed, `SourceBroken` for its `.candorignore`.
    """
    ignored = read_ignore_rules(root)
    found: dict[Path, WalkEntry] = {}
    links: list[tuple[Path, str]] = []
    seen: set[Path] = {root}
    folders = [(root, "")]
    while folders or links:
        # Links come last, so that a file keeps its own name where it has one.
        if not folders:
            folders.extend(_follow_link(root, *links.pop(0), seen, found))
            continue
        folder, name = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            if folder == root:
                raise
            found[folder] = WalkEntry(folder, name, None)
            continue
        for path, below, is_link in _candidates(entries, name, ignored):
            if is_link:
                links.append((path, below))
            else:
                folders.extend(_take(path, below, seen, found))
    return sorted(found.values(), key=lambda one: one.name)


def is_excluded(name: str) -> bool:
    """Return whether a file or folder of this name is hidden, or never a document."""
    return name.startswith(".") or name in _EXCLUDED


def _candidates(
    entries: list["os.DirEntry[str]"], name: str, ignored: Ignored
) -> Iterator[tuple[Path, str, bool]]:
    for entry in entries:
        below = f"{name}/{entry.name}" if name else entry.name
        if not is_excluded(entry.name) and not ignored(
            below + "/" * entry.is_dir(follow_symlinks=False)
        ):
            yield Path(entry.path), below, entry.is_symlink()


def _follow_link(
    root: Path, link: Path, name: str, seen: set[Path], found: dict[Path, WalkEntry]
) -> list[tuple[Path, str]]:
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):  # broken, or a loop of links
        return []
    return _take(target, name, seen, found) if target.is_relative_to(root) else []


def _take(
    path: Path, name: str, seen: set[Path], found: dict[Path, WalkEntry]
) -> list[tuple[Path, str]]:
    """Keep a file; return a folder that was not walked yet."""
    try:
        status = path.lstat()
    except OSError:  # it vanished after its folder was listed
        return []
    if stat.S_ISDIR(status.st_mode):
        if path in seen:
            return []
        seen.add(path)
        return [(path, name)]
    if stat.S_ISREG(status.st_mode):  # a pipe or device would block for ever
        found.setdefault(path, WalkEntry(path, name, status))
    return []
