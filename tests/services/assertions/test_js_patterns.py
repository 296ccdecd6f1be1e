"""Patterns mean what JavaScript means, in linear time."""

import pytest

from services.assertions.js_patterns import search
from services.assertions.observation import Unable


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"^a.c$", "a\nc", False),
        (r"^a.c$", "a\u2028c", False),
        (r"a[^]c", "a\nc", True),
        (r"a[]c", "ac", False),
        (r"\s", "\u00a0", True),
        (r"[\s\S]", "\ufeff", True),
        (r"\S", "\u3000", False),
        (r"[^\S]", " ", True),
        (r"\u0041\x42", "AB", True),
        (r"\u{41}", "A", False),
        (r"\p{L}", "é", False),
        (r"\p{L}", "p{L}", True),
        (r"[[]", "[", True),
        (r"[\b]", "\b", True),
        (r"a{,3}", "a{,3}", True),
        (r"[a-\d]", "-", True),
        (r"\01", "\x01", True),
        (r"\8", "8", True),
        (r"\/\-\_\e", "/-_e", True),
        (r"(?<year>\d{4})", "in 2026", True),
        (r"\cA", "\x01", True),
        (r"[(?:]", "?", True),
        (r"\.", "\ud800.", True),
    ],
)
def test_a_pattern_means_what_javascript_means(pattern: str, text: str, found: bool) -> None:
    assert search(pattern, text) is found


@pytest.mark.parametrize(
    ("pattern", "text", "flags"),
    [("HELLO", "hello", "i"), ("^b", "a\nb", "m"), ("a.b", "a\nb", "s"), (r"^\p{L}+$", "é", "u"), (r"\u{41}", "A", "u")],
)  # fmt: skip
def test_flags_come_from_the_config(pattern: str, text: str, flags: str) -> None:
    assert search(pattern, text, flags)
    assert not search(pattern, text)


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "[", "*a", "a**", "(?i)a", "(?P<n>a)", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", r"(a)\1", r"(?<n>a)\k<n>", "[z-a]", "a{1001}", "((a{100}){100}){100}", "x" * 4_097],
)  # fmt: skip
def test_a_pattern_that_is_broken_or_needs_backtracking_is_refused(pattern: str) -> None:
    with pytest.raises(Unable):
        search(pattern, "a")


def test_an_unknown_flag_is_refused() -> None:
    with pytest.raises(Unable, match="flag g"):
        search("a", "a", "g")


@pytest.mark.parametrize("pattern", [r"^(a+)+$", r"(a|aa)+$", r"(a*)*b", r"(.*a){20}$"])
def test_patterns_that_explode_elsewhere_end(pattern: str) -> None:
    search(pattern, "a" * 100_000 + "!")
