"""The optional file `tables.yaml` beside tables, which describes them.

    kpi_catalog.csv:
      title: KPI catalogue
      description: What we measure, and what we want of it.
      updated: 2026-01-15
      columns:
        KPI ID: Stable number of the indicator

Promises: it never fails; invalid parts are left out and logged, because a broken description is no
reason to leave a table out. Every scalar is read as text, so `no`, `1.10` and `2026-01-15` stay
unchanged. Leaves to others: the use of a description (`tables.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import cast

import yaml
from loguru import logger

MAX_DESCRIPTION_BYTES = 128 * 1024
"""The size above which a file is ignored: YAML takes about a second for each 100 KB."""


@dataclass(frozen=True, slots=True)
class TableDescription:
    """The description of one file. `columns` maps a column's name in the file to its meaning."""

    title: str | None = None
    description: str | None = None
    updated: date | None = None
    columns: Mapping[str, str] = field(default_factory=dict[str, str])

    def of_column(self, original: str) -> str:
        """Return the meaning of a column by its name in the file, in any case; empty if unknown."""
        wanted = original.strip().casefold()
        for name, meaning in self.columns.items():
            if name.strip().casefold() == wanted:
                return meaning
        return ""


def parse_description(content: bytes, file_name: str) -> TableDescription | None:
    """Read the entry of the file from the bytes of a `tables.yaml`; None without a usable one.

    `file_name` may be a path; only its last part counts.
    """
    wanted = file_name.replace("\\", "/").rpartition("/")[2]
    entry = _mapping(_load(content)).get(wanted)
    if entry is None:
        return None
    fields = _mapping(entry)
    if not fields:
        logger.warning("tables.yaml: the entry {!r} is not a mapping and is ignored", wanted)
        return None
    return TableDescription(
        title=_text(fields.get("title")),
        description=_text(fields.get("description")),
        updated=_date(fields.get("updated"), wanted),
        columns={
            name: meaning
            for name, value in _mapping(fields.get("columns")).items()
            if (meaning := _text(value)) is not None
        },
    )


def _load(content: bytes) -> object:
    if len(content) > MAX_DESCRIPTION_BYTES:
        logger.warning("tables.yaml: over {} bytes, ignored", MAX_DESCRIPTION_BYTES)
        return None
    try:
        # BaseLoader builds only text, lists and mappings: even safer than SafeLoader, whose dates,
        # numbers and booleans can raise and would change the written text.
        return cast("object", yaml.load(content, Loader=yaml.BaseLoader))  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        logger.warning("tables.yaml: not valid YAML, ignored: {}", error)
        return None


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        return {}
    items = cast("dict[object, object]", value)
    return {key: item for key, item in items.items() if isinstance(key, str)}


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    return " ".join(value.split()) or None


def _date(value: object, name: str) -> date | None:
    text = _text(value)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        logger.warning("tables.yaml: {!r} has updated: {!r}, which is no date", name, text)
        return None
