from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples
from use_cases.benchmark.model import MISSING, ValueKind
from use_cases.benchmark.scoring.cell_equality import (
    EqualityRule,
    canonical,
    cell_form,
    cell_forms,
    is_missing,
    parse_date,
    parse_number,
    same_cell,
    same_form,
    strict,
)

STRICT = EqualityRule.STRICT


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("  a \t b\n c ", "a b c"),
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("cafe\u0301", "café"),
        ("e&#769;", "é"),
        ("a\u00a0b", "a b"),
        ("01907", "01907"),
        ("N/A", "N/A"),
        ("", ""),
    ],
)
def test_the_strict_form_is_the_text_with_its_notation_evened_out(text: str, form: str) -> None:
    assert strict(text) == form


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12.0),
        ("12.0", 12.0),
        ("12.", 12.0),
        (".5", 0.5),
        ("-3", -3.0),
        ("−3", -3.0),
        ("+3", 3.0),
        ("1e3", 1000.0),
        ("1,200,300.5", 1200300.5),
        ("12.0 oz.", 12.0),
        ("12.0 oz", 12.0),
        ("12 fl. oz.", 12.0),
        ("99%", 99.0),
        ("$1,200", 1200.0),
        ("-$5", -5.0),
        ("$-5", -5.0),
        ("5 €", 5.0),
        ("20°C", 20.0),
        ("20 km/h", 20.0),
        ("7 m²", 7.0),
        ("01907", 1907.0),
        ("1,5", None),
        ("1.234,5", None),
        ("12,34,567", None),
        ("5 million", None),
        ("2 dozen", None),
        ("10-20", None),
        ("1 2", None),
        ("1e999", None),
        ("1" * 400, None),
        ("inf", None),
        ("--5", None),
        ("-$-5", None),
        ("oz", None),
        ("٣", None),
        ("", None),
    ],
)
def test_a_number_loses_its_unit_and_separators(text: str, number: float | None) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2020-03-04", "2020-03-04"),
        ("2020/3/4", "2020-03-04"),
        ("2020-03-04 00:00:00", "2020-03-04"),
        ("2020-03-04T10:30", "2020-03-04T10:30:00"),
        ("2020-03-04 10:30:00Z", "2020-03-04T10:30:00+00:00"),
        ("2020-03-04T10:30:00+02:00", "2020-03-04T08:30:00+00:00"),
        ("31/12/2020", "2020-12-31"),
        ("12/31/2020", "2020-12-31"),
        ("05/05/2020", "2020-05-05"),
        ("4.3.2020", "2020-03-04"),
        ("4 March 2020", "2020-03-04"),
        ("4-Mar-2020", "2020-03-04"),
        ("March 4th, 2020", "2020-03-04"),
        ("Sept. 4, 2020", "2020-09-04"),
        ("03/04/2020", None),
        ("2020-02-30", None),
        ("31.02.2020", None),
        ("1/1/71", None),
        ("Foo 4, 2020", None),
        ("0001-01-01T00:00+05:00", None),
        ("today", None),
    ],
)
def test_a_date_becomes_iso_where_the_text_has_one_reading(text: str, iso: str | None) -> None:
    assert parse_date(text) == iso


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        (ValueKind.BOOLEAN, "yes", "TRUE", True),
        (ValueKind.BOOLEAN, "0", "No", True),
        (ValueKind.BOOLEAN, "yes", "no", False),
        (ValueKind.BOOLEAN, "maybe", "Maybe", False),
        (ValueKind.NUMBER, "99%", "99", True),
        (ValueKind.NUMBER, "0.1", "0.10000000001", True),
        (ValueKind.NUMBER, "0.1", "0.100001", False),
        (ValueKind.NUMBER, "0", "1e-300", False),
        (ValueKind.NUMBER, "5", "five", False),
        (ValueKind.DATE, "2020-03-04", "4 Mar 2020", True),
        (ValueKind.DATE, "03/04/2020", "2020-03-04", False),
        (ValueKind.IDENTIFIER, "01907", "1907", False),
        (ValueKind.TEXT, "Bend", "bend", False),
        (ValueKind.TEXT, "yes", "TRUE", False),
        (ValueKind.CATEGORY, "12", "12.0", False),
        (None, "12", "12.0", False),
        *[(kind, "", "N/A", True) for kind in (*ValueKind, None)],
        *[(kind, "?", "empty", True) for kind in ValueKind],
        *[(kind, MISSING, "", False) for kind in (*ValueKind, None)],
    ],
)
def test_the_canonical_rule_compares_by_kind(
    kind: ValueKind | None, one: str, other: str, same: bool
) -> None:
    assert same_cell(one, other, kind) is same
    assert same_cell(other, one, kind) is same


def test_the_strict_rule_knows_no_kinds() -> None:
    assert not same_cell("99%", "99", ValueKind.NUMBER, STRICT)
    assert not same_cell("", "N/A", ValueKind.TEXT, STRICT)
    assert not same_cell(MISSING, "", ValueKind.TEXT, STRICT)
    assert same_cell("a  b", " a b", ValueKind.TEXT, STRICT)


def test_markers_of_missing_values_are_one() -> None:
    assert all(map(is_missing, ["", "  ", "NaN", "n/a", "NULL", "None", "?", "<NA>", "&nbsp;"]))
    assert not any(map(is_missing, ["unknown", "0", "nano", MISSING, "-1", "999"]))


CELLS = st.one_of(
    st.text(max_size=12),
    st.floats(allow_nan=False).map(str),
    st.dates(min_value=date(1000, 1, 1)).map(str),
    st.sampled_from(["yes", "N/A", "12.0 oz", "1,200", MISSING, "&amp;", "3/4/2020", "0"]),
)


@settings(max_examples=examples(1000))
@given(CELLS, CELLS, st.sampled_from([*ValueKind, None]), st.sampled_from(EqualityRule))
def test_equality_is_reflexive_symmetric_and_no_finer_than_strict(
    one: str, other: str, kind: ValueKind | None, rule: EqualityRule
) -> None:
    forms = cell_form(one, kind, rule), cell_form(other, kind, rule)
    assert same_form(forms[0], forms[0])
    assert same_form(*forms) is same_form(*reversed(forms))
    if same_cell(one, other, kind, STRICT):
        assert same_cell(one, other, kind)


@pytest.mark.exhaustive
@settings(max_examples=examples(1000))
@given(st.lists(CELLS), st.sampled_from([*ValueKind, None]), st.sampled_from(EqualityRule))
def test_the_cells_of_a_column_have_the_forms_of_each_cell(
    texts: list[str], kind: ValueKind | None, rule: EqualityRule
) -> None:
    for column in (texts, [text for text in texts if strict(text) == text]):
        assert list(cell_forms(column, kind, rule)) == [cell_form(t, kind, rule) for t in column]


@given(CELLS)
def test_the_strict_form_of_a_strict_form_has_no_space_to_lose(text: str) -> None:
    form = strict(text)
    assert form == " ".join(form.split())
    assert (
        canonical(form, ValueKind.TEXT) is None
        or "&" in form
        or canonical(form, ValueKind.TEXT) == canonical(text, ValueKind.TEXT)
    )
