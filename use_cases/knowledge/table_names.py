"""The notice about a table whose name differs from its file's, because the name was taken.

Two files of one name are both loaded, and a query must name the right one.
Leaves to others: the choice of the name (`Library`).
"""

from collections.abc import Iterator

from use_cases.kernel.model import DocumentRef
from use_cases.knowledge.model import PreparedDocument
from use_cases.knowledge.ports import Library

_MOST_NAMED = 3


async def renamed_notice(
    library: Library, stored: DocumentRef, document: PreparedDocument
) -> str | None:
    """Return a sentence on a stored document's renamed tables; None without any."""
    if not document.tables:
        return None
    names = await library.table_names(stored.document_id)
    wanted = [table.name for table in document.tables]
    pairs = list(_pairs(wanted, [name for name in names if name not in wanted], set(names)))
    if not pairs:
        return None
    renames = "; ".join(f"`{new}`, because `{old}` is taken" for old, new in pairs[:_MOST_NAMED])
    more = f"; and {len(pairs) - _MOST_NAMED} more" if len(pairs) > _MOST_NAMED else ""
    return f"{document.name} is loaded as the table {renames}{more}."


def _pairs(wanted: list[str], new: list[str], stored: set[str]) -> Iterator[tuple[str, str]]:
    """Yield each taken name with its replacement, which is the old name with a suffix."""
    for old in sorted(set(wanted) - stored, key=len, reverse=True):
        found = next((name for name in new if name.startswith((old, f"t_{old}"))), None)
        if found is not None:
            new.remove(found)
            yield old, found
