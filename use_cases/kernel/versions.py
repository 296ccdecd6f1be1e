"""The rule of recency: a more authoritative, then a later version replaces another.

Search marks and orders by it, offline answers quote and compare by it. Pure; it considers only the
given documents.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import PurePosixPath

from use_cases.kernel.model import Authority, DocumentRef

_VERSION = re.compile(
    r"(?:^|[-_. ()\[])(?:v(?:ersion|er)?[-_. ]?\d+(?:\.\d+)*|rev(?:ision)?[-_. ]?\d+(?:\.\d+)*|"
    r"(?:19|20)\d\d(?:(?:0[1-9]|1[0-2])[0-3]\d|(?:[-_.](?:0[1-9]|1[0-2])(?:[-_.][0-3]\d)?)?)"
    r")(?=$|[-_. ()\]])"
)
"""A version in a file name: `v2`, `version 2.1`, `rev 3`, a year, a date.

A bare number is none: `form-12` and `form-13` are two forms.
"""

_NAMES = 4096
"""The names whose parts are kept: a busy server needs the same ones with every search."""


def outdated(documents: Iterable[DocumentRef]) -> dict[int, DocumentRef]:
    """Maps each outdated version id to the document among the given ones that replaces it.

    Two documents are versions of one another when their file names (in the same folder), stripped
    of version markers and dates, are equal, or when one names the other in `superseded_by`. The
    more authoritative replaces the other, then the later, then the higher version in its name.
    """
    known = {document.version_id: document for document in documents}
    families: dict[str, list[DocumentRef]] = {}
    called: dict[str, list[DocumentRef]] = {}
    for document in known.values():
        families.setdefault(_family(document.name), []).append(document)
        called.setdefault(_file_name(document.name), []).append(document)
    replaced: dict[int, DocumentRef] = {}
    for old in known.values():
        rank = standing(old)
        newer = [new for new in families[_family(old.name)] if standing(new) > rank]
        if old.superseded_by:
            named = called.get(_file_name(old.superseded_by), [])
            newer += [new for new in named if new.version_id != old.version_id]
        if newer:
            replaced[old.version_id] = max(newer, key=standing)
    return replaced


def standing(document: DocumentRef) -> tuple[int, str, tuple[int, ...]]:
    """Returns the sort key of a document's versions: authority, date, version in its name."""
    superseded = document.superseded_by is not None
    authority = Authority.SUPERSEDED if superseded else document.authority
    return (int(authority), document.updated.isoformat(), version_number(document.name))


@lru_cache(maxsize=_NAMES)
def version_number(name: str) -> tuple[int, ...]:
    """Returns the version in a file name as numbers, empty without one."""
    found = _VERSION.search(PurePosixPath(name).stem.lower())
    return tuple(int(n) for n in re.findall(r"\d+", found.group())) if found else ()


@lru_cache(maxsize=_NAMES)
def _family(name: str) -> str:
    path = PurePosixPath(name)
    stem = path.stem.lower()
    rest = re.sub(r"[-_. ()\[\]]+", " ", _VERSION.sub(" ", stem)).strip()
    return f"{path.parent}/{rest or stem}"


@lru_cache(maxsize=_NAMES)
def _file_name(name: str) -> str:
    return PurePosixPath(name).name
