"""The quotation of a unit in an answer: its own words, on one line, without its markup.

The citation (`use_cases/kernel/citations/verification.py`) has the exact characters and finds them
by the words, so nothing is lost with the markup. Code keeps its characters, because readers copy it.
"""

import re
from functools import cache, lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from services.models.offline.candidates import QuotableUnit, plain
from services.models.offline.question import ParsedQuestion
from use_cases.kernel.text.words import UnitKind, content

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_LONG_ROW = 240
_MARKER = re.compile(
    r"(`+)(?=[^`\n])[^\n]*?(?<!`)\1(?!`)|"
    r"[\[【](\s*(?:\^?\d{1,4}[\d\s,;^–-]*(?:†[^\]】]*)?|not[ _-]found|refused|conflict|tentative)\s*)[\]】]",
    re.IGNORECASE,
)
"""Inline code, or text that the server would take for one of its markers."""

_BAR = re.compile(r"(?<!\\)\|")
_TASK = re.compile(r"\[[ xX]\]\s+")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_UNRESOLVED = re.compile(r"!?\[([^\[\]]+)\](?:\((?:\{[{%<].*?[}%>]\}|#)[^)]*\)|\[[^\]]*\])")
"""A link whose target is defined elsewhere or by a template."""

_MARKUP = re.compile(r"[*_\[\]<>\\&]")
_MARKDOWN = {".md", ".markdown", ".mdx"}
_ADDRESS = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


def quote(candidate: QuotableUnit, question: ParsedQuestion) -> str:
    """Return a unit for an answer, without markers of its own; a long row is cut to the question."""
    text = plain(candidate.text)
    if candidate.kind is UnitKind.CODE:
        return f"`` {text} ``" if "`" in text else f"`{text}`"
    if candidate.kind is UnitKind.ROW:
        text = _row(text)
    elif len(text) > _LONG_ROW and "; " in text and ": " in text:
        text = _fields(text, question)
    document = candidate.entry.passage.document
    if document.said or PurePosixPath(document.name).suffix.lower() in _MARKDOWN:
        text = strip_markup(text)
    return escape_markers(text)


def escape_markers(text: str) -> str:
    """Replace square brackets by round ones where the text would read as a citation or an outcome."""
    return _MARKER.sub(lambda m: m.group() if m[1] else f"({m[2]})", text)


def quote_title(text: str) -> str:
    """Return a title or heading of a document for an answer."""
    return escape_markers(strip_markup(text, addresses=False))


def strip_markup(text: str, *, addresses: bool = True) -> str:
    """Return one line of Markdown as plain text: links by their text, addresses in brackets."""
    text = _BREAK.sub(" ", _TASK.sub("", text, count=1) if text.startswith("[") else text)
    return _read(text, addresses=addresses) if _MARKUP.search(text) else text


@lru_cache(maxsize=1024)
def _read(text: str, *, addresses: bool) -> str:
    inline = _parser().parseInline(_UNRESOLVED.sub(r"\1", text))
    read = plain("".join(_words(inline[0].children or [], addresses=addresses))) if inline else text
    # `2*3*4` is emphasis, too: a line whose plain text would contain a new word stays as it is.
    return read if set(content(read)) <= set(content(text)) else text


def _words(tokens: "list[Token]", *, addresses: bool) -> list[str]:
    said: list[str] = []
    begun: list[tuple[int, str]] = []
    for token in tokens:
        if token.type == "code_inline":
            said.append(f"{token.markup}{token.content}{token.markup}")
        elif token.type == "link_open":
            begun.append((len(said), str(token.attrGet("href") or "")))
        elif token.type == "link_close" and begun:
            start, address = begun.pop()
            named = "".join(said[start:])
            bare = address.removeprefix("mailto:")
            if addresses and _ADDRESS.match(address) and bare not in named:
                said.append(f" ({bare})")
        elif token.type in ("softbreak", "hardbreak"):
            said.append(" ")
        else:
            said.append(token.content)
    return said


@cache
def _parser() -> "MarkdownIt":
    # Imported late: most questions are answered without it.
    from markdown_it import MarkdownIt

    # Without HTML: `<name>` in a document is nearly always a place to fill in.
    return MarkdownIt("commonmark", {"html": False})


def _row(text: str) -> str:
    cells = [cell.replace("\\|", "|").strip() for cell in _BAR.split(text)]
    cells = [cell for cell in cells if cell]
    return f"{cells[0]}: {', '.join(cells[1:])}" if len(cells) > 1 else "".join(cells)


def _fields(text: str, question: ParsedQuestion) -> str:
    """Return the first two fields of a long `Column: value; …` row and those the question is about."""
    fields = text.split("; ")
    about = set(question.words)
    return "; ".join(f for i, f in enumerate(fields) if i < 2 or about & set(content(f)))
