"""Names of tables and columns that are safe in SQL and recognisable.

`Target (%)` becomes `target_pct`. Promises: distinct lower-case identifiers of letters, digits and
underscores that need no quotes and are no keywords of SQL. Letters of other scripts stay, accents
are dropped.
"""

import re
import unicodedata
from collections.abc import Iterable

MAX_NAME_CHARACTERS = 60

_SYMBOLS = {"%": " pct ", "&": " and ", "#": " number ", "€": " eur ", "$": " usd ", "£": " gbp "}

# fmt: off
# Words that SQLite or PostgreSQL reserve, or that name a row; as names they would need quotes.
_KEYWORDS = frozenset((
    "abort", "action", "add", "after", "all", "alter", "always", "analyse", "analyze", "and",
    "any", "array", "as", "asc", "asymmetric", "attach", "autoincrement", "before", "begin",
    "between", "both", "by", "cascade", "case", "cast", "check", "collate", "column", "commit",
    "conflict", "constraint", "create", "cross", "current", "current_date", "current_role",
    "current_time", "current_timestamp", "current_user", "database", "default", "deferrable",
    "deferred", "delete", "desc", "detach", "distinct", "do", "drop", "each", "else", "end",
    "escape", "except", "exclude", "exclusive", "exists", "explain", "fail", "false", "fetch",
    "filter", "first", "following", "for", "foreign", "freeze", "from", "full", "generated",
    "glob", "grant", "group", "groups", "having", "if", "ignore", "ilike", "immediate", "in",
    "index", "indexed", "initially", "inner", "insert", "instead", "intersect", "into", "is",
    "isnull", "join", "key", "last", "lateral", "leading", "left", "like", "limit", "localtime",
    "localtimestamp", "match", "materialized", "natural", "no", "not", "nothing", "notnull",
    "null", "nulls", "of", "offset", "oid", "on", "only", "or", "order", "others", "outer",
    "over", "overlaps", "partition", "placing", "plan", "pragma", "preceding", "primary", "query",
    "raise", "range", "recursive", "references", "regexp", "reindex", "release", "rename",
    "replace", "restrict", "returning", "right", "rollback", "row", "rowid", "rows", "savepoint",
    "select", "session_user", "set", "similar", "some", "symmetric", "table", "temp", "temporary",
    "then", "ties", "to", "trailing", "transaction", "trigger", "true", "unbounded", "union",
    "unique", "update", "user", "using", "vacuum", "values", "variadic", "verbose", "view",
    "virtual", "when", "where", "window", "with", "within", "without",
))
# fmt: on


def table_name(*parts: str) -> str:
    """Return a table's name for a file's (and a sheet's) name; never empty, never `sqlite_…`."""
    name = _identifier("_".join(parts), prefix="table")
    return f"table_{name}" if name.startswith("sqlite_") else name


def column_names(originals: Iterable[str]) -> list[str]:
    """Return a name for each column of a table; a repeated one gets a number: `note`, `note_2`."""
    names: list[str] = []
    taken: set[str] = set()
    for number, original in enumerate(originals, start=1):
        names.append(distinct(_identifier(original, prefix="column", number=number), taken))
    return names


def distinct(name: str, taken: set[str]) -> str:
    """Return the name, numbered if it is taken, and add it to `taken`."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    taken.add(candidate)
    return candidate


def _identifier(text: str, *, prefix: str, number: int | None = None) -> str:
    for symbol, word in _SYMBOLS.items():
        text = text.replace(symbol, word)
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    words = re.sub(r"[\W_]+", "_", unicodedata.normalize("NFC", letters)).strip("_")
    name = words[:MAX_NAME_CHARACTERS].rstrip("_")
    if not name:
        return prefix if number is None else f"{prefix}_{number}"
    if not name[0].isalpha():
        name = f"{prefix}_{name}"
    return f"{name}_" if name in _KEYWORDS else name
