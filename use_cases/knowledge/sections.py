"""The tree of headings in a document, with the blocks and the end of each section."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from use_cases.knowledge.model import Block, BlockKind, ParsedDocument


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
    """Return all sections in reading order; the first is the document up to its first heading.

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
