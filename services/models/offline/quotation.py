"""How a unit of a document stands in an answer: its own words, on one line, without its markup.

The exact characters are in the citation (`use_cases/kernel/citations/verification.py`), which finds them by the
words; so markup may go here and nothing is lost. Code keeps its characters: somebody will copy it.
"""

import re
from functools import cache, lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from services.models.offline.candidates import Candidate, plain
from services.models.offline.question import Question
from use_cases.kernel.text.sentences import UnitKind
from use_cases.kernel.text.words import content

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_LONG_ROW = 240
_MARKER = re.compile(
    r"(`+)(?=[^`\n])[^\n]*?(?<!`)\1(?!`)|"
    r"[\[【](\s*(?:\^?\d{1,4}[\d\s,;^–-]*(?:†[^\]】]*)?|not[ _-]found|refused|conflict|tentative)\s*)[\]】]",
    re.IGNORECASE,
)
"""Inline code, or what the server would take for a marker of ours."""

_BAR = re.compile(r"(?<!\\)\|")
_TASK = re.compile(r"\[[ xX]\]\s+")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_UNRESOLVED = re.compile(r"!?\[([^\[\]]+)\](?:\((?:\{[{%<].*?[}%>]\}|#)[^)]*\)|\[[^\]]*\])")
"""A link whose target stands elsewhere or is made by a template."""

_MARKUP = re.compile(r"[*_\[\]<>\\&]")
_MARKDOWN = {".md", ".markdown", ".mdx"}
_ADDRESS = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


def quoted(candidate: Candidate, question: Question) -> str:
    """A unit as it can stand in an answer, with no marker of its own; of a long row what is asked."""
    text = plain(candidate.text)
    if candidate.kind is UnitKind.CODE:
        return f"`` {text} ``" if "`" in text else f"`{text}`"
    if candidate.kind is UnitKind.ROW:
        text = _row(text)
    elif len(text) > _LONG_ROW and "; " in text and ": " in text:
        text = _fields(text, question)
    if PurePosixPath(candidate.entry.passage.document.name).suffix.lower() in _MARKDOWN:
        text = without_markup(text)
    return unmarked(text)


def unmarked(text: str) -> str:
    """A text with round brackets where it would read as a citation or an outcome of ours."""
    return _MARKER.sub(lambda m: m.group() if m[1] else f"({m[2]})", text)


def titled(text: str) -> str:
    """A title or heading of a document as it can stand in an answer."""
    return unmarked(without_markup(text, addresses=False))


def without_markup(text: str, *, addresses: bool = True) -> str:
    """One line of Markdown as it reads: no emphasis, links by their text, addresses in brackets."""
    text = _BREAK.sub(" ", _TASK.sub("", text, count=1) if text.startswith("[") else text)
    return _read(text, addresses=addresses) if _MARKUP.search(text) else text


@lru_cache(maxsize=1024)
def _read(text: str, *, addresses: bool) -> str:
    inline = _parser().parseInline(_UNRESOLVED.sub(r"\1", text))
    read = plain("".join(_words(inline[0].children or [], addresses=addresses))) if inline else text
    # `2*3*4` is emphasis, too: what would make a word that does not stand there is left as it is.
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


def _fields(text: str, question: Question) -> str:
    """The fields of a long `Column: value; …` row that the question is about, and the first two."""
    fields = text.split("; ")
    about = set(question.words)
    return "; ".join(f for i, f in enumerate(fields) if i < 2 or about & set(content(f)))
