import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.text.plain_text import storable
from use_cases.playground.case_form import case_of, digest_of, record_of, text_of
from use_cases.playground.model import Assertion, Case

# Half a surrogate pair is a text too: JSON can hold it as an escape.
TEXTS = st.text(st.characters(categories=None), max_size=20)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=4)
FLOATS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
LEAVES = st.builds(
    Assertion,
    type=TEXTS,
    value=VALUES,
    threshold=FLOATS,
    weight=st.floats(0, 10),
    required=st.booleans(),
    metric=st.none() | TEXTS,
    judge=st.none() | TEXTS,
    config=OBJECTS,
)
ASSERTIONS = st.lists(LEAVES, max_size=2).map(tuple)


def one_set(parts: tuple[Assertion, ...]) -> tuple[Assertion, ...]:
    return (Assertion(type="assert-set", assertions=parts),)


CASES = st.builds(
    Case,
    key=TEXTS,
    variables=OBJECTS,
    expected=VALUES,
    assertions=ASSERTIONS | ASSERTIONS.map(one_set),
    threshold=FLOATS,
    description=TEXTS,
    metadata=OBJECTS,
)


@given(CASES)
def test_a_case_is_read_as_it_was_written(case: Case) -> None:
    written = text_of(case)
    assert storable(written) == written
    assert case_of(record_of(case)) == case
    assert case_of(json.loads(written)) == case
    assert digest_of(case_of(json.loads(written))) == digest_of(case)


def test_empty_fields_are_left_out_and_an_empty_answer_is_none_of_them() -> None:
    assert record_of(Case(key="a")) == {"id": "a", "vars": {}}
    assert record_of(Case(key="a", expected="")) == {"id": "a", "vars": {}, "expected": ""}


def test_the_digest_is_of_the_content_whatever_the_order_of_names() -> None:
    one = Case(key="a", variables={"x": 1, "y": "ü"})
    other = Case(key="a", variables={"y": "ü", "x": 1})
    assert digest_of(one) == digest_of(other)
    # printf '{"id":"a","vars":{"x":1,"y":"ü"}}' | sha256sum
    assert digest_of(one) == "c6e85075cc099cff41b8d5a5ddc5f0bf65e77e40f43111ae19db26c105038fe5"
    assert digest_of(Case(key="b", variables=one.variables)) != digest_of(one)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_json_lacks_is_refused_with_the_case(number: float) -> None:
    with pytest.raises(InvalidInput, match="'a' is no JSON"):
        text_of(Case(key="a", metadata={"n": number}))
