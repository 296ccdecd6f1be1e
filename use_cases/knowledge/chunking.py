"""The cutting of a document into passages: by its structure first, by size second.

A passage never crosses a heading, except for sections so short that several of one parent fit
together. Code, tables and list items stay whole where they fit. Each passage also has a reading, the
context for the model: as much of its section (or of the sections above it) as the policy allows.

Promises: the parts of a block that is cut are in order, and none is longer than the limit; the same
document and policy give the same passages; every non-blank character of every block is in one; passages are in order and do not overlap; `reading` contains `span`; a span is at
most half as long again as the policy's size (room for the headings above it); linear time.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from use_cases.kernel.model import SEPARATOR, Span
from use_cases.kernel.text.plain_text import fit
from use_cases.knowledge.model import Block, BlockKind, ChunkPolicy, ParsedDocument, PassageDraft


@dataclass(slots=True)
class Section:
    """A heading (none at the top of a document) and the blocks right below it.

    `parent` is the index of the enclosing section; `end` is the end of its last subsection,
    `own_end` the end of its own blocks.
    """

    path: tuple[str, ...]
    parent: int | None
    level: int
    start: int
    own_end: int
    end: int
    blocks: list[Block] = field(default_factory=list[Block])
    has_children: bool = False


def sections_of(document: ParsedDocument) -> Sequence[Section]:
    """Returns all sections in reading order; the first is the document up to its first heading.

    A top heading that repeats the document's title is left out of the paths.
    """
    start = document.blocks[0].span.start if document.blocks else 0
    sections = [Section((), None, 0, start, start, start)]
    open_ = [0]
    for block in document.blocks:
        if block.kind is BlockKind.HEADING:
            while len(open_) > 1 and sections[open_[-1]].level >= block.level:
                open_.pop()
            parent = open_[-1]
            path = sections[parent].path + _name(block, document.stated.title)
            sections[parent].has_children = True
            open_.append(len(sections))
            sections.append(Section(path, parent, max(block.level, 1), block.span.start, 0, 0))
        else:
            sections[open_[-1]].blocks.append(block)
        sections[open_[-1]].own_end = sections[open_[-1]].end = block.span.end
    for section in reversed(sections):
        if section.parent is not None:
            parent_section = sections[section.parent]
            parent_section.end = max(parent_section.end, section.end)
    return sections


def _name(block: Block, title: str | None) -> tuple[str, ...]:
    if not block.heading or (block.level == 1 and block.heading == title):
        return ()
    return (block.heading,)


# Possessive, and matching without the blank too, so that a megabyte of full stops takes linear time.
_END_MARKS = re.compile(r"""[.!?…。！？]++["'”’»」』)\]*_]*+\s*+""")
_ALONE = frozenset("。！？")
"""End marks without a blank after them."""

_LINE = re.compile(r"[^\n]+")
_BY_LINES = frozenset({BlockKind.CODE, BlockKind.TABLE, BlockKind.ROW, BlockKind.LIST})


def parts(text: str, span: Span, kind: BlockKind, limit: int) -> Iterator[Span]:
    """Yields the block's lines (code, tables, lists) or sentences, each within `limit` characters."""
    if span.end - span.start <= limit:
        yield from fit(text, span.start, span.end, limit)
        return
    pieces = _lines if kind in _BY_LINES else _sentences
    for piece in pieces(text, span):
        yield from fit(text, piece.start, piece.end, limit)


def _lines(text: str, span: Span) -> Iterator[Span]:
    for match in _LINE.finditer(text, span.start, span.end):
        yield Span(match.start(), match.end())


def _sentences(text: str, span: Span) -> Iterator[Span]:
    """Cuts after an end mark, unless a small letter follows, as in `e.g. this`."""
    start = span.start
    for match in _END_MARKS.finditer(text, span.start, span.end):
        ends = text[match.end() - 1].isspace() or text[match.start()] in _ALONE
        if ends and match.end() < span.end and not text[match.end()].islower():
            yield Span(start, match.end())
            start = match.end()
    yield Span(start, span.end)


TINY = 1 / 3
"""The share of a passage's size below which adjacent sections of one parent share a passage."""

CRUMB = 1 / 4
"""The share below which a passage joins its neighbour, up to 1 + this share of the size."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """An indivisible piece. `anchor` is the start of the table or code that contains it."""

    span: Span
    page: int | None
    anchor: int
    is_row: bool = False


@dataclass(frozen=True, slots=True)
class _Run:
    """Units that may share passages, with the section that names them and its parent."""

    section: int
    parent: int | None
    units: Sequence[_Unit]
    is_tiny: bool

    @property
    def span(self) -> Span:
        return Span(self.units[0].span.start, self.units[-1].span.end)


def cut(document: ParsedDocument, policy: ChunkPolicy) -> Sequence[PassageDraft]:
    """Cuts a document into passages, in reading order."""
    sections = sections_of(document)
    drafts: list[PassageDraft] = []
    for run in _runs(document.text, sections, policy.passage_characters):
        for first, last in _pack(run.units, policy.passage_characters):
            span = Span(run.units[first].span.start, run.units[last].span.end)
            drafts.append(
                PassageDraft(
                    ordinal=len(drafts),
                    span=span,
                    reading=_reading(sections, run, first, last, policy.reading_characters),
                    section=SEPARATOR.join(sections[run.section].path),
                    page=run.units[first].page,
                )
            )
    return drafts


def _runs(text: str, sections: Sequence[Section], limit: int) -> Sequence[_Run]:
    """Returns a run for each section with content; bare headings join the next section with some."""
    runs: list[_Run] = []
    waiting: int | None = None
    for index, section in enumerate(sections):
        if not section.blocks:
            if index and waiting is None:
                waiting = section.start
            continue
        start = section.start if waiting is None else waiting
        waiting = None
        units = _units(text, section, start, limit)
        length = units[-1].span.end - units[0].span.start
        is_tiny = index > 0 and not section.has_children and length <= limit * TINY
        run = _Run(index, section.parent, units, is_tiny)
        if runs and _can_merge(runs[-1], run, limit):
            run = replace(run, section=run.parent or 0, units=[*runs.pop().units, *units])
        runs.append(run)
    if waiting is not None:
        _add_ending(text, runs, Span(waiting, sections[-1].end), limit)
    return runs


def _can_merge(before: _Run, run: _Run, limit: int) -> bool:
    return (
        before.is_tiny
        and run.is_tiny
        and before.parent == run.parent
        and before.units[0].page == run.units[-1].page
        and run.span.end - before.span.start <= limit
    )


def _add_ending(text: str, runs: list[_Run], headings: Span, limit: int) -> None:
    """Appends trailing headings to the last passage; a document may consist of them alone."""
    units = list(_split(text, headings, BlockKind.PARAGRAPH, None, limit))
    if runs:
        page = runs[-1].units[-1].page
        units = [*runs[-1].units, *(replace(unit, page=page) for unit in units)]
        runs[-1] = replace(runs[-1], units=units)
    else:
        runs.append(_Run(0, None, units, is_tiny=False))


def _units(text: str, section: Section, start: int, limit: int) -> list[_Unit]:
    """Returns the section's blocks, split where too long; the headings join the first unit."""
    units = [unit for block in section.blocks for unit in _block_units(text, block, limit)]
    lead = Span(start, section.blocks[0].span.start)
    if lead.end - lead.start <= limit // 2:
        first = units[0]
        units[0] = replace(first, span=Span(start, first.span.end), anchor=start)
        return units
    page = units[0].page
    return [*_split(text, lead, BlockKind.PARAGRAPH, page, limit), *units]


def _block_units(text: str, block: Block, limit: int) -> Iterator[_Unit]:
    for unit in _split(text, block.span, block.kind, block.page, limit):
        yield replace(unit, is_row=block.kind is BlockKind.ROW)


def _split(text: str, span: Span, kind: BlockKind, page: int | None, limit: int) -> Iterator[_Unit]:
    whole = kind in (BlockKind.TABLE, BlockKind.CODE)
    for part in parts(text, span, kind, limit):
        yield _Unit(part, page, span.start if whole else part.start)


def _pack(units: Sequence[_Unit], limit: int) -> Iterator[tuple[int, int]]:
    """Yields first and last unit of each passage: as many as fit, in passages of similar length."""
    end = units[-1].span.end
    total = end - units[0].span.start
    target = total / -(-total // limit)
    first = 0
    for index in range(1, len(units)):
        unit, before = units[index], units[index - 1]
        length = before.span.end - units[first].span.start
        # A crumb (the introduction of a list, a last line) becomes no passage where avoidable.
        crumb = limit * CRUMB > min(length, end - unit.span.start)
        allowed = limit * (1 + CRUMB) if crumb else limit
        if (
            unit.is_row
            or before.is_row
            or unit.page != before.page
            or unit.span.end - units[first].span.start > allowed
            or (length >= target and not crumb)
        ):
            yield first, index - 1
            first = index
    yield first, len(units) - 1


def _reading(sections: Sequence[Section], run: _Run, first: int, last: int, limit: int) -> Span:
    """Returns the largest part of the document around these units within `limit` characters.

    A table row is its own reading. In a section that does not fit, units before and after are added
    in turn.
    """
    units = run.units
    span = Span(units[first].span.start, units[last].span.end)
    if units[first].is_row or span.end - span.start >= limit:
        return span
    around: int | None = run.section
    found: Span | None = None
    while around is not None:
        section = sections[around]
        whole = Span(min(section.start, span.start), max(section.end, span.end))
        if whole.end - whole.start > limit:
            break
        found = whole
        around = section.parent
    return found if found is not None else _window(units, first, last, limit)


def _window(units: Sequence[_Unit], first: int, last: int, limit: int) -> Span:
    start, end = units[first].span.start, units[last].span.end
    if end - units[first].anchor <= limit:
        start = min(start, units[first].anchor)
    before, after = first - 1, last + 1
    grows = True
    while grows:
        grows = False
        if after < len(units) and units[after].span.end - start <= limit:
            end, after, grows = units[after].span.end, after + 1, True
        if before >= 0 and end - units[before].span.start <= limit:
            start, before, grows = min(start, units[before].span.start), before - 1, True
    return Span(start, end)
