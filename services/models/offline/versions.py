"""Which of the retrieved documents are older versions of another one that was retrieved, too."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from use_cases.kernel.model import Authority, DocumentRef

_VERSION = re.compile(
    r"(?:[-_. ]|\b)(?:v(?:ersion)?[-_. ]?\d+(?:[.\d]*\d)?|(?:19|20)\d\d(?:[-_.]\d\d){0,2}|rev[-_. ]?\d+|"
    r"\d+(?:\.\d+)*)(?=$|[-_. ])"
)


def outdated(documents: Iterable[DocumentRef]) -> dict[int, DocumentRef]:
    """For each outdated version id, the document that replaces it among those given.

    Two documents are versions of one another when their file names (in the same folder), stripped
    of version numbers and years, are equal, or when one names the other in `superseded_by`.
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


def _standing(document: DocumentRef) -> tuple[int, str]:
    superseded = document.superseded_by is not None
    authority = Authority.SUPERSEDED if superseded else document.authority
    return (int(authority), document.updated.isoformat())


def _family(name: str) -> str:
    path = PurePosixPath(name)
    return f"{path.parent}/{_VERSION.sub('', path.stem.lower()) or path.stem}"
