"""Checks that the output is HTML or XML, or contains it.

Semantics are promptfoo 0.123.1's (`src/assertions/{html,xml}.ts`, MIT). HTML is parsed by lexbor,
XML by expat without documents' own entities; both take time in proportion to the text. The elements
that an assertion requires are found leniently, in one pass: broken markup is skipped, never an error. A
path is `root.child.0.@_attribute`, as promptfoo's parser (fast-xml-parser) names parts.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from services.assertions.js_patterns import search
from services.assertions.observation import BLANKS, Observation, Unable, js_text, listed
from use_cases.kernel.targets import TargetOutput
from use_cases.kernel.text.plain_text import whole
from use_cases.playground.model import Assertion

_NAME = r"[:A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff]"
_NAMES = rf"{_NAME}[-.0-9\xb7\u0300-\u036f\u203f\u2040{_NAME[1:-1]}]*+"
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[(?P<data>.*?)(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|<!(?:\"[^\"]*+\"?|'[^']*+'?|[^>\"'])*+>?"
    rf"|<(?P<close>/)?(?P<name>{_NAMES})(?P<rest>(?:\"[^\"]*+\"|'[^']*+'|[^<>\"'])*+)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s=/\"']+)(?:\s*=\s*(?:\"[^\"]*+\"|'[^']*+'))?")


@dataclass(slots=True)
class Element:
    """An element, or (without a name) the siblings of a fragment. `closed`: its end was found."""

    name: str = ""
    attributes: frozenset[str] = frozenset()
    has_text: bool = False
    closed: bool = False
    children: "list[Element]" = field(default_factory=list["Element"])

    def has(self, path: Sequence[str]) -> bool:
        """Returns whether the path leads to something, an element with or without content."""
        parts = [self]
        for index, key in enumerate(path):
            if len(parts) > 1 and index:
                if not (key.isdecimal() and key == str(int(key)) and int(key) < len(parts)):
                    return False
                parts = [parts[int(key)]]
                continue
            here = parts[0]
            if key.startswith("@_") or key == "#text":
                mixed = here.has_text and bool(here.attributes or here.children)
                found = mixed if key == "#text" else key[2:] in here.attributes
                return found and index == len(path) - 1
            parts = [child for child in here.children if child.name == key]
            if not parts:
                return False
        return True


def fragments(text: str) -> Iterator[Element]:
    """Finds the closed elements of a text, outermost ones, siblings together."""
    top = Element()
    groups, stack = [top], [top]
    end = 0
    for tag in _TAG.finditer(text):
        stack[-1].has_text |= bool(text[end : tag.start()].strip()) or bool(tag["data"])
        end = tag.end()
        name, rest = tag["name"], tag["rest"]
        if name is None:
            continue
        if tag["close"]:
            if stack[-1].name == name and len(stack) > 1:
                stack.pop().closed = True
            else:
                del stack[1:]
            continue
        found = _ATTRIBUTE.findall(rest) if "=" in rest or rest.strip(" \t\r\n/") else []
        element = Element(name, frozenset(found), closed=rest.rstrip().endswith("/"))
        stack[-1].children.append(element)
        if not element.closed:
            stack.append(element)
            groups.append(element)
    for group in groups:
        if not group.closed:
            whole = [child for child in group.children if child.closed]
            if whole:
                yield Element(children=whole)


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
    """Checks that the text shows at least two signs of HTML, such as a known element."""
    text = output.text
    if len(text) > _LARGEST:
        raise Unable("The output is larger than 10 MB.")
    signs = sum(weight for pattern, flags, weight in _SIGNS if search(pattern, text, flags))
    return Observation(signs >= _ENOUGH, "contain HTML")


def is_html(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the whole text is HTML: a known element, and no text outside of elements."""
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
    """Checks that the whole text is well-formed XML with the elements that the value names."""
    required = _required(assertion)
    fault = _xml_fault(output.text)
    if fault is not None:
        return Observation(False, "be XML", fault)
    return _has_elements(fragments(output.text), required, "be XML")


def contains_xml(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that a part of the text is XML with the elements that the value names."""
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
