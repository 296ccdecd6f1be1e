"""Whatever an output holds, a check ends, does not raise, and gives a storable reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from services.assertions.checks import PLAIN
from tests.services.assertions.checking import check
from use_cases.playground.model import Verdict

TEXTS = st.text(st.characters(codec=None), max_size=60) | st.sampled_from(
    ["", "{", "<a", "```sql\n", '{"a": "\ud800"}', "<a>\ud800</a>", "&", "\0", "]]>", "{{7*7}}"]
)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
MEGABYTE = 1_000_000
HUGE = {
    "prose": "the cat sat on the mat. " * 42_000,
    "braces": "{" * MEGABYTE,
    "brackets": "[" * MEGABYTE,
    "tags": "<a " * 333_000,
    "comments": "<!--" * 250_000,
    "surrogates": "\ud800" * MEGABYTE,
    "anchors": "{&a [*a,*a]} " * 77_000,
    "digits": "1" * MEGABYTE,
}


@given(st.sampled_from(sorted(PLAIN)), TEXTS, VALUES, st.none() | st.floats())
def test_nothing_raises_and_every_reason_is_storable(
    kind: str, text: str, value: JsonValue, threshold: float | None
) -> None:
    found = check(kind, text, value, threshold)
    negated = check(f"not-{kind}", text, value, threshold)
    assert (found.verdict is Verdict.ERROR) == (negated.verdict is Verdict.ERROR)
    for one in (found, negated):
        one.reason.encode()
        assert 0 <= one.score <= 1
        assert one.code in ("", "assertion_invalid")


@given(TEXTS.filter(bool), TEXTS, TEXTS)
def test_a_text_contains_its_parts(part: str, before: str, after: str) -> None:
    text = before + part + after
    assert check("contains", text, part).verdict is Verdict.PASSED
    assert check("icontains", text, part).verdict is Verdict.PASSED
    assert check("contains-all", text, [part, before + part]).verdict is Verdict.PASSED
    assert check("starts-with", part + after, part).verdict is Verdict.PASSED


@given(st.lists(st.sampled_from(["a", "b", "c", "d."]), min_size=1, max_size=12).map(" ".join))
def test_a_text_overlaps_fully_with_itself(text: str) -> None:
    for kind in ("rouge-n", "rouge-1", "rouge-l", "bleu", "gleu"):
        assert check(kind, text, text).score == pytest.approx(1.0)


@given(TEXTS, TEXTS)
def test_the_distance_is_the_same_both_ways(a: str, b: str) -> None:
    assert check("levenshtein", a, b).verdict is check("levenshtein", b, a).verdict


@pytest.mark.parametrize(
    "kind", ["is-json", "contains-json", "is-html", "contains-html", "is-xml", "contains-xml", "regex", "levenshtein", "is-refusal", "word-count", "is-sql", "is-valid-function-call"],
)  # fmt: skip
@pytest.mark.parametrize(
    "name",
    ["prose", *(pytest.param(name, marks=pytest.mark.exhaustive) for name in HUGE if name != "prose")],
)  # fmt: skip
def test_a_megabyte_is_checked(kind: str, name: str) -> None:
    text = HUGE[name]
    value: JsonValue = {"regex": r"(x+x+)+y", "levenshtein": text[1:], "word-count": 5}.get(kind)
    found = check(kind, text, value)
    assert len(found.reason) < 1_000
    assert (found.verdict is Verdict.ERROR) == (
        kind == "is-sql" or (name, kind) == ("brackets", "is-json")
        or (kind == "is-valid-function-call" and name == "brackets")
    )  # fmt: skip


def test_a_schema_cannot_make_a_pattern_explode() -> None:
    schema: JsonValue = {"properties": {"a": {"pattern": "^(a+)+$"}}, "patternProperties": {"^(b+)+$": {}}, "additionalProperties": False}  # fmt: skip
    found = check("is-json", '{"a": "' + "a" * 50_000 + '!"}', schema)
    assert found.verdict is Verdict.FAILED
    assert check("is-json", '{"' + "b" * 50_000 + '!": 1}', schema).verdict is Verdict.FAILED


def test_a_very_long_number_is_json() -> None:
    assert check("is-json", "9" * 10_000).verdict is Verdict.PASSED
