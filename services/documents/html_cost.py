"""What a page would cost its parser, counted beforehand in one pass over its tags.

An HTML parser looks through all open elements at most tags, and through all attributes of an element
at each new one. So a page of 350 kB that only nests takes it 20 seconds, and one of 3.5 MB with one
tag of many attributes minutes, without a chance to stop it. Promises: an ordinary page, however long
or careless with its end tags, is far below the limit. It follows the rules of HTML only
roughly: the reader's deadline ends what is missed here.
"""

import re
from collections import defaultdict

from services.documents.html_blocks import BLOCKS
from use_cases.knowledge.errors import SourceTooCostly

MOST_STEPS = 200_000_000
"""About one second: 20,000 nested elements, or as many attributes of one element."""

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
_ENDED_BY_THE_NEXT = frozenset({
    "a", "dd", "dt", "li", "optgroup", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr",
})  # fmt: skip
_FORMATTING = frozenset({
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
})  # fmt: skip
_BORDERS = BLOCKS - _ENDED_BY_THE_NEXT
_FOREIGN = ("svg", "math")


def refuse_costly(text: str) -> None:
    """Raise `SourceTooCostly` for a page that would take its parser more than `MOST_STEPS`."""
    steps = 0
    opened = _Open()
    for tag in _TAG.finditer(text):
        if tag["name"] is None:
            continue
        steps += len(opened) + _attribute_steps(tag["rest"])
        if steps > MOST_STEPS:
            raise SourceTooCostly(
                "Its elements are nested too deeply, or have too many attributes.",
                hint="Save the page as plain text, or simplify its markup.",
            )
        name = tag["name"].lower()
        if tag["end"]:
            opened.leave(name)
        elif name not in _VOID and not (tag["rest"].endswith("/") and opened.is_foreign):
            opened.enter(name)


def _attribute_steps(attributes: str) -> int:
    if len(attributes) < _LONG:
        return 0
    return sum(1 for _ in _ATTRIBUTE.finditer(attributes)) ** 2 // 2


class _Open:
    """The elements that are open, about as a parser has them."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._borders: list[int] = [-1]

    def __len__(self) -> int:
        return len(self._names)

    @property
    def is_foreign(self) -> bool:
        """Whether `<path/>` has no content here."""
        return any(self._places[name] for name in _FOREIGN)

    def enter(self, name: str) -> None:
        """A start tag, which ends an element of its kind that has no end tag."""
        places = self._places[name]
        if name in _ENDED_BY_THE_NEXT and places and places[-1] > self._borders[-1]:
            self._cut(places[-1])
        if name in _BORDERS:
            self._borders.append(len(self._names))
        places.append(len(self._names))
        self._names.append(name)

    def leave(self, name: str) -> None:
        """An end tag: it ends what was opened inside, too, but nothing outside of a table."""
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
