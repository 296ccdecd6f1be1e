"""The size of a statement after merging is bounded from above, and close enough for real queries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tables.expansion import MAX_TERMS, count_terms
from tests.services.tables.attacks import doubled
from tests.services.tables.legitimate import LEGITIMATE


@pytest.mark.parametrize("times", [1, 5, 10, 17])
def test_doubling_is_seen(times: int) -> None:
    assert count_terms(doubled("SELECT c + c AS c", times)) >= 2**times


def test_a_recursive_expression_is_counted_once() -> None:
    assert (
        count_terms("WITH RECURSIVE c(x) AS (SELECT 1 UNION SELECT x+1 FROM c) SELECT x FROM c")
        < 20
    )


def test_a_recursive_expression_that_adds_up_is_no_bomb() -> None:
    fibonacci = "WITH RECURSIVE f(a, b) AS (SELECT 0, 1 UNION ALL SELECT b, a + b FROM f LIMIT 9)"

    assert count_terms(f"{fibonacci} SELECT a FROM f") < 20


def test_a_column_named_like_a_common_table_expression_is_no_bomb() -> None:
    sql = (
        "WITH sales AS (SELECT n AS costs, n + n AS total FROM numbers),"
        " costs AS (SELECT costs + total AS x FROM sales) SELECT x FROM costs"
    )

    assert count_terms(sql) < 200


def test_a_materialized_expression_counts_as_one_column() -> None:
    inner = "SELECT a+a+a+a+a+a+a+a+a+a AS b FROM numbers"

    merged = count_terms(f"WITH c AS ({inner}) SELECT b+b+b FROM c")
    kept = count_terms(f"WITH c AS MATERIALIZED ({inner}) SELECT b+b+b FROM c")

    assert merged >= 30
    assert kept < merged


def test_texts_and_comments_do_not_count() -> None:
    assert count_terms("SELECT 1 /* a b c */ -- d e\n, 'f g ''h'") == 0


@pytest.mark.parametrize("name", LEGITIMATE)
def test_real_queries_are_far_from_the_limit(name: str) -> None:
    assert count_terms(LEGITIMATE[name][0]) < MAX_TERMS / 20


@given(st.text(alphabet="(),.*'\"[]`selectfromwiha 1\n-/"))
def test_any_text_can_be_measured(sql: str) -> None:
    assert count_terms(sql) >= 0


def test_brackets_without_end_are_too_large() -> None:
    assert count_terms("(" * 10_000) > MAX_TERMS
