"""Planted secrets do not survive, and ordinary text does."""

import pytest

from backend.observability.log_lines import Mask

KEY = "planted/key+with=signs&9"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"key is {KEY}.", "key is [hidden]."),
        ("GET /?k=planted%2Fkey%2Bwith%3Dsigns%269", "GET /?k=[hidden]"),
        (
            "Incorrect API key provided: sk-proj-abcDEF0123456789.",
            "Incorrect API key provided: [hidden].",
        ),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer [hidden]"),
        ("Authorization: Basic YWRhOnNlY3JldA==", "Authorization: Basic [hidden]"),
        ("postgresql://ada:opensesame@db:5432/x", "postgresql://ada:[hidden]@db:5432/x"),
        ("X-Api-Key: abcdef123456", "X-Api-Key: [hidden]"),
        ("{'api_key': 'abcdef123456'}", "{'api_key': '[hidden]'}"),
        ("password=hunter2222 next", "password=[hidden] next"),
        (f"GET /?k=cndr_{'a' * 10}_{'b' * 40} 200", "GET /?k=[hidden] 200"),
        (f"bad key 'cndr_{'a' * 10}_{'b' * 7}…'", "bad key '[hidden]…'"),
        (
            "GET /api/auth/callback?code=4%2F0Ab32j92aaaaaaaa&state=jITM2nALlveTw9wd 302",
            "GET /api/auth/callback?code=[hidden]&state=[hidden] 302",
        ),
    ],
)
def test_a_planted_secret_is_masked(text: str, expected: str) -> None:
    assert Mask([KEY])(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "What is the password rotation policy?",
        "input_tokens=12 output_tokens=4",
        "The bearer of this card",
        "risk-assessment and task-list-for-the-week",
        "http://localhost:8000/docs",
        "GET /api/v1/datasets?state=complete&code=ok",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert Mask([KEY])(text) == text


def test_a_database_url_hides_its_password_and_not_its_file() -> None:
    mask = Mask(["sqlite+aiosqlite:///var/candor.sqlite", "postgresql://ada:p%40ssw@db/candor"])
    assert mask("opened sqlite+aiosqlite:///var/candor.sqlite") == (
        "opened sqlite+aiosqlite:///var/candor.sqlite"
    )
    assert mask("login with p%40ssw failed") == "login with [hidden] failed"


def test_a_secret_inside_a_longer_one_leaves_no_rest() -> None:
    assert Mask(["abcd", "abcd-efgh"])("x abcd-efgh y abcd") == "x [hidden] y [hidden]"


def test_secrets_too_short_to_tell_are_left() -> None:
    assert Mask(["a", ""])("a cat") == "a cat"
