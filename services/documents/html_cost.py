"""The parsing cost of a page, estimated in one pass over its tags.

An HTML parser scans all open elements at most tags, and all attributes of an element at each new
one. So a page of 350 kB of nested tags takes 20 seconds, and one of 3.5 MB with one tag of many
attributes minutes, without a way to stop it. Promises: an ordinary page, however long or careless
with its end tags, is far below the limit. The estimate follows the rules of HTML only roughly: the
reader's deadline ends what it misses.
"""

import re
from collections import defaultdict

from services.documents.html_blocks import BLOCKS
from use_cases.knowledge.errors import SourceTooCostly

MOST_STEPS = 200_000_000
"""The limit, about one second: 20,000 nested elements, or as many attributes of one element."""

_TAG = re.compile(
    r"""<!--.*?(?:-->|\Z)
    | <(script|style|textarea|title|xmp|iframe|noembed|noframes)\b.*?(?:</\1|\Z)
    | <(?P<end>/?)(?P<name>[a-z][^\s/>]*+)
      (?P<rest>(?:[^>=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?+)*+)(?:>|\Z)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""[^\s/=]++(?:\s*+=\s*+(?:"[^"]*+"?+|'[^']*+'?+|\S*+))?+""")
_LONG = 1000  # characters of attributes: shorter, they cannot be many
_VOID = frozenset({
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "hr", "img", "input", "link",
    "meta", "param", "source", "track", "wbr",
})  # fmt: skip
_OPTIONAL_END = frozenset({
    "a", "dd", "dt", "li", "optgroup", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr",
})  # fmt: skip
_FORMATTING = frozenset({
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
})  # fmt: skip
_BORDERS = BLOCKS - _OPTIONAL_END
_FOREIGN = ("svg", "math")


def refuse_costly(text: str) -> None:
    """Raise `SourceTooCostly` for a page that would take its parser more than `MOST_STEPS`."""
    steps = 0
    elements = _OpenElements()
    for tag in _TAG.finditer(text):
        if tag["name"] is None:
            continue
        steps += len(elements) + _attribute_steps(tag["rest"])
        if steps > MOST_STEPS:
            raise SourceTooCostly(
                "Its elements are nested too deeply, or have too many attributes.",
                hint="Save the page as plain text, or simplify its markup.",
            )
        name = tag["name"].lower()
        if tag["end"]:
            elements.leave(name)
        elif name not in _VOID and not (tag["rest"].endswith("/") and elements.is_foreign):
            elements.enter(name)


def _attribute_steps(attributes: str) -> int:
    if len(attributes) < _LONG:
        return 0
    return sum(1 for _ in _ATTRIBUTE.finditer(attributes)) ** 2 // 2


class _OpenElements:
    """The stack of open elements, approximately as in a parser."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._borders: list[int] = [-1]

    def __len__(self) -> int:
        return len(self._names)

    @property
    def is_foreign(self) -> bool:
        """True if a self-closing tag such as `<path/>` has no content here."""
        return any(self._places[name] for name in _FOREIGN)

    def enter(self, name: str) -> None:
        """Handle a start tag, which closes an open element of its kind without an end tag."""
        places = self._places[name]
        if name in _OPTIONAL_END and places and places[-1] > self._borders[-1]:
            self._cut(places[-1])
        if name in _BORDERS:
            self._borders.append(len(self._names))
        places.append(len(self._names))
        self._names.append(name)

    def leave(self, name: str) -> None:
        """Handle an end tag, which closes the elements inside, too, but none outside a table."""
        places, tables = self._places[name], self._places["table"]
        if not places or (name != "table" and tables and places[-1] < tables[-1]):
            return
        if name not in _FORMATTING or places[-1] == len(self._names) - 1:
            self._cut(places[-1])

    def _cut(self, length: int) -> None:
        while len(self._names) > length:
            self._places[self._names.pop()].pop()
        while self._borders[-1] >= length:
            self._borders.pop()
