"""Which documents are versions of one another, by file name and by what they say themselves."""

from dataclasses import replace
from datetime import date

import pytest

from tests.fakes.search import passage
from use_cases.kernel.model import Authority, DocumentRef, family_of, outdated

OLD, NEW = date(2024, 5, 1), date(2026, 2, 1)


def document(
    name: str,
    version_id: int,
    updated: date = OLD,
    authority: Authority = Authority.NORMAL,
    superseded_by: str | None = None,
) -> DocumentRef:
    made = passage("Text.", number=version_id, name=name, updated=updated, authority=authority)
    return replace(made.document, superseded_by=superseded_by)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("policies/leave-policy-v3.md", "policies/leave-policy-v4.md"),
        ("policies/leave_policy_v3.1.md", "policies/leave_policy_v3.2.docx"),
        ("travel version 1.md", "travel version 2.md"),
        ("travel-2022.md", "travel-2026.md"),
        ("travel 2022-05.md", "travel 2026-02.md"),
        ("2022-05-01-travel.md", "2026-02-01-travel.md"),
        ("travel_20220501.pdf", "travel_20260201.pdf"),
        ("manual-rev 2.md", "manual-rev 3.md"),
        ("manual-rev2-en.md", "manual-rev3-en.md"),
        ("Manual (2022).md", "manual (2026).md"),
        ("manual.md", "manual-v2.md"),
    ],
)
def test_the_later_of_two_versions_replaces_the_other(older: str, newer: str) -> None:
    old, new = document(older, 1, OLD), document(newer, 2, NEW)
    assert outdated([old, new]) == {1: new}
    assert outdated([new, old]) == {1: new}
    assert family_of(older) == family_of(newer)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("forms/SC-F-017.md", "forms/SC-F-035.md"),
        ("error-e21.md", "error-e22.md"),
        ("chapter-1.md", "chapter-2.md"),
        ("form-12.md", "form-13.md"),
        ("section-1.2.md", "section-1.3.md"),
        ("site 3.md", "site 4.md"),
        ("digest-2025-q3.md", "digest-2025-q4.md"),
        ("INC-2024-0117.md", "INC-2024-0118.md"),
        ("ipv4.md", "ipv6.md"),
        ("v1.md", "v2.md"),
        ("2024.md", "2026.md"),
        ("north/leave-v3.md", "south/leave-v4.md"),
        ("leave-v3.md", "travel-v4.md"),
    ],
)
def test_different_documents_are_no_versions_of_each_other(one: str, two: str) -> None:
    assert outdated([document(one, 1, OLD), document(two, 2, NEW)]) == {}
    assert family_of(one) != family_of(two)


def test_a_document_that_names_its_successor_is_outdated_whatever_its_date() -> None:
    old = document("handbook.md", 1, NEW, superseded_by="rules/guide.md")
    new = document("guide.md", 2, OLD)
    assert outdated([old, new]) == {1: new}


def test_a_successor_that_was_not_retrieved_replaces_nothing() -> None:
    assert outdated([document("handbook.md", 1, superseded_by="guide.md")]) == {}


def test_of_three_versions_the_last_replaces_both_others() -> None:
    first, second = document("p-v1.md", 1, date(2022, 1, 1)), document("p-v2.md", 2, OLD)
    third = document("p-v3.md", 3, NEW)
    assert outdated([second, first, third]) == {1: third, 2: third}


def test_a_later_draft_does_not_replace_what_is_in_force() -> None:
    rule = document("remote-v1.md", 1, OLD)
    draft = document("remote-v2.md", 2, NEW, Authority.DRAFT)
    assert outdated([rule, draft]) == {2: rule}


def test_of_one_date_the_higher_version_counts() -> None:
    two, ten = document("p-v2.md", 1, NEW), document("p-v10.md", 2, NEW)
    assert outdated([ten, two]) == {1: ten}


def test_copies_of_one_standing_replace_nothing() -> None:
    assert outdated([document("p.md", 1, NEW), document("p.docx", 2, NEW)]) == {}


def test_passages_of_one_document_are_no_versions() -> None:
    one = document("p-v2.md", 1, NEW)
    assert outdated([one, one]) == {}
