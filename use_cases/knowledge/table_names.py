"""What is told when a table is not called as its file is: another document has the name already.

Two files of one name are both loaded, and a query must say which it means. Leaves it to the
`Library` which name a table gets.
"""

from collections.abc import Iterator

from use_cases.kernel.model import DocumentRef
from use_cases.knowledge.model import PreparedDocument
from use_cases.knowledge.ports import Library

_MOST_NAMED = 3


async def renamed(library: Library, stored: DocumentRef, document: PreparedDocument) -> str | None:
    """A sentence on the tables of a stored document that got other names; None where none did."""
    if not document.tables:
        return None
    names = await library.table_names(stored.document_id)
    wanted = [table.name for table in document.tables]
    pairs = list(_pairs(wanted, [name for name in names if name not in wanted], set(names)))
    if not pairs:
        return None
    told = "; ".join(f"`{new}`, because `{old}` is taken" for old, new in pairs[:_MOST_NAMED])
    more = f"; and {len(pairs) - _MOST_NAMED} more" if len(pairs) > _MOST_NAMED else ""
    return f"{document.name} is loaded as the table {told}{more}."


def _pairs(wanted: list[str], new: list[str], stored: set[str]) -> Iterator[tuple[str, str]]:
    """Each name that was not given, with the one that was: the old one and what was added to it."""
    for old in sorted(set(wanted) - stored, key=len, reverse=True):
        found = next((name for name in new if name.startswith((old, f"t_{old}"))), None)
        if found is not None:
            new.remove(found)
            yield old, found
