"""The detection of a moved folder: added documents that are already stored from elsewhere. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from shlex import quote
from urllib.parse import unquote

from use_cases.knowledge.model import Fingerprint, SourceFile

_FILE = "file://"


def moved_notice(added: Sequence[SourceFile], stored: Mapping[str, Fingerprint]) -> str | None:
    """Return a sentence on the most likely moved folder, with the command that removes it.

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
    """Return the end of the URI that corresponds to the name."""
    return "/".join(file.uri.rsplit("/", len(PurePosixPath(file.name).parts))[1:])
