"""The person's own wish about searching: `/search` and `/nosrch`, in a field or in the message.

In a message only the first and the last word count, as they stand, in any case; a word in quotes,
in the middle, or on a quoted line (`> …`) is text. A message with both is refused: a guess would be
wrong half of the time.
"""

import re

from use_cases.advice.errors import SearchOverrideAlone, SearchOverrideConflict
from use_cases.advice.search_rules.verdict import SearchOverride
from use_cases.kernel.errors import InvalidInput

_WORD = "|".join(override.value for override in SearchOverride)
_FIRST = re.compile(rf"\A(?:\s*(?:{_WORD})(?=\s|\Z))+\s*", re.IGNORECASE)
# Applied to the reversed text: a search for the end of a text from each of its places is quadratic.
_LAST = re.compile(rf"\A(?:\s*(?:{_WORD[::-1]})(?=\s|\Z))+\s*", re.IGNORECASE)


def read_override(query: str, field: str | None = None) -> tuple[str, SearchOverride | None]:
    """The query without its override words, and what the person wants.

    Raises `SearchOverrideConflict` when both are said, `SearchOverrideAlone` when nothing else is,
    `InvalidInput` for a field that is neither. A blank field is none.
    """
    wanted = set[SearchOverride]()
    if field is not None and field.strip():
        wanted.add(_of_field(field))
    rest, said = _strip(query)
    wanted |= said
    if len(wanted) > 1:
        raise SearchOverrideConflict(
            "The request says both /search and /nosrch; it is not known which one is meant."
        )
    if said and not rest:
        raise SearchOverrideAlone("The message holds a search override and no question.")
    return rest, next(iter(wanted), None)


def _of_field(field: str) -> SearchOverride:
    try:
        return SearchOverride(field.strip().lower())
    except ValueError:
        raise InvalidInput(
            f"{field.strip()[:40]!r} is no search override.",
            hint="Send /search to search, /nosrch not to, or leave the field out.",
        ) from None


def _strip(query: str) -> tuple[str, set[SearchOverride]]:
    """Repeated words go too (`/search /search …`): none of them may reach the model."""
    said = ""
    if first := _FIRST.match(query):
        said, query = first[0], query[first.end() :]
    if not _is_quoted(query) and (last := _LAST.match(query[::-1])):
        cut = len(query) - last.end()
        said, query = f"{said} {query[cut:]}", query[:cut]
    return query, {SearchOverride(word) for word in said.lower().split()}


def _is_quoted(query: str) -> bool:
    return query.rstrip().rpartition("\n")[2].lstrip().startswith(">")
