"""Every value of a page is escaped: an HTML5 parser finds the text, and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError
from selectolax.lexbor import LexborHTMLParser

from backend.pages import GrowingPage, plain
from tests.thoroughness import examples

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</pre></details></main><!--",
    "&lt;b&gt; &amp;amp; &#60;",
    "a\u2028b\u2029c\u202egnp.exe",
    "half \ud83d of a pair, and \udc00",
    "nul \x00 bell \x07 delete \x7f next line \x85",
    "{{7*7}} ${7*7} <%= 7 %>",
)

texts = st.one_of(
    st.sampled_from(HOSTILE), st.text(st.characters(), max_size=40), st.text("<>&\"'/ =a\x00\ud800")
)


def seen(value: str) -> str:
    """The text as a parser gives it back: U+FFFD for what a page cannot hold, `\\n` ends lines."""
    held = "".join(
        f"⟨U+{ord(char):04X}⟩"
        if char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        else "\ufffd"
        if (ord(char) < 32 and char not in "\t\n\r")
        or 0x7F <= ord(char) < 0xA0
        or 0xFDD0 <= ord(char) <= 0xFDEF
        or ord(char) in (0xFFFE, 0xFFFF)
        else char
        for char in value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )
    return held.replace("\r\n", "\n").replace("\r", "\n")


PAGE = GrowingPage("reports/frame.html", policy="", style="", script="", filled_columns=list)


@settings(max_examples=examples(300))
@given(texts, texts)
def test_text_stays_text_as_a_child_and_as_an_attribute(child: str, attribute: str) -> None:
    page = LexborHTMLParser(f"<body>{PAGE.part('mark', child, '', attribute)}</body>")
    (node,) = page.css("body *")
    assert node.tag == "span"
    assert node.text() == seen(child)
    assert (node.attributes["title"] or "") == seen(attribute)


@settings(max_examples=examples(200))
@given(texts)
def test_a_page_can_always_be_written(value: str) -> None:
    PAGE.part("code", plain(value)).encode("utf-8")


def test_what_is_missing_shows_nothing_and_a_wrong_name_is_an_error() -> None:
    assert PAGE.part("code", None) == "<code></code>"
    with pytest.raises(UndefinedError, match="policy"):
        GrowingPage("reports/frame.html").part("start", "Title")
