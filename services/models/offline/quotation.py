"""The sentences that an offline answer can quote, each with its context, and their quotation.

The citation (`use_cases/kernel/citations/verification.py`) has the exact characters and finds them
by the words, so nothing is lost with the markup. Code keeps its characters, because readers copy it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from services.models.offline.question import ParsedQuestion, cue
from use_cases.kernel.citations.sources import PassageEntry
from use_cases.kernel.model import DocumentRef, Span
from use_cases.kernel.text.headings import placed_units
from use_cases.kernel.text.prompt_injection import orders
from use_cases.kernel.text.words import Unit, UnitKind, content

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


_SHORTEST = 3
_LABEL = re.compile(
    r"\[(?:Document: .*|Code that .* ran|What .* printed|The chat's .*, from its source)\]"
)
"""A line that `use_cases/conversations/message_tree.py` writes above what a tool wrote: nobody said it."""

_OF_DOCUMENTS = frozenset(content("document page policy guide handbook runbook procedure"))


@dataclass(frozen=True, slots=True)
class Features:
    """The features of a unit, by which it is ranked; 0 where it was not, or without token vectors.

    Of tokens, each -1 to 1. within: the mean of the best cosine of each of the question's tokens with a
    token of the unit (MaxSim). context: the same with the text shortly before it, title and headings.
    around: the same with all of its reading. alike: the mean cosine of all pairs of tokens. own: the
    share of the question's tokens whose best match in the reading is in the unit.

    Of words, each 0 to 1. covered, covered_here, covered_near: share of the question's words (weighted by
    rarity) in the unit; with its headings and title; with the unit before it, too. held: it holds a
    value of the asked kind. rank: 1 / (1 + rank of its passage). named: share of the question's names in
    unit, headings, title and the unit before.
    """

    within: float = 0.0
    context: float = 0.0
    around: float = 0.0
    alike: float = 0.0
    own: float = 0.0
    covered: float = 0.0
    covered_here: float = 0.0
    covered_near: float = 0.0
    held: float = 0.0
    rank: float = 0.0
    named: float = 0.0


@dataclass(frozen=True, slots=True)
class QuotableUnit:
    """A quotable unit of a retrieved reading. Of two the one with the higher `score` fits better.

    `span` is its place in the reading; `heading` the nearest heading above it; `before` the unit
    in front of it, which often names the subject of this one; `rank` the rank (from 0) of the passage
    among those retrieved; `path` the headings it stands under, the document's title left out; `whole`
    where in the reading the list item or the paragraph begins that it is a sentence of.
    """

    entry: PassageEntry
    rank: int
    span: Span
    text: str
    kind: UnitKind
    item: bool
    heading: str
    before: str
    path: tuple[str, ...] = ()
    whole: int = 0
    features: Features = Features()
    score: float = 0.0

    @property
    def document(self) -> DocumentRef:
        """The document version that contains it."""
        return self.entry.passage.document

    @property
    def place(self) -> int:
        """Its start in the stored version."""
        return self.entry.passage.reading.start + self.span.start

    @property
    def extent(self) -> Span:
        """Its place in the stored version, with its end."""
        return Span(self.place, self.place + len(self.text))


def candidates(entries: Sequence[PassageEntry], *, shortest: int = _SHORTEST) -> list[QuotableUnit]:
    """Returns all quotable units of the entries' readings, in order of rank and place.

    Text that gives orders to an assistant is not quotable. A unit of fewer than `shortest` letters
    and digits has no meaning by itself.
    """
    return [unit for rank, entry in enumerate(entries) for unit in _of(entry, rank, shortest)]


def plain(text: str) -> str:
    """Returns a unit on one line."""
    return re.sub(r"\s+", " ", text).strip()


def _of(entry: PassageEntry, rank: int, shortest: int) -> Iterator[QuotableUnit]:
    reading, document = entry.passage.reading_text, entry.passage.document
    heading, before, whole, end = "".join(entry.passage.headings[-1:]), "", 0, 0
    ordered = tuple(orders(reading))
    for one in placed_units(entry.passage):
        unit, text = one.unit, one.text
        between = reading[end : unit.span.start + _CLAUSE_NUMBER]
        if unit.kind is not UnitKind.SENTENCE or _BORDER.search(between):
            whole = unit.span.start
        end = unit.span.end
        if document.said and _LABEL.fullmatch(text):
            heading = text.strip("[]")
        elif one.is_heading:
            heading = one.path[-1] if one.path else document.title
        elif unit.kind is UnitKind.HEADING:
            heading = text.strip("# \t")  # of a table
        elif _says(unit, text) >= shortest and not any(
            order.start <= unit.span.start < order.end for order in ordered
        ):
            yield QuotableUnit(
                entry,
                rank,
                unit.span,
                text,
                unit.kind,
                unit.item,
                heading,
                before,
                one.path,
                whole,
            )
        before = text


def _says(unit: Unit, text: str) -> int:
    """Returns the number of letters and digits of a unit, without those of tags."""
    said = text if unit.kind is UnitKind.CODE else _without_tags(text)
    return sum(character.isalnum() for character in said)


_BORDER = re.compile(r"\n\s*\n|\n\s*(?:[-*+•]|\(?\d{1,3}[.)]|\d+(?:\.\d+)+\.?)\s|\n[ \t]*[#|`~>]")
"""What ends an item or a paragraph, between two sentences; the number of a clause is part of its own."""

_CLAUSE_NUMBER = 8


def about_itself(unit: QuotableUnit, question: ParsedQuestion) -> bool:
    """Returns whether a unit only describes its document while the question is about something else.

    "This is a draft." answers a question about drafts, and no other.
    """
    text = plain(unit.text).lstrip("*_>#- ")
    tells = cue("says of its document").search(text) or cue("head of a document").search(text)
    if unit.kind is not UnitKind.SENTENCE or not tells:
        return False
    said = set(content(text)) - _OF_DOCUMENTS
    return not said & set(question.words)


def only_defines(unit: QuotableUnit) -> bool:
    """Returns whether a sentence says what something is, or what is reported, and nothing to do."""
    defines = cue("only defines").search(plain(unit.text))
    return unit.kind is UnitKind.SENTENCE and not unit.item and defines is not None


def only_introduces(unit: QuotableUnit) -> bool:
    """Returns whether a unit says nothing without what follows it."""
    return plain(unit.text).rstrip("*_").endswith(":")


_BAR = re.compile(r"(?<!\\)\|")
_TASK = re.compile(r"\[[ xX]\]\s+")
_MARKUP = re.compile(r"[*_\[\]<>\\&]")
_ADDRESS = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


def quote(candidate: QuotableUnit) -> str:
    """Returns a unit for an answer, without markers of its own."""
    marked = candidate.document.is_markdown
    text = plain(
        cue("quoted line", "markup").sub(" ", candidate.text) if marked else candidate.text
    )
    if candidate.kind is UnitKind.CODE:
        return f"`` {text} ``" if "`" in text else f"`{text}`"
    if candidate.kind is UnitKind.ROW:
        text = _row(text, candidate.heading)
    return escape_markers(strip_markup(text) if marked else text)


def cite(unit: QuotableUnit) -> str:
    """Returns a unit's quotation with its number, and with who said it and when."""
    text, said = f"{quote(unit)} [{unit.entry.number}]", unit.document.said
    return f"{text} (said by {said.who} on {unit.document.updated.isoformat()})" if said else text


def escape_markers(text: str) -> str:
    """Replaces square brackets by round ones where the text would read as a citation or an outcome."""
    return cue("marker", "markup").sub(lambda m: m.group() if m[1] else f"({m[2]})", text)


def quote_title(text: str) -> str:
    """Returns a title or heading of a document for an answer."""
    return escape_markers(strip_markup(text, addresses=False))


def strip_markup(text: str, *, addresses: bool = True) -> str:
    """Returns one line of Markdown as plain text: links by their text, addresses in brackets."""
    text = _TASK.sub("", text, count=1) if text.startswith("[") else text
    text = _without_tags(cue("unresolved link", "markup").sub(r"\1", text))
    return _read(text, addresses=addresses) if _MARKUP.search(text) else text


def _without_tags(text: str) -> str:
    """Returns one line without the tags of HTML and of templates; links in these by their text."""
    if "<" in text:
        tag = cue("tag", "markup")
        text = plain(tag.sub(lambda m: m.group() if m[1] else "" if m["inline"] else " ", text))
    if "{" in text:
        template = cue("template", "markup")
        text = plain(template.sub(lambda m: m.group() if m[1] else m[2] or "", text))
    return text


@lru_cache(maxsize=1024)
def _read(text: str, *, addresses: bool) -> str:
    inline = _parser().parseInline(text)
    read = plain("".join(_words(inline[0].children or [], addresses=addresses))) if inline else text
    read = cue("half emphasis", "markup").sub("", read)
    # `2*3*4` is emphasis, too: a line whose plain text would contain a new word stays as it is.
    return read if set(content(read)) <= set(content(text.replace("mailto:", ""))) else text


def _words(tokens: "list[Token]", *, addresses: bool) -> list[str]:
    said: list[str] = []
    start, address = 0, ""
    for token in tokens:
        if token.type == "code_inline":
            said.append(f"{token.markup}{token.content}{token.markup}")
        elif token.type == "link_open":
            start, address = len(said), str(token.attrGet("href") or "")
        elif token.type == "link_close":  # no link stands in another
            bare = address.removeprefix("mailto:")
            if addresses and _ADDRESS.match(address) and bare not in "".join(said[start:]):
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


def named_cells(row: str, heading: str) -> list[tuple[str, str]]:
    """Returns the cells of a row, each with the name of its column, or "" where it has none."""
    names, cells = _cells(heading), _cells(row)
    known = "|" in heading and len(names) == len(cells)
    return list(zip(names if known else [""] * len(cells), cells, strict=True))


def _row(text: str, heading: str) -> str:
    """Returns a row as its first cell, and each further one with the name of its column."""
    (_, first), *others = named_cells(text, heading)
    named = "; " if any(name for name, _ in others) else ", "
    rest = named.join(f"{name}: {cell}" if name else cell for name, cell in others if cell)
    return ": ".join(part for part in (first, rest) if part)


def _cells(row: str) -> list[str]:
    bare = row.strip().removeprefix("|").removesuffix("|")
    return [cell.replace("\\|", "|").strip() for cell in _BAR.split(bare)]
