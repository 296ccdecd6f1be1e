"""HTML: the visible main part of a page as plain text with structure.

It is `<main>` (or the only `<article>`, or the body) without navigation, scripts, forms and hidden
parts; headings, lists, code and tables become blocks. White space collapses as in a browser, except in
`<pre>`; a table that contains tables or headings is a layout table, and counts as none. Link targets and
images are left out. Promises: any markup, however broken or deep, gives a document, `SourceEmpty` or
`SourceTooCostly`; hidden content never reaches the text.

An HTML parser scans all open elements at most tags, and all attributes of an element at each new one. So
a page of 350 kB of nested tags takes 20 seconds, and one of 3.5 MB with one tag of many attributes
minutes, without a way to stop it. Its cost is estimated first, in one pass over its tags. An ordinary
page, however long or careless with its end tags, is far below the limit. The estimate follows the rules
of HTML only roughly: the reader's deadline ends what it misses.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.documents.composing import Composer, table_rows
from services.documents.stated import fill_gaps, parse_facts, parse_opening, read_date
from use_cases.knowledge.errors import SourceEmpty, SourceTooCostly
from use_cases.knowledge.model import BlockKind, ParsedDocument, StatedFacts

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
        """Adds characters of the page."""
        self._words.append(words if self._pre else _WHITE.sub(" ", words))

    def enter(self, tag: str, node: LexborNode) -> None:
        """Handles the start of an element."""
        if self._rows is not None:
            self._enter_in_table(tag)
        elif tag == "br":
            self._words.append("\n")
        elif tag == "table":
            self.flush()
            self._open_table(node)
        elif tag == "pre":
            self.flush()
            self._pre += 1
        elif tag in _HEADINGS:
            self.flush()
            self._level = _HEADINGS[tag]
        elif tag == "li":
            self.flush()
            self._marker = self._next_marker()
        elif tag in BLOCKS:
            self.flush()
            if tag in ("ul", "ol"):
                self._lists.append(1 if tag == "ol" else None)

    def leave(self, tag: str) -> None:
        """Handles the end of an element."""
        if tag == "table":
            self._close_table()
        elif self._rows is not None:
            self._leave_in_table(tag)
        elif tag == "pre":
            self._pre -= 1
            self.flush(BlockKind.CODE)
        elif tag in _HEADINGS or tag == "li" or tag in BLOCKS:
            self.flush()
            self._level = 0
            if tag == "li":
                self._marker = ""
            elif tag in ("ul", "ol") and self._lists:
                self._lists.pop()

    def flush(self, kind: BlockKind | None = None) -> None:
        """Writes the open block, as at the end of the page."""
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

    def _open_table(self, node: LexborNode) -> None:
        is_layout = node.mem_id in self._layouts
        self._layout.append(is_layout)
        if not is_layout:
            self._rows = []

    def _close_table(self) -> None:
        if self._layout and self._layout.pop():
            self.flush()
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
    """Returns the ancestors of these elements, by `mem_id`; each is visited once."""
    found: set[int] = set()
    for node in nodes:
        parent = node.parent
        while parent is not None and parent.mem_id not in found:
            found.add(parent.mem_id)
            parent = parent.parent
    return found


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
_UNCOUNTED = frozenset({
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "hr", "img", "input", "link",
    "meta", "param", "source", "track", "wbr",
    "a", "dd", "dt", "li", "optgroup", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr",
})  # fmt: skip
"""Elements without content, or that end without an end tag where the next of their kind begins."""
_FORMATTING = ("b", "big", "code", "em", "font", "i", "s", "small", "span", "strong", "tt", "u")


def refuse_costly(text: str) -> None:
    """Raises `SourceTooCostly` for a page that would take its parser more than `MOST_STEPS`.

    An element counts as open until an end tag of its name; what formats, until its cell ends.
    """
    steps = 0
    opened = Counter[str]()
    for tag in _TAG.finditer(text):
        if tag["name"] is None:
            continue
        steps += opened.total() + _attribute_steps(tag["rest"])
        if steps > MOST_STEPS:
            raise SourceTooCostly(
                "Its elements are nested too deeply, or have too many attributes.",
                hint="Save the page as plain text, or simplify its markup.",
            )
        name = tag["name"].lower()
        is_empty = tag["rest"].endswith("/") and (opened["svg"] or opened["math"])
        if tag["end"]:
            opened[name] = max(0, opened[name] - 1)
        elif name in ("td", "th"):
            opened.update({each: -opened[each] for each in _FORMATTING})
        elif name not in _UNCOUNTED and not is_empty:
            opened[name] += 1


def _attribute_steps(attributes: str) -> int:
    if len(attributes) < _LONG:
        return 0
    return sum(1 for _ in _ATTRIBUTE.finditer(attributes)) ** 2 // 2


_NEVER = frozenset({
    "script", "style", "noscript", "template", "head", "title", "svg", "math", "iframe", "object",
    "canvas", "audio", "video", "select", "textarea", "button", "input", "dialog", "datalist",
})  # fmt: skip
_SURROUNDINGS = frozenset({"nav", "aside", "footer", "form", "header"})
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


def parse_html(text: str) -> ParsedDocument:
    """Reads decoded HTML. Raises `SourceEmpty` without visible text, and `SourceTooCostly`.

    A page that consists of a form (as some frameworks write them) is read with its form.
    """
    refuse_costly(text)
    tree = LexborHTMLParser(text)
    body = tree.body
    if body is None:
        raise SourceEmpty("The page has no body.")
    composer = Composer()
    for root, left_out in (
        (_main(body), _SURROUNDINGS),
        (body, _SURROUNDINGS),
        (body, frozenset[str]()),
    ):
        if composer.is_empty:
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


def _compose(root: LexborNode, left_out: frozenset[str], composer: Composer) -> None:
    """Passes every visible node to the block writer, with an explicit stack for deep pages."""
    writer = HtmlBlocks(composer, root)
    stack: list[tuple[LexborNode, bool]] = [(root, True)]
    while stack:
        node, entering = stack.pop()
        tag = node.tag or ""
        if not entering:
            writer.leave(tag)
        elif tag == "-text":
            writer.text(node.text_content or "")
        elif node is root or not _is_hidden(node, tag, left_out):
            writer.enter(tag, node)
            stack.append((node, False))
            stack.extend((child, True) for child in reversed(list(node.iter(include_text=True))))
    writer.flush()


def _is_hidden(node: LexborNode, tag: str, left_out: frozenset[str]) -> bool:
    if tag in _NEVER or tag in ("-comment", "!doctype") or tag.startswith("-"):
        return True
    if tag == "header" and tag in left_out:
        return not _is_inside_main(node)  # an article's own header contains its heading
    if tag in left_out:
        return True
    attributes = node.attributes
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    return _HIDDEN_STYLE.search(attributes.get("style") or "") is not None


def _is_inside_main(node: LexborNode) -> bool:
    parent = node.parent
    for _ in range(8):
        if parent is None:
            return False
        if parent.tag in ("main", "article"):
            return True
        parent = parent.parent
    return False


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
    said = parse_facts(facts)
    time = body.css_first("time[datetime]")
    if said.updated or time is None:
        return said
    return replace(said, updated=read_date(time.attributes.get("datetime") or ""))
