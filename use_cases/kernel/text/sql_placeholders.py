"""The places for values in a statement, such as `:period`, read as SQLite reads them.

Promises that none is seen in a text, a quoted name or a comment. Leaves it to those who run
statements which values there are.
"""

import re
from collections.abc import Iterator

# What is quoted or commented out is matched first, and passed over. SQLite takes `@name`, `$name`
# and `?` for values, too. It knows no `a::text`, and shall be the one to say so.
PARTS = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?(?:\*/|\Z)"
    r"|((?<!:):\w+|(?<![\w$@])[@$]\w+|\?\d*)",
    re.DOTALL,
)
"""The parts of a statement that matter here; the group is a place for a value, with its sign."""


def placeholders(sql: str) -> Iterator[str]:
    """Each place for a value with its sign (`:period`), in the order of the statement."""
    return (found[1] for found in PARTS.finditer(sql) if found[1] is not None)
