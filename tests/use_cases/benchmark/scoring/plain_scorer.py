"""The scores a second time, from their definitions: rows as dictionaries, one cell after the other.

It shares no code with what it checks, and takes no short cut. It knows the notations that
`random_tasks.py` writes, and no more.
"""

import datetime
import html
import itertools
import math
import re
import unicodedata
from typing import Any

GONE = object()
MISSING_WORDS = ["", "n/a", "null", "?", "nan"]
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

Row = dict[str, Any]
Rows = dict[str, Row]


def normal(value: Any, kind: str | None, rule: str) -> Any:
    if value is GONE:
        return GONE
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFC", html.unescape(value))).strip()
    if rule == "strict":
        return text
    if text.lower() in MISSING_WORDS:
        return None
    if kind == "number":
        found = re.match(r"^(-?[\d,]*\.?\d+)( ?kg|%)?$", text)
        return round(float(found.group(1).replace(",", "")), 6) if found else text
    if kind == "boolean":
        return {"yes": "T", "true": "T", "1": "T", "no": "F", "false": "F", "0": "F"}.get(
            text.lower(), text
        )
    return (kind == "date" and as_day(text)) or text


def as_day(text: str) -> datetime.date | None:
    if found := re.match(r"^(\d{4})-(\d\d)-(\d\d)$", text):
        return datetime.date(int(found[1]), int(found[2]), int(found[3]))
    if found := re.match(r"^(\d+)\.(\d+)\.(\d{4})$", text):
        return datetime.date(int(found[3]), int(found[2]), int(found[1]))
    if found := re.match(r"^(\d+) ([A-Za-z]{3}) (\d{4})$", text):
        return datetime.date(int(found[3]), MONTHS.index(found[2].lower()) + 1, int(found[1]))
    return None


def cell(rows: Rows, rid: str, name: str) -> Any:
    return rows.get(rid, {}).get(name, GONE)


def divide(part: float, whole: float) -> float | None:
    return None if whole == 0 else part / whole


def repair(
    dirty: Rows, clean: Rows, output: Rows, names: list[str], kinds: dict[str, str], rule: str
) -> dict[str, Any]:
    wrong: set[tuple[str, str]] = set()
    edited: set[tuple[str, str]] = set()
    right: set[tuple[str, str]] = set()
    cells = [(rid, name) for rid in {*dirty, *clean, *output} for name in names]
    for rid, name in cells:
        d, c, o = (
            normal(cell(t, rid, name), kinds.get(name), rule) for t in (dirty, clean, output)
        )
        if d != c:
            wrong.add((rid, name))
        if o != d:
            edited.add((rid, name))
        if o == c:
            right.add((rid, name))
    good = wrong & edited & right
    fine = [each for each in cells if each not in wrong]
    harmed = [each for each in fine if each not in right]
    return {
        "precision": len(good) / len(edited) if edited else (None if wrong else 1.0),
        "recall": divide(len(good), len(wrong)),
        "f1": 2 * len(good) / (len(edited) + len(wrong)) if edited or wrong else 1.0,
        "detection_f1": 2 * len(wrong & edited) / (len(edited) + len(wrong))
        if edited or wrong
        else 1.0,
        "corruption_rate": divide(len(harmed), len(fine)),
        "error_reduction": divide(len(wrong) - (len(cells) - len(right)), len(wrong)),
        "cell_accuracy": divide(len(right), len(cells)),
        "edited": edited,
    }


def stand_in(output: Rows, duplicates: dict[str, str]) -> Rows:
    made = dict(output)
    for duplicate, original in duplicates.items():
        if original not in made and duplicate in made:
            made[original] = made.pop(duplicate)
    return made


def drift(clean: list[str], output: list[str] | None, kind: str, rule: str) -> float:
    if output is not None and clean == output:
        return 0.0
    if not output or not clean:
        return 1.0
    one = [normal(each, kind, rule) for each in clean]
    two = [normal(each, kind, rule) for each in output]
    return 0.5 * sum(
        abs(one.count(each) / len(one) - two.count(each) / len(two)) for each in {*one, *two}
    )


def pairs(entities: dict[str, str], kept: set[str]) -> dict[str, float | None]:
    """A removed row is paired with its group, if a row of that was kept, else with nobody."""
    groups: dict[str, list[str]] = {}
    for rid, entity in entities.items():
        groups.setdefault(entity, []).append(rid)
    true = {frozenset(p) for rows in groups.values() for p in itertools.combinations(rows, 2)}
    found: set[frozenset[str]] = set()
    for rows in groups.values():
        gone = [rid for rid in rows if rid not in kept]
        here = [rid for rid in rows if rid in kept]
        if here:
            found |= {frozenset(p) for p in itertools.combinations([*gone, here[0]], 2)}
        else:
            found |= {frozenset([rid]) for rid in gone}
    hits = len(found & true)
    return {
        "precision": hits / len(found) if found else (None if true else 1.0),
        "recall": divide(hits, len(true)),
    }


def audit(
    claimed: list[tuple[str, str, str]],
    output: Rows,
    edited: set[tuple[str, str]],
    kinds: dict[str, str],
    rule: str,
) -> float:
    so = {
        (rid, name)
        for rid, name, new in claimed
        if (rid, name) in edited
        and normal(cell(output, rid, name), kinds.get(name), rule)
        == normal(new, kinds.get(name), rule)
    }
    if not claimed and not edited:
        return 1.0
    return 2 * len(so) / (len(set(claimed)) + len(edited))


def wilson(part: int, whole: int) -> tuple[float, float]:
    z, p = 1.959963984540054, part / whole
    middle = (p + z * z / 2 / whole) / (1 + z * z / whole)
    reach = z * math.sqrt(p * (1 - p) / whole + z * z / 4 / whole**2) / (1 + z * z / whole)
    return max(0.0, middle - reach), min(1.0, middle + reach)
