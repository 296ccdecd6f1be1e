"""The facts that a document states about itself: title, date, authority and owner.

Promises: any mapping and any text give a `StatedFacts`; an unreadable value counts as missing.
Leaves to others: the place of the facts (front matter, HTML meta, document properties).
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, replace
from datetime import date
from pathlib import PurePosixPath

from services.documents.decoding import clean_text
from use_cases.kernel.model import Authority
from use_cases.knowledge.model import StatedFacts

_DATE_KEYS = (
    "updated",
    "last_updated",
    "last_modified",
    "lastmod",
    "modified",
    "last_reviewed",
    "reviewed",
    "date",
)
_AUTHORITIES = {
    **{each.name.lower(): each for each in Authority},
    "deprecated": Authority.SUPERSEDED,
    "obsolete": Authority.SUPERSEDED,
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = (
    r"(?P<m>(?i:jan(?:uar[yi]?)?|feb(?:ruar[yi]?)?|mar(?:ch|s)?|apr(?:il)?|may|jun[ei]?|jul[yi]?"
    r"|aug(?:ust)?|sept?(?:emb(?:er|re))?|oct(?:ob(?:er|re))?|nov(?:emb(?:er|re))?|dec(?:ember)?))\.?"
)
DAYS = (
    re.compile(r"(?:D:)?(?P<y>\d{4})(?P<sep>[-/.]?)(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?!\d{1,3}$)"),
    re.compile(r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})(?!\d)"),
    re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})(?!\d)"),
    re.compile(r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})(?!\d)"),
    re.compile(rf"(?:[A-Za-z]+,?\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+{_NAMED},?[\s-]+(?P<y>\d{{4}})"),
    re.compile(rf"(?:[A-Za-z]+,\s+)?{_NAMED}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})"),
)  # fmt: skip
"""The usual ways to write a day, each from its beginning; text may follow."""

_MONTHLY = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})$"),
    re.compile(rf"{_NAMED}\s+(?P<y>\d{{4}})$"),
)
_LONGEST_DATE = 60
_OPENING = 2000
_OPENING_LINES = 12
_OPENING_LINE = re.compile(
    r"[\s>*_|-]*(?P<key>(?:last[ _])?(?:updated|reviewed|modified)|date|status|version|owner|"
    r"superseded[ _]by)[*_\s]*(?::|\bon\b|(?=\s\d))[*_\s]*(?P<value>[^\n]{1,80}?)[*_|\s]*",
    re.IGNORECASE,
)
_DATED_INSIDE = re.compile(
    r"\b(?:last\s)?(?:updated|reviewed|modified)(?:\son)?\s?:\s?", re.IGNORECASE
)


def read_date(value: str) -> date | None:
    """Parses a date in any of the usual formats; None for no date or an ambiguous one.

    `03/04/2024` is April or March depending on the country, so it is rejected, unlike `25/04/2024`.
    """
    text = value.strip()[:_LONGEST_DATE]
    matches = (pattern.match(text) for pattern in (*DAYS, *_MONTHLY))
    days = {day for match in matches if match and (day := day_of(match.groupdict()))}
    # A zero date such as 0001-01-01 means none.
    return days.pop() if len(days) == 1 and 1900 <= max(days).year <= 2200 else None


def day_of(parts: Mapping[str, str | None]) -> date | None:
    """Returns the day of `y`, `m` (a number or a name) and `d` (else the first); None for no day."""
    month = (parts["m"] or "").lower()[:3]
    number = _MONTHS.index(month) + 1 if month in _MONTHS else int(month) if month.isdigit() else 0
    with suppress(ValueError):
        return date(int(parts["y"] or 0), number, int(parts.get("d") or 1))
    return None


def parse_facts(facts: Mapping[str, str]) -> StatedFacts:
    """Parses key and value pairs; keys match without regard to case and to `-`, `_` or blank.

    A superseding document outweighs an authority that was stated earlier.
    """
    known = {re.sub(r"[\s-]+", "_", key.strip().lower()): value for key, value in facts.items()}

    def words(key: str) -> str | None:
        return " ".join(clean_text(known.get(key, "")).split()) or None

    superseded_by = words("superseded_by")
    return StatedFacts(
        title=words("title"),
        category=words("category"),
        updated=next(filter(None, (read_date(known.get(key, "")) for key in _DATE_KEYS)), None),
        authority=Authority.SUPERSEDED if superseded_by else _authority(known),
        superseded_by=superseded_by,
        version=words("version"),
        owner=words("owner"),
    )


def parse_opening(text: str) -> StatedFacts:
    """Parses lines such as `Last updated: 3 May 2026` at the top of a document.

    `Updated:` with a date counts inside a line, too, because PDF and Word join such lines.
    """
    facts: dict[str, str] = {}
    lines = text[:_OPENING].split("\n")[:_OPENING_LINES]
    for line in lines:
        match = _OPENING_LINE.fullmatch(line[:200])
        if match is not None:
            facts.setdefault(match["key"], match["value"])
        for inside in _DATED_INSIDE.finditer(line):
            facts.setdefault("updated", line[inside.end() : inside.end() + _LONGEST_DATE])
    return parse_facts(facts)


def fill_gaps(first: StatedFacts, second: StatedFacts) -> StatedFacts:
    """Returns the facts of `first`, with those of `second` in the gaps."""
    gaps = [each.name for each in fields(first) if getattr(first, each.name) is None]
    return replace(first, **{name: getattr(second, name) for name in gaps})


def readable_name(name: str) -> str:
    """Returns a title from a file name: `it/reset-password_v2.md` gives `Reset password v2`.

    A file called `index` or `README` gets the name of its folder.
    """
    path = PurePosixPath(name)
    stem = path.stem
    if stem.lower() in {"index", "readme"} and path.parent.name:
        stem = path.parent.name
    words = (
        " ".join(re.split(r"[\s_-]+", clean_text(stem))).strip() or clean_text(name) or "Untitled"
    )
    return words[:1].upper() + words[1:]


def _authority(known: Mapping[str, str]) -> Authority | None:
    status, authority, draft = (
        known.get(key, "").strip().lower() for key in ("status", "authority", "draft")
    )
    found = _AUTHORITIES.get(status)
    if found not in (Authority.DRAFT, Authority.SUPERSEDED):
        found = _AUTHORITIES.get(authority)
    return Authority.DRAFT if found is None and draft == "true" else found
