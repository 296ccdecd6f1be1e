"""HTML: the visible main part of a page as plain text with structure.

It is `<main>` (or the only `<article>`, or the body) without navigation, scripts, forms and hidden
parts; headings, lists, code and tables become blocks. Promises: any markup, however broken or deep,
gives a document, `SourceEmpty` or `SourceTooCostly`; hidden content never reaches the text. Link
targets and images are left out.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.documents.composing import Composer
from services.documents.html_blocks import HtmlBlocks
from services.documents.html_cost import refuse_costly
from services.documents.stated import fill_gaps, parse_facts, parse_opening
from use_cases.knowledge.errors import SourceEmpty
from use_cases.knowledge.model import ParsedDocument, StatedFacts

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
    """Read decoded HTML. Raises `SourceEmpty` without visible text, and `SourceTooCostly`.

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
    """Pass every visible node to the block writer, with an explicit stack for deep pages."""
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
            stack.extend((child, True) for child in reversed(list(_children(node))))
    writer.close()


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


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
    said = parse_facts(facts)
    title = tree.css_first("head title")
    words = " ".join(title.text(deep=True).split()) if title is not None else ""
    time = body.css_first("time[datetime]")
    format_cell = parse_facts({"date": (time.attributes.get("datetime") or "") if time else ""})
    return replace(
        said,
        title=parse_facts({"title": words}).title,
        updated=said.updated or format_cell.updated,
    )
