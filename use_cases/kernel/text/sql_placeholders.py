"""The placeholders of a statement, such as `:period`, by SQLite's rules.

Promises: none is found in a text, a quoted name or a comment. Leaves to others: their values.
"""

import re
from collections.abc import Iterator

# Quoted and commented text is matched first, and skipped. `@name`, `$name` and `?` are placeholders
# in SQLite, too. `a::text` is none: SQLite itself reports the error.
PARTS = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?(?:\*/|\Z)"
    r"|((?<!:):\w+|(?<![\w$@])[@$]\w+|\?\d*)",
    re.DOTALL,
)
"""The relevant parts of a statement; the group is a placeholder with its sign."""


def placeholders(sql: str) -> Iterator[str]:
    """Yields each placeholder with its sign (`:period`), in the order of the statement."""
    return (found[1] for found in PARTS.finditer(sql) if found[1] is not None)
