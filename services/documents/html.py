"""HTML: the visible main part of a page as plain text with structure.

It is `<main>` (or the only `<article>`, or the body) without navigation, scripts, forms and hidden
parts; headings, lists, code and tables become blocks. White space collapses as in a browser, except in
`<pre>`; a table that contains tables or headings is a layout table, and counts as none. Link targets and
images are left out. Promises: any markup, however broken or deep, gives a document, or `SourceEmpty`;
hidden content never reaches the text.

An HTML parser scans all open elements at most tags, and all attributes of an element at each new one. So
a page of 350 kB of nested tags takes 15 seconds, and one of 3.5 MB with one tag of many attributes
minutes, without a way to stop it; an ordinary page takes a thirtieth of a second for each megabyte, however
long or careless with its end tags. So `parse_html` ends its process, with the signal SIGVTALRM, where the parser
needs thirty times as much. It is for processes that may end (`reading_worker.py`).
"""

import re
import signal
import sys
from collections.abc import Iterator
from itertools import count, repeat

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.documents.composing import Composer, table_rows
from services.documents.stated import fill_gaps, parse_facts, parse_opening
from use_cases.knowledge.errors import SourceEmpty
from use_cases.knowledge.model import BlockKind, ParsedDocument, StatedFacts

_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hr",
    "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "ul", *_HEADINGS,
})  # fmt: skip
"""Elements that begin and end a line."""

_LAYOUT_TABLES = "table:has(table, h1, h2, h3, h4, h5, h6, pre)"
_DEEPEST_INDENT = 8
_BULLET = "- "
_WHITE = re.compile(r"[ \t\r\n\f\u00a0]+")
_INVISIBLE = str.maketrans("", "", "\u00ad\u200b\u2060")


class HtmlBlocks:
    """A block writer over a composer. `_lists` holds the coming marks of each open list.

    `_rows` are those of the open table; a layout table opens none.
    """

    def __init__(self, composer: Composer, root: LexborNode) -> None:
        self._composer = composer
        self._layouts = {table.mem_id for table in root.css(_LAYOUT_TABLES)}
        self._words: list[str] = []
        self._lists: list[Iterator[str]] = []
        self._marker = ""
        self._level = 0
        self._pre = 0
        self._rows: list[list[str]] | None = None

    def text(self, words: str) -> None:
        """Adds characters of the page."""
        self._words.append(words if self._pre else _WHITE.sub(" ", words))

    def enter(self, tag: str, node: LexborNode) -> None:
        """Handles the start of an element."""
        if self._rows is not None:
            self._enter_in_table(tag, self._rows)
        elif tag == "br":
            self._words.append("\n")
        elif tag in _BLOCKS:
            self.flush()
            self._level = _HEADINGS.get(tag, self._level)
            if tag == "table" and node.mem_id not in self._layouts:
                self._rows = []
            elif tag == "pre":
                self._pre += 1
            elif tag == "li":
                self._marker = next(self._lists[-1]) if self._lists else _BULLET
            elif tag in ("ul", "ol"):
                numbers = (f"{number}. " for number in count(1))
                self._lists.append(numbers if tag == "ol" else repeat(_BULLET))

    def leave(self, tag: str) -> None:
        """Handles the end of an element."""
        if self._rows is not None:
            self._leave_in_table(tag, self._rows)
        elif tag == "table":
            self.flush()
        elif tag == "pre":
            self.flush()
            self._pre -= 1
        elif tag in _BLOCKS:
            self.flush()
            self._level = 0
            if tag == "li":
                self._marker = ""
            elif tag in ("ul", "ol") and self._lists:
                self._lists.pop()

    def flush(self) -> None:
        """Writes the open block, as at the end of the page."""
        raw = "".join(self._words).translate(_INVISIBLE)
        self._words.clear()
        if self._pre:
            self._composer.add(BlockKind.CODE, raw)
            return
        text = "\n".join(filter(None, (_WHITE.sub(" ", line.strip()) for line in raw.split("\n"))))
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

    def _enter_in_table(self, tag: str, rows: list[list[str]]) -> None:
        if tag == "tr":
            rows.append([])
        elif tag in ("caption", "td", "th"):
            self._words.clear()
        elif tag in _BLOCKS or tag == "br":
            self._words.append(" ")

    def _leave_in_table(self, tag: str, rows: list[list[str]]) -> None:
        text = "".join(self._words).translate(_INVISIBLE)
        if tag in ("td", "th") and rows:
            rows[-1].append(text)
        elif tag == "caption":
            self._composer.add(BlockKind.PARAGRAPH, " ".join(text.split()))
        elif tag == "table":
            self._composer.add(BlockKind.TABLE, table_rows(rows))
            self._rows = None
        else:
            return
        self._words.clear()


_NEVER = (
    "script, style, noscript, template, head, title, svg, math, iframe, object, canvas, audio, video, "
    "select, textarea, button, input, dialog, datalist, [hidden], [aria-hidden=true]"
)
# An article's own header contains its heading.
_SURROUNDINGS = "nav, aside, footer, form, header:not(main header, article header)"
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_META_KEYS = {
    "article:modified_time": "updated",
    "og:updated_time": "updated",
    "last-modified": "updated",
    "dcterms.modified": "updated",
    "article:published_time": "date",
    "dcterms.date": "date",
    "dc.date": "date",
}  # fmt: skip
_META_FACTS = ("updated", "last_updated", "last_reviewed", "reviewed", "date", "status",
                 "authority", "superseded_by", "version", "owner")  # fmt: skip


def _parse(text: str) -> LexborHTMLParser:
    if sys.platform == "win32":
        return LexborHTMLParser(text)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.5 + len(text) / 1_000_000)
    try:
        return LexborHTMLParser(text)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def parse_html(text: str) -> ParsedDocument:
    """Reads decoded HTML. Raises `SourceEmpty` without visible text.

    A page that consists of a form (as some frameworks write them) is read with its form.
    """
    tree = _parse(text)
    body = tree.body
    if body is None:
        raise SourceEmpty("The page has no body.")
    composer = Composer()
    surroundings = f"{_NEVER}, {_SURROUNDINGS}"
    for root, left_out in ((_main(body), surroundings), (body, surroundings), (body, _NEVER)):
        if not composer.text:
            _compose(root, left_out, composer)
    return composer.finish(
        "text/html", fill_gaps(_stated(tree, body), parse_opening(composer.text))
    )


def _main(body: LexborNode) -> LexborNode:
    for selector in ("main", "[role=main]", "article"):
        found = body.css(selector)
        if len(found) == 1:
            return found[0]
    return body


def _compose(root: LexborNode, left_out: str, composer: Composer) -> None:
    """Passes every visible node to the block writer, with an explicit stack for deep pages."""
    writer = HtmlBlocks(composer, root)
    hidden = {node.mem_id for node in root.css(left_out)}
    hidden |= {
        node.mem_id
        for node in root.css("[style]")
        if _HIDDEN_STYLE.search(node.attributes.get("style") or "")
    }
    stack: list[tuple[LexborNode, bool]] = [(root, True)]
    while stack:
        node, entering = stack.pop()
        tag = node.tag or ""
        if not entering:
            writer.leave(tag)
        elif tag == "-text":
            writer.text(node.text_content or "")
        elif node is root or not (tag.startswith(("-", "!")) or node.mem_id in hidden):
            writer.enter(tag, node)
            stack.append((node, False))
            stack.extend((child, True) for child in reversed(list(node.iter(include_text=True))))
    writer.flush()


def _stated(tree: LexborHTMLParser, body: LexborNode) -> StatedFacts:
    facts: dict[str, str] = {}
    for meta in tree.css("meta"):
        attributes = meta.attributes
        key = (attributes.get("name") or attributes.get("property") or "").strip().lower()
        key = _META_KEYS.get(key, key.replace("-", "_"))
        if key in _META_FACTS:
            facts.setdefault(key, attributes.get("content") or "")
    title = tree.css_first("head title")
    facts["title"] = " ".join(title.text(deep=True).split()) if title is not None else ""
    time = body.css_first("time[datetime]")
    day = "" if time is None else time.attributes.get("datetime") or ""
    return fill_gaps(parse_facts(facts), parse_facts({"date": day}))
