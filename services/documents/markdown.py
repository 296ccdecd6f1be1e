"""Markdown: the stored text is the file's own characters, without the front matter.

Blocks come from the CommonMark parser's line numbers, so quotations are exact; each item of an outer
list is one block. Promises: every non-blank line but link definitions is in a block; front matter
that is not YAML is read as text. Template tags (Liquid, MDX) stay unchanged.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import unescape
from typing import cast

from markdown_it import MarkdownIt

from services.documents.composing import Lines
from services.documents.decoding import read_yaml
from services.documents.stated import fill_gaps, parse_facts, parse_opening
from use_cases.knowledge.errors import SourceEmpty
from use_cases.knowledge.model import Block, BlockKind, ParsedDocument

_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(?P<yaml>.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)  # fmt: skip
_LONGEST_FRONT_MATTER = 20_000  # YAML is slow: a second for 100,000 characters
_LONGEST_HEADING = 500
_LINK_DEFINITION = re.compile(r"[ ]{0,3}\[(?!\^)[^\]]+\]:|\s*$")
_KINDS = {
    "heading_open": BlockKind.HEADING,
    "list_item_open": BlockKind.LIST,
    "fence": BlockKind.CODE,
    "code_block": BlockKind.CODE,
    "table_open": BlockKind.TABLE,
}
_LISTS = ("bullet_list_open", "ordered_list_open")


def parse_markdown(text: str) -> ParsedDocument:
    """Reads decoded Markdown. Raises `SourceEmpty` when there is only front matter."""
    facts, body = split_front_matter(text)
    if not body.strip():
        raise SourceEmpty(
            "The file contains no text below its front matter.",
            hint="Nothing needs to be done, unless its text is missing by mistake.",
        )
    stated = fill_gaps(parse_facts(facts), parse_opening(body))
    return ParsedDocument(body, tuple(_blocks(body)), "text/markdown", stated)


def split_front_matter(text: str) -> tuple[Mapping[str, str], str]:
    """Returns the facts between the `---` lines at the top, and the text below them.

    Without front matter, or when it is no YAML mapping, return no facts and the whole text.
    """
    match = _FRONT_MATTER.match(text[:_LONGEST_FRONT_MATTER])
    if match is None:
        return {}, text
    try:
        loaded = read_yaml(match["yaml"])
    except ValueError:
        return {}, text
    if not isinstance(loaded, dict):
        return {}, text if match["yaml"].strip() else text[match.end() :]
    entries = cast("dict[object, object]", loaded).items()
    return {str(key): _fact(value) for key, value in entries}, text[match.end() :]


def _fact(value: object) -> str:
    """Returns a scalar, or scalars joined by commas, without HTML entities.

    Page generators put them into HTML as they are, so people write `&amp;` where they mean `&`.
    """
    words = cast("list[object]", value) if isinstance(value, list) else [value]
    return unescape(", ".join(word for word in words if isinstance(word, str)))


def _blocks(text: str) -> Iterator[Block]:
    lines = Lines(text)
    inline = MarkdownIt("commonmark")
    done = 0
    for kind, first, last, level in _line_ranges(text):
        first = max(first, done)
        yield from _uncovered(text, lines, done, first)
        for block in lines.blocks(kind, first, last):
            heading = _words(block.span.cut(text), inline) if kind is BlockKind.HEADING else ""
            yield replace(block, level=level, heading=heading)
        done = max(done, last)
    yield from _uncovered(text, lines, done, len(lines))


def _uncovered(text: str, lines: Lines, first: int, last: int) -> Iterator[Block]:
    """Yields lines between the parser's blocks, without link definitions, which are invisible."""
    for block in lines.blocks(BlockKind.PARAGRAPH, first, last):
        if not all(map(_LINK_DEFINITION.match, block.span.cut(text).split("\n"))):
            yield block


def _line_ranges(text: str) -> Iterator[tuple[BlockKind, int, int, int]]:
    """Yields (kind, first line, line after the last, heading level) of the outermost blocks."""
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])  # without inline markup: faster
    for token in parser.parse(text):
        if token.map is None or token.nesting < 0 or token.type in _LISTS:
            continue
        if token.level == 0 or (token.level == 1 and token.type == "list_item_open"):
            kind = _KINDS.get(token.type, BlockKind.PARAGRAPH)
            level = int(token.tag[1:]) if kind is BlockKind.HEADING else 0
            yield kind, token.map[0], token.map[1], level


def _words(heading: str, parser: MarkdownIt) -> str:
    """Returns a heading's words without markup; a very long one keeps it, to save parsing time."""
    if len(heading) > _LONGEST_HEADING:
        return " ".join(heading[:_LONGEST_HEADING].split()).lstrip("# ")
    inline = next((token for token in parser.parse(heading) if token.type == "inline"), None)
    shown = (
        " " if token.type.endswith("break") else token.content
        for token in (inline and inline.children) or ()
        if token.type != "html_inline"
    )
    return " ".join("".join(shown).split())
