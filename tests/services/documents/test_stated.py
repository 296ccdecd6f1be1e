"""Dates, authority and titles in the forms people write them."""

from datetime import date

import pytest

from services.documents.stated import (
    fill_gaps,
    parse_facts,
    parse_opening,
    read_date,
    readable_name,
)
from use_cases.kernel.model import Authority
from use_cases.knowledge.model import StatedFacts


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-04",
        "2026/03/04",
        "20260304",
        "2026-03-04T10:00:00Z",
        "4 March 2026",
        "4th Mar. 2026",
        "March 4, 2026",
        "Wed, 04 Mar 2026 10:00:00 GMT",
        "04.03.2026",
        "D:20260304120000+01'00'",
        "4-Mar-2026",
    ],
)
def test_a_date_is_read_however_it_is_written(written: str) -> None:
    assert read_date(written) == date(2026, 3, 4)


def test_a_month_counts_from_its_first_day() -> None:
    assert read_date("2026-03") == read_date("March 2026") == date(2026, 3, 1)
    assert read_date("4 Juli 2026") == date(2026, 7, 4)


def test_a_date_that_could_be_two_days_is_not_believed() -> None:
    assert read_date("03/04/2026") is None
    assert read_date("25/04/2026") == read_date("04/25/2026") == date(2026, 4, 25)


@pytest.mark.parametrize(
    "written", ["", "soon", "2026-13-45", "0001-01-01", "9" * 5000, "٣/٤/٢٠٢٦x"]
)
def test_what_is_no_date_is_none(written: str) -> None:
    assert read_date(written) is None


def test_keys_are_matched_however_they_are_spelt() -> None:
    said = parse_facts({"Last-Reviewed": "2026-03-04", "Superseded By": "b.md", "OWNER": " IT "})
    assert said == StatedFacts(
        updated=date(2026, 3, 4),
        authority=Authority.SUPERSEDED,
        superseded_by="b.md",
        owner="IT",
    )


def test_the_date_of_change_comes_before_the_date_of_writing() -> None:
    assert parse_facts({"date": "2020-01-01", "updated": "2026-03-04"}).updated == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("facts", "authority"),
    [
        ({"authority": "official"}, Authority.OFFICIAL),
        ({"status": "Deprecated"}, Authority.SUPERSEDED),
        ({"status": "draft", "authority": "official"}, Authority.DRAFT),
        ({"status": "published", "authority": "normal"}, Authority.NORMAL),
        ({"authority": "official", "superseded_by": "v2.md"}, Authority.SUPERSEDED),
        ({"draft": "true"}, Authority.DRAFT),
        ({"status": "published"}, None),
    ],
)
def test_authority_is_what_still_holds(facts: dict[str, str], authority: Authority | None) -> None:
    assert parse_facts(facts).authority == authority


@pytest.mark.parametrize(
    "opening",
    [
        "Leave\nUpdated: 2026-03-04\n",
        "**Last updated:** March 4, 2026",
        "_Last reviewed on 4 March 2026_",
        "Runbook. Owner: IT. Updated: 2026-03-04. Version 2.",
    ],
)
def test_a_date_in_the_opening_lines_counts(opening: str) -> None:
    assert parse_opening(opening).updated == date(2026, 3, 4)


def test_a_date_further_down_does_not_count() -> None:
    assert parse_opening("x\n" * 20 + "Updated: 2026-03-04").updated is None


def test_the_first_to_say_something_is_believed() -> None:
    both = fill_gaps(StatedFacts(owner="IT"), StatedFacts(owner="HR", version="2"))
    assert both == StatedFacts(owner="IT", version="2")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("it/reset-password_v2.md", "Reset password v2"),
        ("refund/index.md", "Refund"),
        ("README.md", "README"),
        ("---.md", "---.md"),
        ("", "Untitled"),
    ],
)
def test_a_file_name_becomes_a_title(name: str, title: str) -> None:
    assert readable_name(name) == title
