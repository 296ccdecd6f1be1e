"""The elements within a text, found leniently, for the paths that an assertion requires.

Promises: one pass over the text; broken markup is skipped, never an error. A path is
`root.child.0.@_attribute`, as promptfoo's parser (fast-xml-parser) names parts. Leaves to others:
whether a document is well formed (`services/assertions/markup_checks.py`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

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
        """Return whether the path leads to something, an element with or without content."""
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
    """Find the closed elements of a text, outermost ones, siblings together."""
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
