"""Checks that the output is HTML or XML, or contains it.

Semantics are promptfoo 0.123.1's (`src/assertions/{html,xml}.ts`, MIT). HTML is parsed by lexbor,
XML by expat without documents' own entities; both take time in proportion to the text.
"""

from collections.abc import Iterator
from xml.parsers import expat

from services.assertions.js_patterns import search
from services.assertions.observation import BLANKS, Observation, Unable, js_text, listed
from services.assertions.xml_structure import Element, fragments
from use_cases.kernel.targets import TargetOutput
from use_cases.kernel.text.storable_text import whole
from use_cases.playground.model import Assertion

_LARGEST = 10_485_760
_WRAPPERS = {name: rf"<{name}[\s>/]" for name in ("html", "head", "body")}
_ELEMENTS = frozenset(
    """html head title base link meta style body article section nav aside h1 h2 h3 h4 h5 h6 header
    footer address p hr pre blockquote ol ul li dl dt dd figure figcaption main div a em strong small s
    cite q dfn abbr ruby rt rp data time code var samp kbd sub sup i b u mark bdi bdo span br wbr img
    iframe embed object param picture source video audio track map area svg math script noscript canvas
    ins del table caption colgroup col tbody thead tfoot tr td th form label input button select
    datalist optgroup option textarea output progress meter fieldset legend details summary dialog menu
    slot template""".split()  # noqa: SIM905  (a list would take a line for each)
)
_SIGNS = (
    (r"<[a-zA-Z][a-zA-Z0-9-]*(?:\s[^>]*)?>", "", 1),
    (r"<\/[a-zA-Z][a-zA-Z0-9-]*\s*>", "", 1),
    (r"<[a-zA-Z][a-zA-Z0-9-]*(?:\s[^>]*)?\/>", "", 1),
    (r"&(?:[a-zA-Z]+|#[0-9]+|#x[0-9a-fA-F]+);", "", 1),
    (r"<!DOCTYPE\s+html", "i", 2),
    (r"<!--[^-]*(?:-[^-]+)*-->", "", 1),
    (r"""\s[a-zA-Z-]+=\s*["'][^"']*["']""", "", 1),
    (
        r"<(html|head|body|div|span|p|a|img|h[1-6]|ul|ol|li|table|tr|td|th|form|input|button|script"
        r"|style|link|meta|br|hr)\b",
        "i",
        2,
    ),
)
_ENOUGH = 2


def contains_html(assertion: Assertion, output: TargetOutput) -> Observation:
    """The text shows at least two signs of HTML, such as a known element."""
    text = output.text
    if len(text) > _LARGEST:
        raise Unable("The output is larger than 10 MB.")
    signs = sum(weight for pattern, flags, weight in _SIGNS if search(pattern, text, flags))
    return Observation(signs >= _ENOUGH, "contain HTML")


def is_html(assertion: Assertion, output: TargetOutput) -> Observation:
    """The whole text is HTML: a known element, and no text outside of elements."""
    text = output.text.strip(BLANKS)
    if len(text) > _LARGEST:
        raise Unable("The output is larger than 10 MB.")
    fault = _html_fault(text)
    return Observation(fault is None, "be HTML", fault or "")


def _html_fault(text: str) -> str | None:
    from selectolax.lexbor import LexborHTMLParser

    lower = text.lower()
    if not text or lower.startswith("<?xml"):
        return "It is empty." if not text else "It is XML."
    tree = LexborHTMLParser(whole(text))
    wrappers = {name for name, pattern in _WRAPPERS.items() if search(pattern, lower)}
    # Text before the first element opens a body of its own, whatever tag follows.
    if ("body" not in wrappers or text[0] != "<") and tree.body is not None:
        for node in tree.body.iter(include_text=True):
            if node.tag == "-text" and (node.text(deep=False) or "").strip(BLANKS):
                return "It has text outside of elements."
    tags = (
        {node.tag for node in tree.root.traverse()} if tree.root is not None else set[str | None]()
    )
    known = {
        tag
        for tag in tags
        if tag and (tag in _ELEMENTS or "-" in tag.lstrip("-!")) and tag[0] != "-"
    }
    if not known - _WRAPPERS.keys() and not wrappers:
        return "It has no known element."
    return None


def is_xml(assertion: Assertion, output: TargetOutput) -> Observation:
    """The whole text is well-formed XML with the elements that the value names."""
    required = _required(assertion)
    fault = _xml_fault(output.text)
    if fault is not None:
        return Observation(False, "be XML", fault)
    return _has_elements(fragments(output.text), required, "be XML")


def contains_xml(assertion: Assertion, output: TargetOutput) -> Observation:
    """A part of the text is XML with the elements that the value names."""
    return _has_elements(fragments(output.text), _required(assertion), "contain XML")


def _has_elements(found: Iterator[Element], required: list[str], should: str) -> Observation:
    if required:
        should += f" with {listed(required)}"
    missing = ["any element"]
    for fragment in found:
        missing = [path for path in required if not fragment.has(path.split("."))]
        if not missing:
            return Observation(True, should)
    return Observation(False, should, f"It lacks {listed(missing)}.")


def _required(assertion: Assertion) -> list[str]:
    match assertion.value:
        case str() as text:
            return [path.strip() for path in text.split(",")]
        case list() as paths:
            return [js_text(path) for path in paths]
        case {"requiredElements": list() as paths}:
            return [js_text(path) for path in paths]
        case dict() as other if other:
            raise Unable("Its value must be a text, a list, or have requiredElements.")
        case _:
            return []


def _xml_fault(text: str) -> str | None:
    faults: list[str] = []

    def begin_doctype(_name: str, _system: str | None, _public: str | None, inside: int) -> None:
        if inside:
            faults.append("A document type with declarations of its own is not read.")
            raise ValueError

    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.StartDoctypeDeclHandler = begin_doctype
    try:
        parser.Parse(whole(text).encode(), True)
    except expat.ExpatError as error:
        return f"{expat.ErrorString(error.code)} in line {error.lineno}."
    except ValueError:
        return faults[0]
    return None
