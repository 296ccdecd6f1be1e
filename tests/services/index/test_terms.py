"""Any text as a query: what is looked for, and that nothing of it is syntax."""

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.index.sqlite.connection import Connection
from services.index.stems import STEMMED
from services.index.terms import (
    MAX_TERMS,
    category_key,
    category_token,
    expression,
    index_text,
    query_terms,
    search_terms,
)
from tests.thoroughness import examples


@pytest.fixture(scope="module")
def fts() -> Connection:
    connection = Connection("file::memory:", apsw.SQLITE_OPEN_READWRITE)
    connection.execute(
        "CREATE VIRTUAL TABLE t USING fts5(title, heading, body, category,"
        f" tokenize='{' '.join(STEMMED)}')"
    )
    return connection


def match_query(text: str, category: str | None = None) -> str | None:
    """The FTS5 expression of a question; None without a word."""
    terms = search_terms(text)
    return expression(terms, category) if terms else None


def finds(fts: Connection, text: str, query: str, category: str | None = None) -> bool:
    fts.execute("DELETE FROM t")
    row = ("", "", index_text(text), category_token("runbooks"))
    fts.execute("INSERT INTO t VALUES (?, ?, ?, ?)", row)
    asked = match_query(query, category)
    if asked is None:
        return False
    return bool(fts.rows("SELECT rowid FROM t WHERE t MATCH ?", (asked,)))


def test_words_are_quoted_and_joined_by_or_within_the_text_columns() -> None:
    assert match_query("Rotate the passwords!") == (
        '{title heading body} : ("rotate" OR "passwords")'
    )


def test_a_category_is_one_more_condition() -> None:
    asked = match_query("rotate", "Runbooks ")
    assert asked == (
        '{title heading body} : ("rotate") AND category : "' + category_token("runbooks") + '"'
    )


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("What is the password rotation policy?", ["password", "rotation", "policy"]),
        ("to be or not to be", ["to", "be", "or", "not"]),
        ("KubeProxyDown", ["kubeproxydown", "kube", "proxy"]),
        ("HTTPServer", ["httpserver", "http", "server"]),
        ("max_retry_count", ["max", "retry", "count"]),
        ("err404 PDFs", ["err404", "err", "404", "pdfs"]),
        ("co-op C++ it's don’t", ["co", "op", "c", "don"]),
        ("4.5% on 2024-05-01", ["4.5", "2024-05-01"]),
        ("password password", ["password"]),
        ("日本語", ["日本", "本語"]),
        ("日", ["日"]),
        ("नमस्ते", ["नमस्ते"]),
        ("a NEAR(b) title:x", ["near", "b", "title", "x"]),
        ("\ud800\0", []),
        ("?!…", []),
        ("", []),
    ],
)
def test_terms_of_a_question(text: str, terms: list[str]) -> None:
    assert query_terms(text) == terms


def test_ten_thousand_words_are_bounded_and_the_long_ones_kept() -> None:
    text = " ".join(f"w{number:05}" for number in range(10_000)) + " incomprehensibility"
    asked = match_query(text)
    assert asked is not None
    assert asked.count(" OR ") == MAX_TERMS - 1
    assert '"incomprehensibility"' in asked


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("alert kubeProxyDown fires", "proxy"),
        ("alert kubeProxyDown fires", "KubeProxyDown"),
        ("set max_retry_count to 3", "retry count"),
        ("パスワードの変更", "変更"),
        ("パスワードの変更", "更"),
        ("東京都庁", "京都"),
        ("비밀번호를 변경", "비밀번호"),
        ("naïve café", "NAIVE CAFE"),
        ("version 4.5 is out", "4.5"),
        ("the of and", "the"),
        ("don't panic", "don't panic"),
    ],
)
def test_text_is_found_by_its_parts(fts: Connection, text: str, query: str) -> None:
    assert finds(fts, text, query)


@pytest.mark.parametrize(
    ("text", "query"),
    [("version 4 and 5", "4.5"), ("東京都庁", "都京"), ("alert", "")],
)
def test_other_text_is_not_found(fts: Connection, text: str, query: str) -> None:
    assert not finds(fts, text, query)


def test_words_of_a_question_do_not_reach_the_category(fts: Connection) -> None:
    assert not finds(fts, "text", category_token("runbooks"))
    assert finds(fts, "text", "text", "RUNBOOKS")
    assert not finds(fts, "text", "text", "policies")


def test_categories_with_odd_characters_have_a_plain_token() -> None:
    assert category_token('a" OR b') != category_token("b")
    assert category_token("x").isalnum()
    assert category_key("  Straße\0 ") == category_key("STRASSE\0")


SYNTAX = st.sampled_from(
    ['"', "NEAR(", "col:", "*", "^", "-", "AND", "OR", "NOT", "{title}", "(", ")", "+", "'", "😀"]
)


@settings(max_examples=examples(300))
@given(parts=st.lists(st.one_of(SYNTAX, st.text(st.characters(), max_size=12)), max_size=12))
def test_no_text_is_ever_a_syntax_error(fts: Connection, parts: list[str]) -> None:
    text = " ".join(parts)
    finds(fts, text, text, "any category")


@settings(max_examples=examples(200))
@given(text=st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30))
def test_indexing_keeps_the_text_in_front(text: str) -> None:
    assert index_text(text).startswith(text.replace("\0", "\ufffd"))


def test_a_very_long_run_of_letters_takes_no_time_to_speak_of() -> None:
    # Quadratic matching would take minutes here.
    assert len(index_text("a" * 300_000 + "B" * 300_000)) > 600_000
    assert query_terms("x" * 1_000_000) == []


def test_a_name_with_a_number_is_also_a_phrase() -> None:
    assert query_terms("When was FIN-01 reviewed?") == ["fin-01", "fin", "01", "reviewed"]
    assert query_terms("the on-call list") == ["call", "list"]
    assert query_terms("prod-db-01?")[0] == "prod-db-01"
    assert query_terms("GLP-1R") == ["glp", "1r", "1", "r"]
    assert query_terms("inositol-3,4-phosphate")[0] == "3,4"


def test_a_very_long_chain_of_names_takes_no_time_to_speak_of() -> None:
    assert query_terms("a-" * 200_000 + "1,1") == ["a"]
