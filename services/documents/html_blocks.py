"""The conversion of a page's elements to blocks of text.

The writer receives each element as it opens and closes, and each text in between. White space
collapses as in a browser, except in `<pre>`. A table that contains tables or headings is a layout
table, and counts as none.
"""

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborNode

from services.documents.composing import Composer, table_rows
from use_cases.knowledge.model import BlockKind

_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hr",
    "legend", "main", "nav", "ol", "p", "section", "summary", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "ul",
})  # fmt: skip
"""Elements that begin and end a line."""

_LAYOUT_SIGNS = "table, h1, h2, h3, h4, h5, h6, pre"
_DEEPEST_INDENT = 8
_WHITE = re.compile(r"[ \t\r\n\f\u00a0]+")
_INVISIBLE = str.maketrans("", "", "\u00ad\u200b\u2060")


class HtmlBlocks:
    """A block writer over a composer. `_lists` holds the next number of each open list (None: bullets)."""

    def __init__(self, composer: Composer, root: LexborNode) -> None:
        self._composer = composer
        self._layouts = _ancestors(root.css(_LAYOUT_SIGNS))
        self._words: list[str] = []
        self._lists: list[int | None] = []
        self._marker = ""
        self._level = 0
        self._pre = 0
        self._rows: list[list[str]] | None = None
        self._layout: list[bool] = []

    def text(self, words: str) -> None:
        """Add characters of the page."""
        self._words.append(words if self._pre else _WHITE.sub(" ", words))

    def enter(self, tag: str, node: LexborNode) -> None:
        """Handle the start of an element."""
        if self._rows is not None:
            self._enter_in_table(tag)
        elif tag == "br":
            self._words.append("\n")
        elif tag == "table":
            self._flush()
            self._open_table(node)
        elif tag == "pre":
            self._open_pre()
        elif tag in _HEADINGS:
            self._flush()
            self._level = _HEADINGS[tag]
        elif tag == "li":
            self._flush()
            self._marker = self._next_marker()
        elif tag in BLOCKS:
            self._flush()
            if tag in ("ul", "ol"):
                self._lists.append(1 if tag == "ol" else None)

    def leave(self, tag: str) -> None:
        """Handle the end of an element."""
        if tag == "table":
            self._close_table()
        elif self._rows is not None:
            self._leave_in_table(tag)
        elif tag == "pre":
            self._pre -= 1
            self._flush(BlockKind.CODE)
        elif tag in _HEADINGS or tag == "li" or tag in BLOCKS:
            self._flush()
            self._level = 0
            if tag == "li":
                self._marker = ""
            elif tag in ("ul", "ol") and self._lists:
                self._lists.pop()

    def close(self) -> None:
        """Write the open block at the end of the page."""
        self._flush()

    def _flush(self, kind: BlockKind | None = None) -> None:
        raw = "".join(self._words).translate(_INVISIBLE)
        self._words.clear()
        if kind is BlockKind.CODE or self._pre:
            self._composer.add(BlockKind.CODE, raw)
            return
        lines = (" ".join(line.split(" ")).strip() for line in raw.split("\n"))
        text = "\n".join(line for line in (_WHITE.sub(" ", line) for line in lines) if line)
        if not text:
            return
        if self._level:
            self._composer.add(BlockKind.HEADING, text, level=self._level)
        elif self._lists:
            self._composer.add(BlockKind.LIST, self._as_item(text))
        else:
            self._composer.add(BlockKind.PARAGRAPH, text)

    def _as_item(self, text: str) -> str:
        indent = "  " * min(len(self._lists) - 1, _DEEPEST_INDENT)
        marker, self._marker = self._marker or "  ", "  "
        return indent + marker + text.replace("\n", "\n" + indent + "  ")

    def _next_marker(self) -> str:
        if not self._lists or self._lists[-1] is None:
            return "- "
        number = self._lists[-1]
        self._lists[-1] = number + 1
        return f"{number}. "

    def _open_pre(self) -> None:
        self._flush()
        self._pre += 1

    def _open_table(self, node: LexborNode) -> None:
        is_layout = node.mem_id in self._layouts
        self._layout.append(is_layout)
        if not is_layout:
            self._rows = []

    def _close_table(self) -> None:
        if self._layout and self._layout.pop():
            self._flush()
        elif self._rows is not None:
            rows, self._rows = self._rows, None
            self._words.clear()
            self._composer.add(BlockKind.TABLE, table_rows(rows))

    def _enter_in_table(self, tag: str) -> None:
        if self._rows is None:
            return
        if tag == "caption":
            self._words.clear()
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._words.clear()
        elif tag in BLOCKS or tag in ("br", "li"):
            self._words.append(" ")

    def _leave_in_table(self, tag: str) -> None:
        text = "".join(self._words).translate(_INVISIBLE)
        if tag in ("td", "th") and self._rows:
            self._rows[-1].append(text)
            self._words.clear()
        elif tag == "caption":
            self._composer.add(BlockKind.PARAGRAPH, " ".join(text.split()))
            self._words.clear()


def _ancestors(nodes: Iterable[LexborNode]) -> set[int]:
    """Return the ancestors of these elements, by `mem_id`; each is visited once."""
    found: set[int] = set()
    for node in nodes:
        parent = node.parent
        while parent is not None and parent.mem_id not in found:
            found.add(parent.mem_id)
            parent = parent.parent
    return found
