"""`tables.yaml` describes tables; whatever is wrong in it is left out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.documents.table_files import TableDescription, parse_description

YAML = b"""
kpi.csv:
  title: KPI catalogue
  description: >
    What we measure,
    and why.
  updated: 2026-01-15
  columns:
    KPI ID: Stable number
    yes: 1.10
other.csv:
  title: Other
"""


def test_a_file_finds_its_description_by_name() -> None:
    found = parse_description(YAML, "tables/kpi.csv")

    assert found == TableDescription(
        title="KPI catalogue",
        description="What we measure, and why.",
        updated=date(2026, 1, 15),
        columns={"kpi id": "Stable number", "yes": "1.10"},
    )
    assert parse_description(YAML, "other.csv") == TableDescription(title="Other")
    assert parse_description(YAML, "unknown.csv") == TableDescription()


def test_columns_are_found_whatever_their_case() -> None:
    found = parse_description(YAML, "kpi.csv")

    assert found.of_column(" kpi id ") == "Stable number"
    assert found.of_column("name") == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a: [",
        b"kpi.csv: just text",
        b"- a\n- b",
        b"\xff\xfe\xff",
        b"[" * 2_000,
        b"a: &a [*a]",
        b"kpi.csv: !!python/object/apply:os.system ['true']",
        b"x" * 300_000,
        b"---\na: 1\n---\nb: 2\n",
    ],
)
def test_broken_descriptions_are_ignored(content: bytes) -> None:
    assert parse_description(content, "kpi.csv") == TableDescription()


def test_a_wrong_part_does_not_spoil_the_rest() -> None:
    content = b"kpi.csv: {title: [1], description: ok, updated: soon, columns: {a: {b: c}, d: e}}"

    assert parse_description(content, "kpi.csv") == TableDescription(
        description="ok", columns={"d": "e"}
    )


def test_a_date_is_read_in_any_form_that_a_document_may_state() -> None:
    found = parse_description(b"kpi.csv: {updated: 15 January 2026}", "kpi.csv")

    assert found == TableDescription(updated=date(2026, 1, 15))


@given(st.binary(max_size=200))
def test_any_bytes_are_understood_or_ignored(content: bytes) -> None:
    parse_description(b"kpi.csv:\n  " + content, "kpi.csv")
