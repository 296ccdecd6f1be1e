"""Which of the retrieved documents are older versions of another one that was retrieved, too."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from use_cases.kernel.model import Authority, DocumentRef

_VERSION = re.compile(
    r"(?:^|[-_. ()\[])(?:v(?:ersion|er)?[-_. ]?\d+(?:\.\d+)*|rev(?:ision)?[-_. ]?\d+(?:\.\d+)*|"
    r"(?:19|20)\d\d(?:(?:0[1-9]|1[0-2])[0-3]\d|(?:[-_.](?:0[1-9]|1[0-2])(?:[-_.][0-3]\d)?)?)"
    r")(?=$|[-_. ()\]])"
)
"""A version as people write it in file names: `v2`, `version 2.1`, `rev 3`, a year, a date.

A bare number is none: `form-12` and `form-13` are two forms.
"""


def outdated(documents: Iterable[DocumentRef]) -> dict[int, DocumentRef]:
    """For each outdated version id, the document that replaces it among those given.

    Two documents are versions of one another when their file names (in the same folder), stripped
    of version markers and dates, are equal, or when one names the other in `superseded_by`. The
    more authoritative replaces the other, then the later, then the higher version in its name.
    """
    known = {document.version_id: document for document in documents}
    replaced: dict[int, DocumentRef] = {}
    for one in known.values():
        newer = [other for other in known.values() if _replaces(other, one)]
        if newer:
            replaced[one.version_id] = max(newer, key=_standing)
    return replaced


def _replaces(new: DocumentRef, old: DocumentRef) -> bool:
    if new.version_id == old.version_id:
        return False
    if old.superseded_by and PurePosixPath(new.name).name == PurePosixPath(old.superseded_by).name:
        return True
    return _family(new.name) == _family(old.name) and _standing(new) > _standing(old)


def _standing(document: DocumentRef) -> tuple[int, str, tuple[int, ...]]:
    superseded = document.superseded_by is not None
    authority = Authority.SUPERSEDED if superseded else document.authority
    return (int(authority), document.updated.isoformat(), _number(document.name))


def _number(name: str) -> tuple[int, ...]:
    """The version in a file name as numbers; files uploaded on one day differ in nothing else."""
    found = _VERSION.search(PurePosixPath(name).stem.lower())
    return tuple(int(n) for n in re.findall(r"\d+", found.group())) if found else ()


def _family(name: str) -> str:
    path = PurePosixPath(name)
    stem = path.stem.lower()
    rest = re.sub(r"[-_. ()\[\]]+", " ", _VERSION.sub(" ", stem)).strip()
    return f"{path.parent}/{rest or stem}"
