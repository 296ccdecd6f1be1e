"""Corrects misspelt values and words of columns that hold few different ones.

A value is a misspelling only in a column where nearly all cells have a frequent value, and a word only
where it stands for one that most cells have; in names and free texts a rare value is a value. Digits are
never changed, nor is an ending: 7 is no misspelling of 1, and `patient` none of `patients`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from use_cases.benchmark.contestants.guarded_vote import (
    DraftTable,
    Rule,
    explained_by_another,
    judged_places,
    looks_misspelt,
)
from use_cases.benchmark.contestants.nearest_values import NearestValues
from use_cases.benchmark.model import ErrorKind, TableColumn
from use_cases.benchmark.scoring.cell_equality import is_missing

_FREQUENT = 10
_CLOSED = 0.9
_RARE = 0.01
_MOST_WORDS = 0.5
_LEAST_LETTERS = 5


def correct_misspellings(draft: DraftTable, rules: Sequence[Rule]) -> None:
    """Corrects misspellings, except in cells whose dependencies could vote: the vote stands."""
    table = draft.table
    rules_of = defaultdict[str, list[Rule]](list)
    for rule in rules:
        rules_of[rule.dependency.dependent].append(rule)
    for name in table.columns:
        cells = table.by_name[name]
        new = dict(_corrections(cells))
        if not new:
            continue
        places = {place for place, value in enumerate(cells) if value in new}
        places -= judged_places(table, rules_of[name])
        explained = explained_by_another(table, name, sorted(places))
        for place in sorted(places - explained):
            value = cells[place]
            reason = f"{value!r} is rare in {name}, where nearly all cells have a frequent value."
            draft.change(place, name, new[value], ErrorKind.TYPO, reason)
    draft.commit()


def _corrections(cells: TableColumn) -> Iterator[tuple[str, str]]:
    counts = Counter(cells)
    known = {value: count for value, count in counts.items() if not is_missing(value)}
    frequent = {value: count for value, count in known.items() if count >= _FREQUENT}
    total = sum(known.values())
    if sum(frequent.values()) >= _CLOSED * max(total, 1):
        yield from _whole_values(known, frequent, total)
    else:
        yield from _words(known, total)


def _whole_values(
    known: Mapping[str, int], frequent: Mapping[str, int], total: int
) -> Iterator[tuple[str, str]]:
    nearest = NearestValues(frequent)
    usual = [value for value, count in frequent.items() if count >= _CLOSED * total]
    most = _RARE * max(frequent.values(), default=0)
    for value, count in known.items():
        if count > max(1, most):
            continue
        far = (each for each in usual if each != value and _may_be_misspelt(value, each))
        near = {*nearest.near(value), *far}
        other = near.pop() if len(near) == 1 else value
        rare = other != value and count <= max(1, _RARE * frequent[other])
        if rare and _may_be_misspelt(value, other):
            yield value, other


def _words(known: Mapping[str, int], total: int) -> Iterator[tuple[str, str]]:
    counts = Counter[str]()
    for value, count in known.items():
        for word in dict.fromkeys(value.split(" ")):
            counts[word] += count
    usual = [
        word
        for word, count in counts.items()
        if count >= _MOST_WORDS * total and len(word) >= _LEAST_LETTERS and word.isalpha()
    ]
    wrong = {
        word: near[0]
        for word, count in counts.items()
        if count <= _RARE * total and len(near := _usual_near(word, usual)) == 1
    }
    for value in known:
        words = value.split(" ")
        if any(word in wrong for word in words):
            yield value, " ".join(wrong.get(word, word) for word in words)


def _usual_near(word: str, usual: Sequence[str]) -> Sequence[str]:
    return [each for each in usual if _may_be_misspelt(word, each)]


def _may_be_misspelt(value: str, other: str) -> bool:
    ending = value.startswith(other) or other.startswith(value)
    return len(other) >= _LEAST_LETTERS and looks_misspelt(value, other) and not ending
