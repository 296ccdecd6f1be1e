"""The SQL functions that a query may call, with safe replacements for those that can run too long.

A function outside the list is refused. The list leaves out functions that read files, access
SQLite's internals or allocate memory (`printf`, `zeroblob`, `randomblob`, `hex`, JSON, full text).

SQLite cannot be interrupted inside one function call, and `instr`, `replace` and `trim` take
quadratic time: two arguments of 64 KB took seconds. Python versions replace them, which take linear
time and refuse a result over the limit before they build it.
"""

from collections.abc import Callable
from functools import partial
from typing import Protocol, cast

import apsw

from services.tables.driver import Cursor, Driver, Value
from services.tables.query_limits import MAX_VALUE_BYTES
from use_cases.kernel.errors import QueryTooExpensive

MAX_TRIM_CHARACTERS = 100

_AGGREGATE = "avg count group_concat max median min percentile percentile_cont percentile_disc string_agg sum total"
_WINDOW = "cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number"
_TEXT = "char concat concat_ws glob instr length like lower ltrim octet_length replace rtrim substr substring trim unicode upper"
_CHOICE = "coalesce if ifnull iif nullif typeof"
_DATE = "current_date current_time current_timestamp date datetime julianday strftime time timediff unixepoch"
_MATH = (
    "abs acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10"
    " log2 mod pi pow power radians random round sign sin sinh sqrt tan tanh trunc"
)

ALLOWED_FUNCTIONS = frozenset(f"{_AGGREGATE} {_WINDOW} {_TEXT} {_CHOICE} {_DATE} {_MATH}".split())
"""Lower-case names; operators such as LIKE count as the function behind them."""


def replace_quadratic_functions(driver: Driver) -> None:
    """Replaces SQLite's `instr`, `replace` and `trim` family by linear versions."""
    linear = _Linear()
    register = partial(driver.create_scalar_function, deterministic=True)
    register("instr", linear.instr, 2)
    register("replace", linear.replace, 3)
    strippers: dict[str, Callable[[str, str], str]] = {
        "trim": str.strip,
        "ltrim": str.lstrip,
        "rtrim": str.rstrip,
    }
    for name, strip in strippers.items():
        register(name, partial(linear.trim, strip), 1)
        register(name, partial(linear.trim, strip), 2)


class _Linear:
    """The functions of one connection. NULL for NULL, and numbers as SQLite writes them."""

    def __init__(self) -> None:
        # SQLite has its own format for numbers (1.0e+20), so SQLite itself converts them.
        self._writer = cast("_Writer", apsw.Connection(":memory:"))

    def instr(self, *values: Value) -> int | None:
        haystack, needle = map(self._text, values)
        return None if haystack is None or needle is None else haystack.find(needle) + 1

    def replace(self, *values: Value) -> str | None:
        text, old, new = map(self._text, values)
        if text is None or old is None or new is None:
            return None
        if not old:
            return text
        growth = text.count(old) * (len(new.encode()) - len(old.encode()))
        if len(text.encode()) + growth > MAX_VALUE_BYTES:
            raise QueryTooExpensive(
                f"replace() would make a text of more than {MAX_VALUE_BYTES:,} bytes.",
                hint="Replace with a shorter text.",
            )
        return text.replace(old, new)

    def trim(self, strip: Callable[[str, str], str], *values: Value) -> str | None:
        text = self._text(values[0])
        characters = self._text(values[1]) if len(values) > 1 else " "
        if text is None or characters is None:
            return None
        if len(characters) > MAX_TRIM_CHARACTERS:
            raise QueryTooExpensive(
                f"trim() takes at most {MAX_TRIM_CHARACTERS} characters to remove.",
                hint="Name only the characters to remove.",
            )
        return strip(text, characters) if characters else text

    def _text(self, value: Value) -> str | None:
        if isinstance(value, bytes):
            return value.decode("utf-8", "replace")
        if value is None or isinstance(value, str):
            return value
        return str(self._writer.execute("SELECT CAST(? AS TEXT)", (value,)).fetchall()[0][0])


class _Writer(Protocol):
    def execute(self, statements: str, bindings: tuple[Value], /) -> Cursor: ...
