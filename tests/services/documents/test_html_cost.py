"""Pages that would keep a parser busy for minutes are refused; careless ones are not."""

import pytest

from benchmarks.hostile_files import many_attributes, nested_elements, nested_tables
from services.documents.html import MOST_STEPS, refuse_costly
from services.documents.reading_worker import read_document
from use_cases.knowledge.errors import SourceTooCostly

MANY = 25_000


@pytest.mark.parametrize(
    "page",
    [
        nested_elements().decode(),
        many_attributes(MANY).decode(),
        "<ul><li>" * MANY,
        "<dl><dd>" * MANY,
        "<b><div></b>" * MANY,
        "<p><div>" * MANY,
        "<div><table><tr><td></div>" * MANY,
        "<DIV class='a>b'>" * MANY,
        "".join(f"<font id={number}>" for number in range(MANY)),
        "<script>'<div'</script><!-- <div --><div/>" * MANY,
        "<p " + " ".join(f"a{number}='x > y'" for number in range(MANY)) + ">",
    ],
    ids=range(11),
)
def test_a_page_of_one_thing_only_is_refused(page: str) -> None:
    with pytest.raises(SourceTooCostly):
        refuse_costly(page)


@pytest.mark.parametrize(
    "page",
    [
        "<p>text" * MANY,
        "<ul>" + "<li>one" * MANY,
        "<ul>" + "<li><ul><li>inner</ul>" * MANY,
        "<table>" + "<tr><td><font>a<td>b" * MANY,
        "<dl>" + "<dt>word<dd>meaning" * MANY,
        "<div><b>bold<i>both</b></i></div>" * MANY,
        "<div></span></div>" * MANY,
        "<br><img src=x><input>" * MANY,
        "<svg>" + "<path d='M 0'/>" * MANY + "</svg>",
        "<a name=x>" * MANY,
        "<select>" + "<option>a" * MANY + "</select>",
        "<!-- <div> --><script>'<div>'</script>" * MANY,
        f"<img src='data:{'x ' * MANY}'>",
        f"<p style='{'margin: 0; ' * MANY}'>",
    ],
    ids=range(14),
)
def test_a_long_careless_page_is_not(page: str) -> None:
    refuse_costly(page)


def test_what_is_let_through_is_read() -> None:
    page = nested_tables(500)
    assert read_document("a.html", page).text.startswith("| text |")


def test_the_limit_is_what_a_parser_does_in_about_a_second() -> None:
    depth = int((2 * MOST_STEPS) ** 0.5)
    refuse_costly("<div>" * (depth - 1))
    with pytest.raises(SourceTooCostly):
        refuse_costly("<div>" * (depth + 2))
