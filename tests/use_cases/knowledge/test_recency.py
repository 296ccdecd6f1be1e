"""In which order passages of outdated versions are shown, and which give up their place."""

from dataclasses import replace
from datetime import date

import pytest

from tests.fakes.search import passage
from use_cases.kernel.model import Authority, Hit, outdated
from use_cases.knowledge.hybrid_search import current_first, search_depth

VERSIONS = {"v1": date(2023, 1, 1), "v2": date(2025, 1, 1), "v3": date(2026, 1, 1)}


def hits(names: str) -> list[Hit]:
    """`v1 v2 other`: passages of two versions of one rule, and of another document, best first."""
    words = names.split()
    numbers = {word: number for number, word in enumerate(dict.fromkeys(words), 1)}
    found = [
        passage(word, number=numbers[word], name=f"rule-{word}.md", updated=VERSIONS[word])
        if word in VERSIONS
        else passage(word, number=numbers[word], name=f"{word}.md")
        for word in words
    ]
    newer = outdated(one.document for one in found)
    return [Hit(one, 1.0, replaced_by=newer.get(one.document.version_id)) for one in found]


def shown(names: str, limit: int = 5) -> str:
    return " ".join(hit.passage.text for hit in current_first(hits(names), limit))


@pytest.mark.parametrize(
    ("found", "then"),
    [
        ("v1 v2 other", "v2 other v1"),
        ("v2 other v1", "v2 other v1"),
        ("v1 v1 v2 other v2", "v2 other v2 v1 v1"),
        ("v1 v2 v3", "v3 v1 v2"),
        ("v1 other", "v1 other"),
        ("one two three", "one two three"),
        ("", ""),
    ],
)
def test_outdated_passages_come_last(found: str, then: str) -> None:
    assert shown(found) == then


def test_one_that_is_shown_alone_is_the_version_in_force() -> None:
    assert shown("v1 other v2", limit=1) == "other"
    assert shown("v1 v2 other", limit=1) == "v2"


def test_an_outdated_passage_takes_no_place_before_what_replaces_it() -> None:
    assert shown("v1 a b c v2 d", limit=4) == "a b c v2"
    assert shown("v1 a b c v2 d", limit=5) == "a b c v2 v1"


def test_twice_as_many_are_looked_at_as_are_shown() -> None:
    assert [search_depth(limit) for limit in (1, 5, 6, 50)] == [10, 10, 12, 100]


def test_a_document_that_says_so_is_superseded_though_nothing_that_replaces_it_was_found() -> None:
    said = passage("Old.", authority=Authority.SUPERSEDED)
    assert Hit(said, 1.0).superseded
    assert not Hit(replace(said, document=passage("New.").document), 1.0).superseded
