"""How a document's words stand in an answer: read, not copied with their markup."""

import pytest

from services.models.offline.quotation import only_defines, quote, quote_title, strip_markup
from tests.fakes.search import passage
from tests.services.models.offline.making import units_of


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("**This is a draft.** It binds *nobody*.", "This is a draft. It binds nobody."),
        ("[ ] Order the fans.", "Order the fans."),
        ("[x] Ordered.", "Ordered."),
        ("See [the form](https://a.example/f).", "See the form (https://a.example/f)."),
        ("See [the policy](../leave.md#days).", "See the policy."),
        ("See <https://a.example/f>.", "See https://a.example/f."),
        ("Ask [us](mailto:help@a.example).", "Ask us (help@a.example)."),
        ("![A tank](tank.png) of steel", "A tank of steel"),
        ('[Tock]({% page "tools/tock/" %}) it', "Tock it"),
        ("[flights][guide-2] and [#3](#there)", "flights and #3"),
        (r'See \[Tock]({% page "tools/tock/" %})', "See Tock"),
        ("First line<br>second line", "First line second line"),
        ('a.com/<span class="id">12</span>', "a.com/12"),
        ("<td>Up to</td><td>10</td> `<td>` <node>", "Up to 10 `<td>` <node>"),
        ("Write [to us](mailto:1800help@a.example).", "Write to us (1800help@a.example)."),
        ("Tom &amp; Ann", "Tom & Ann"),
        ("Run `a_b *c*` on <host> as snake_case_name", None),
        ("2*3*4 is 24", None),
        ("Plain words.", None),
        (r"A \* star", "A * star"),
        (
            'Ask {% slack_channel "ops" "Operations" %} {% image "a.png" "A form" %}{% include x.html %}now',
            "Ask Operations now",
        ),
        ("[Diagrams](https://a.example){: .button} help", "Diagrams (https://a.example) help"),
        ("Set `{{ name }}` or {{ name }} there", "Set `{{ name }}` or there"),
        ("**Govt. contract:** the standard", "Govt. contract: the standard"),
        ("*Note: call first.", "Note: call first."),
    ],
)
def test_markdown_reads_without_its_marks(text: str, read: str | None) -> None:
    assert strip_markup(text) == (text if read is None else read)


def test_only_markdown_is_read_as_markdown() -> None:
    (unit,) = units_of(passage("**Never** open it.", name="rules.txt"))
    assert quote(unit) == "**Never** open it."
    (unit,) = units_of(passage("**Never** open it.", name="rules.MD"))
    assert quote(unit) == "Never open it."


def test_the_marks_of_a_quoted_line_are_left_out() -> None:
    (unit,) = units_of(passage("> Never open it\n> > by hand."))
    assert quote(unit) == "Never open it by hand."


def test_a_sentence_that_only_defines_is_known_and_an_item_is_none() -> None:
    units = units_of(passage("This alert fires when a disk is full.\n\n- Phishing is a fraud."))
    assert [only_defines(unit) for unit in units] == [True, False]


def test_a_title_has_no_address_and_no_marker_of_ours() -> None:
    assert quote_title("Reporting [phish](https://a.example/p) [1]") == "Reporting phish (1)"
