"""Secrets are kept out of texts, whole or in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.kernel.text.secrets import SecretFilter

SECRET = "abcabcabd-secret"


def passed(pieces: list[str]) -> str:
    """What a reader gets of a text in pieces."""
    kept, waiting = SecretFilter([SECRET]), ""
    shown: list[str] = []
    for piece in pieces:
        ready, waiting = kept.split(waiting + piece)
        shown.append(ready)
    return "".join(shown) + waiting


@pytest.mark.parametrize("size", range(1, 20))
def test_a_secret_is_hidden_however_it_is_cut(size: int) -> None:
    text = f"abcabc {SECRET} abc{SECRET}abcab"
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert passed(pieces) == "abcabc [hidden] abc[hidden]abcab"


@given(st.lists(st.text(alphabet="abcd-secrt ")))
def test_other_text_passes_unchanged(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert passed(pieces) == text.replace(SECRET, "[hidden]")


def test_only_the_beginning_of_a_secret_waits() -> None:
    assert SecretFilter([SECRET]).split("hello abcabc") == ("hello ", "abcabc")
    assert SecretFilter([SECRET]).split("hello") == ("hello", "")


def test_a_secret_within_another_leaves_nothing_behind() -> None:
    assert SecretFilter(["secret", "secret-long"]).clean("secret-long") == "[hidden]"


def test_short_values_are_no_secrets() -> None:
    assert SecretFilter(["test"]).clean("a test") == "a test"
