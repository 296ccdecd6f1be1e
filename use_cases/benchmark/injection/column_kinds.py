"""The kinds of columns: what a schema declares, and a careful guess for the others.

A guess decides only which errors are put where; no cell is parsed by it, and no score depends on it.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from use_cases.benchmark.model import Table, TableSchema, ValueKind
from use_cases.benchmark.scoring.cell_equality import is_missing, parse_date, parse_number, strict

_SAMPLE = 1_000
_SHARE = 0.95
_FEW = 20
_NAMED_ID = re.compile(
    r"(?:.*[^a-z])?(?:id|no|nr|code|number|index|key|zip|postcode|phone)", re.IGNORECASE
)
_WORDS = frozenset({"true", "false", "yes", "no", "t", "f", "y", "n"})


def column_kinds(table: Table, schema: TableSchema) -> Mapping[str, ValueKind]:
    """The kind of every column."""
    return {
        name: schema.kinds.get(name) or _guess(name, table.by_name[name]) for name in table.columns
    }


def _guess(name: str, cells: Sequence[str]) -> ValueKind:
    step = max(1, len(cells) // _SAMPLE)
    texts = [strict(cell) for cell in cells[::step] if not is_missing(cell)]
    distinct = set(texts)
    if not texts:
        return ValueKind.TEXT
    if {text.lower() for text in distinct} <= _WORDS:
        return ValueKind.BOOLEAN
    if _share(texts, lambda text: parse_date(text) is not None):
        return ValueKind.DATE
    coded = all(" " not in text for text in distinct) and len(distinct) > _SHARE * len(texts)
    if _share(texts, lambda text: parse_number(text) is not None):
        whole = all(text.isdecimal() for text in distinct)
        padded = any(len(text) > 1 and text[0] == "0" and text[1] != "." for text in distinct)
        is_id = padded or (whole and (coded or _NAMED_ID.fullmatch(name)))
        return ValueKind.IDENTIFIER if is_id else ValueKind.NUMBER
    if len(distinct) <= max(_FEW, len(texts) // 20):
        return ValueKind.CATEGORY
    with_digits = _share(texts, lambda text: any(map(str.isdecimal, text)))
    return ValueKind.IDENTIFIER if coded and with_digits else ValueKind.TEXT


def _share(texts: Sequence[str], holds: Callable[[str], bool]) -> bool:
    return sum(map(holds, texts)) >= _SHARE * len(texts)
