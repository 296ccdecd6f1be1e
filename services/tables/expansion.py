"""The expansion of a statement when SQLite merges its subqueries, estimated before it compiles.

SQLite substitutes the expressions of an inner SELECT for the columns that name them. Nested, this
doubles again and again: `SELECT c+c AS c FROM (SELECT c+c AS c FROM (…))`, 25 times, is 600
characters, and took half a minute and 2 GB, during which SQLite checks neither the deadline nor the
memory budget. So the statement is scanned before: not as SQL, only as nested SELECTs and their names.

Promises: an upper bound, not the true size. Each name in a SELECT counts as the largest expression
in the result of any SELECT inside it, or of any common table expression it names.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

MAX_TERMS = 200_000
"""In a test of 216 nested statements none below it took more than 0.15 s or 15 MB to compile."""

_MAX_DEPTH = 200  # brackets in brackets
_MAX_ITERATIONS = 50

_TOKEN = re.compile(
    r"""
    (?P<skip>\s+|--[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^']|'')*'?)
    |(?P<quoted>"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|\[[^\]]*\]?)
    |(?P<plain>[^\W\d][\w$]*|[\d.]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
# Words that cannot be names without quotes: all others may be columns, and count as names.
_CLAUSES = frozenset(
    ("from", "where", "group", "having", "order", "limit", "union", "except", "intersect")
)
# fmt: off
_RESERVED = _CLAUSES | {
    "select", "values", "and", "as", "between", "case", "collate", "distinct", "else", "escape",
    "exists", "in", "is", "isnull", "join", "not", "notnull", "null", "on", "or", "then", "using",
    "when",
}
# fmt: on


@dataclass(frozen=True, slots=True, eq=False)
class _Select:
    """The words of a subquery, with its own subqueries as elements of `words`."""

    words: "Sequence[_Word]"
    materialized: bool


_Word: TypeAlias = str | _Select
_Named: TypeAlias = dict[str, list[_Select]]


@dataclass(frozen=True, slots=True)
class _Size:
    """The size of a SELECT. `column`: its largest result expression; `total`: all of it."""

    column: int
    total: int


def count_terms(sql: str) -> int:
    """Returns an upper bound for the statement's terms after merging; above the limit, any number."""
    named: _Named = {}
    try:
        top = _Select(_group(_tokens(sql), named, depth=0), materialized=False)
    except RecursionError:
        return MAX_TERMS + 1
    return _solve_sizes(top, _map_sources(top, named, ())).total


def _tokens(sql: str) -> Iterator[str]:
    """Yields names in lower case and signs, without texts, comments or white space."""
    for match in _TOKEN.finditer(sql):
        if match["plain"]:
            yield match["plain"].lower()
        elif match["quoted"]:
            name = match["quoted"].strip('"`[]').lower()
            # A reserved word in quotes is a name like any other.
            yield f"{name}?" if name in _RESERVED or not name[:1].isalpha() else name


def _group(tokens: Iterator[str], named: _Named, depth: int) -> list[_Word]:
    """Reads the words up to the closing bracket; `named` collects common table expressions."""
    if depth > _MAX_DEPTH:
        raise RecursionError
    words: list[_Word] = []
    for word in tokens:
        if word == ")":
            return words
        if word != "(":
            words.append(word)
            continue
        inner = _group(tokens, named, depth + 1)
        if "select" in inner or "values" in inner:
            select = _Select(inner, materialized=words[-2:] == ["as", "materialized"])
            named.setdefault(_name_before(words), []).append(select)
            words.append(select)
        else:
            words.extend(["(", *inner, ")"])
    return words


def _name_before(words: Sequence[_Word]) -> str:
    """Returns the name in `name (…) AS MATERIALIZED`, the words before a CTE, or ''."""
    before = [word for word in words[-200:] if word not in ("not", "materialized")]
    if before[-1:] != ["as"]:
        return ""
    before.pop()
    if before[-1:] == [")"]:
        while before and before.pop() != "(":
            pass
    return before[-1] if before and isinstance(before[-1], str) else ""


def _map_sources(
    select: _Select, named: _Named, around: tuple[_Select, ...]
) -> dict[_Select, list[_Select]]:
    """Maps each SELECT to those whose columns it may name: its own subqueries and its tables'."""
    below: dict[_Select, list[_Select]] = {}
    around = (*around, select)
    sources: dict[_Select, None] = {}
    for word in select.words:
        if isinstance(word, _Select):
            below.update(_map_sources(word, named, around))
            sources[word] = None
    for name in _names_behind_columns(select.words):
        # A SELECT that names itself is recursive, and SQLite does not merge it.
        sources.update((source, None) for source in named.get(name, ()) if source not in around)
    below[select] = list(sources)
    return below


def _names_behind_columns(words: Sequence[_Word]) -> set[str]:
    """Returns the words of FROM and the clauses after it, which name tables."""
    found: set[str] = set()
    in_columns = False
    for word in words:
        if isinstance(word, str):
            in_columns = word == "select" or (in_columns and word not in _CLAUSES)
            if not in_columns:
                found.add(word)
    return found


def _solve_sizes(top: _Select, sources: Mapping[_Select, Sequence[_Select]]) -> _Size:
    """Iterates the sizes to a fixed point; without one, return a size above the limit."""
    sizes = dict.fromkeys(sources, _Size(1, 1))
    for _ in range(_MAX_ITERATIONS):
        before = dict(sizes)
        for select, inner in sources.items():
            each = max((sizes[source].column for source in inner), default=1)
            column, total = _measure(select.words, sizes, each)
            sizes[select] = _Size(1 if select.materialized else column, total)
        if sizes == before or sizes[top].total > MAX_TERMS:
            return sizes[top]
    return _Size(MAX_TERMS + 1, MAX_TERMS + 1)


def _measure(words: Sequence[_Word], sizes: Mapping[_Select, _Size], each: int) -> tuple[int, int]:
    """Returns the largest result column and the number of terms; each name counts as `each`."""
    largest = 1
    current = total = depth = 0
    in_columns = False
    for position, word in enumerate(words):
        if isinstance(word, _Select):
            value = sizes[word].total
        else:
            depth += (word == "(") - (word == ")")
            value = each if _is_name(words, position) else 0
            if depth == 0 and word in ("select", ","):
                in_columns, current = in_columns or word == "select", 0
            elif depth == 0 and word in _CLAUSES:
                in_columns = False
        if in_columns:
            current += value
            largest = max(largest, current)
        elif not isinstance(word, _Select):
            value = max(value, largest if value else 0)  # ORDER BY the name of a result
        total += value
    return largest, total


def _is_name(words: Sequence[_Word], position: int) -> bool:
    """Returns whether a word may name a column: no function, table prefix or reserved word."""
    word = words[position]
    if word == "*":
        return position == 0 or words[position - 1] in ("select", ",", ".")
    following = words[position + 1] if position + 1 < len(words) else ""
    return (
        isinstance(word, str)
        and (word[0].isalpha() or word[0] == "_" or word[-1] == "?")
        and word not in _RESERVED
        and following not in ("(", ".")
    )
