"""HTML: the visible main part, as text with structure."""

from datetime import date

import pytest

from benchmarks.hostile_files import nested_tables
from services.documents.html import parse_html
from use_cases.knowledge.errors import SourceEmpty, SourceTooLarge

PAGE = """<!doctype html><html><head><title>Leave | Intranet</title>
<meta name="description" content="not shown"><meta property="article:modified_time" content="2026-03-04T10:00:00Z">
<style>p {}</style></head><body>
<header>Logo</header><nav><a href="/">Home</a></nav>
<main><article><header><h1>Leave
 policy</h1></header>
<p>Everybody has&nbsp;<b>28</b> days.<br>Really.</p>
<ul><li>Ask <i>early</i>.<ul><li>In the portal</li></ul></li><li><p>Ask nicely.</p></li></ul>
<ol><li>One</li><li>Two</li></ol>
<pre><code>  ask
    now</code></pre>
<table><caption>Days</caption><tr><th>Years</th><th>Days</th></tr><tr><td>0<br>to 5</td><td>28|29</td></tr></table>
<p hidden>secret</p><div style="display: none">secret</div><p aria-hidden="true">secret</p>
<template>secret</template><noscript>secret</noscript><script>secret()</script>
</article></main>
<aside>See also</aside><footer>© Acme</footer></body></html>"""


def blocks(html: str) -> list[tuple[str, str]]:
    document = parse_html(html)
    return [(block.kind.value, block.span.cut(document.text)) for block in document.blocks]


def test_the_main_part_is_read_as_it_is_seen() -> None:
    assert blocks(PAGE) == [
        ("heading", "Leave policy"),
        ("paragraph", "Everybody has 28 days.\nReally."),
        ("list", "- Ask early."),
        ("list", "  - In the portal"),
        ("list", "- Ask nicely."),
        ("list", "1. One"),
        ("list", "2. Two"),
        ("code", "  ask\n    now"),
        ("paragraph", "Days"),
        ("table", "| Years | Days |\n| --- | --- |\n| 0 to 5 | 28\\|29 |"),
    ]


def test_nothing_that_the_page_hides_is_stored() -> None:
    text = parse_html(PAGE).text
    assert not [word for word in ("secret", "Logo", "Home", "Acme", "not shown") if word in text]


def test_an_articles_own_header_is_read_however_deep_it_stands_unless_it_is_hidden() -> None:
    deep = "<div>" * 9 + "<header>Leave</header>" + "</div>" * 9
    page = f"<article>{deep}<header hidden>secret</header></article><header>Logo</header>"
    assert blocks(page) == [("paragraph", "Leave")]


def test_title_and_date_are_what_the_page_states() -> None:
    stated = parse_html(PAGE).stated
    assert (stated.title, stated.updated) == ("Leave | Intranet", date(2026, 3, 4))


def test_a_time_element_dates_a_page_that_has_no_meta() -> None:
    page = '<p>Changed <time datetime="2026-03-04">yesterday</time>.</p>'
    assert parse_html(page).stated.updated == date(2026, 3, 4)


def test_a_table_that_only_lays_the_page_out_is_read_as_the_page() -> None:
    page = "<table><tr><td><h2>Leave</h2><p>28 days</p></td><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>"
    assert blocks(page) == [
        ("heading", "Leave"),
        ("paragraph", "28 days"),
        ("table", "| a | b |\n| --- | --- |"),
    ]


def test_a_page_that_is_all_form_is_read_with_its_form() -> None:
    assert blocks("<body><form><p>28 days</p></form>") == [("paragraph", "28 days")]


@pytest.mark.parametrize(
    "page",
    [
        "<p>28 <b>days<p>of <i>leave</b></i>",
        "<html><body><div><p>28 days</p> of leave</span></body>",
        "28 days <of leave",
        "<main></main><p>28 days",
        "<p>28 days</p>" + "<div>" * 5000,
        "<table><tr><td>28 days",
    ],
)
def test_broken_markup_is_read(page: str) -> None:
    assert "28" in parse_html(page).text


def test_tables_in_tables_only_lay_the_page_out() -> None:
    page = "<table><tr><td>" * 300 + "28 days" + "<table><tr><td>a<td>b</table>" * 2
    assert blocks(page)[-1] == ("table", "| a | b |\n| --- | --- |")


def test_a_table_that_short_rows_would_make_huge_is_refused() -> None:
    with pytest.raises(SourceTooLarge, match="more than 2,000,000 cells"):
        parse_html("<table><tr>" + "<td>x" * 2_000 + "<tr><td>x" * 2_000)


@pytest.mark.parametrize("page", ["<html></html>", "<script>x</script>", "<p> &nbsp; </p>"])
def test_a_page_that_shows_nothing_is_empty(page: str) -> None:
    with pytest.raises(SourceEmpty):
        parse_html(page)


@pytest.mark.parametrize(
    "page",
    [
        "<p>text" * 25_000,
        "<ul>" + "<li><ul><li>inner</ul>" * 25_000,
        "<div><b>bold<i>both</b></i></div>" * 25_000,
        "<svg>" + "<path d='M 0'/>" * 25_000 + "</svg>text",
        f"<p style='{'margin: 0; ' * 25_000}'>text",
        nested_tables(2_000).decode(),
    ],
    ids=range(6),
)
def test_a_long_careless_page_is_read(page: str) -> None:
    assert parse_html(page).text
