"""The comparison of texts with the time of a question: figures of 2025 do not answer "Q4 2026". Pure.

Promises: a sentence only where the question names a year, no text names it, and some name others. A
year that marks a beginning ("since 2019", "valid from March 2024") names no other time. English only.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

_YEAR = r"((?:19[89]|20\d)\d)"
_QUARTER = r"(?:q([1-4])|(first|second|third|fourth|last) quarter)"
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?)"
)
_LINK = r"(?:[\s,'’/-]|\bof\b|\bin\b|\bthe\b)*"
_ASKED = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"\b{_QUARTER}{_LINK}{_YEAR}\b",
        rf"\b{_YEAR}{_LINK}{_QUARTER}\b",
        rf"\b{_MONTH}\s+(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?(?:of\s+)?{_YEAR}\b",
        rf"\b(?:in|for|of|during|year|fy|season|by)\s+(?:the\s+)?(?:(?:fiscal|financial|calendar)\s+)?(?:year\s+)?{_YEAR}\b",
    )
)
_NOT_ASKED = re.compile(
    rf"\b(?:since|until|before|after|version|policy|iso)\s+(?:\w+\s+){{0,2}}{_YEAR}\b", re.I
)
_NAMED = re.compile(rf"(?<![\d.,]){_YEAR}(?:\s?[-/–]\s?(\d\d(?:\d\d)?)(?!\d))?(?![\d,]\d)")
_BEGINS = re.compile(
    rf"\b(?:since|from|as of|as at|effective|after|before|until|updated|reviewed|approved|founded)\b\W*(?:\w+\W+){{0,3}}?{_YEAR}\b",
    re.I,
)
_QUARTER_NAMED = re.compile(rf"\bq([1-4]){_LINK}{_YEAR}\b|\b{_YEAR}{_LINK}q([1-4])\b", re.I)
_ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "last": "4"}
_MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class _QuestionTime:
    year: int
    quarter: str | None
    label: str


def other_time(question: str, texts: Iterable[str], updated: Iterable[date] = ()) -> str | None:
    """Return a sentence on the time that a question names and these texts lack.

    None where they have it, or where the question or the texts name no time. For a question about a
    quarter, texts without a year count as of the years in which they were last `updated`, because
    they cannot know a later quarter.
    """
    asked = _question_time(question)
    if asked is None:
        return None
    known = list(texts)
    years = {year for text in known for year in _years(text)}
    if asked.year in years:
        return _other_quarter(asked, known)
    named = years - {year for text in known for year in _beginnings(text)}
    if not years and asked.quarter:
        named = {day.year for day in updated}
        named = set[int]() if max(named, default=asked.year) >= asked.year else named
    return _sentence(asked, [str(year) for year in sorted(named, reverse=True)]) if named else None


def names_time(question: str, text: str) -> bool:
    """Return whether a text names the exact time of a question."""
    asked = _question_time(question)
    if asked is None or asked.year not in _years(text):
        return False
    return _other_quarter(asked, [text]) is None


def _other_quarter(asked: _QuestionTime, texts: Iterable[str]) -> str | None:
    """Return the sentence for a quarter: the texts name others, and not this one."""
    named = {
        f"Q{match[1] or match[4]} {match[2] or match[3]}"
        for text in texts
        for match in _QUARTER_NAMED.finditer(text)
    }
    if asked.quarter is None or not named or f"Q{asked.quarter} {asked.year}" in named:
        return None
    return _sentence(asked, sorted(named, key=lambda each: each[::-1], reverse=True))


def _sentence(asked: _QuestionTime, named: list[str]) -> str:
    shown = ", ".join(named[:_MOST_NAMED]) + (" and others" if len(named) > _MOST_NAMED else "")
    return f"The question is about {asked.label}, and what was found is of {shown}."


def _question_time(question: str) -> _QuestionTime | None:
    """Return the latest time that a question names with its year."""
    plain = _NOT_ASKED.sub(" ", question)
    found: list[_QuestionTime] = []
    for pattern in _ASKED:
        for match in pattern.finditer(plain):
            groups = [group for group in match.groups() if group]
            year = next(int(group) for group in groups if group.isdigit() and len(group) == 4)
            quarter = next(
                (group.lower() for group in groups if not group.startswith(str(year))), None
            )
            number = _ORDINALS.get(quarter, quarter) if quarter else None
            label = f"Q{number} {year}" if number else str(year)
            found.append(_QuestionTime(year, number, label))
    return max(found, key=lambda asked: (asked.year, asked.quarter or ""), default=None)


def _years(text: str) -> Iterable[int]:
    for match in _NAMED.finditer(text):
        year = int(match[1])
        yield year
        # "2025/26" and "2025-2027" name the years between, too.
        if match[2]:
            last = int(match[2]) if len(match[2]) == 4 else year - year % 100 + int(match[2])
            yield from range(year + 1, min(last, year + 10) + 1)


def _beginnings(text: str) -> Iterable[int]:
    return (int(match[1]) for match in _BEGINS.finditer(text))
