"""The splitting of a block that is too long for a passage, at the best available places.

Promises: the parts are in order, contain every non-blank character of the block, and none is longer
than the limit; linear time. Leaves to others: the assembly of parts (`chunking.py`).
"""

import re
from collections.abc import Iterator

from use_cases.kernel.model import Span
from use_cases.kernel.text.lengths import fit
from use_cases.knowledge.model import BlockKind

# Possessive, and matching without the blank too, so that a megabyte of full stops takes linear time.
_END_MARKS = re.compile(r"""[.!?…。！？]++["'”’»」』)\]*_]*+\s*+""")
_ALONE = frozenset("。！？")
"""End marks without a blank after them."""

_LINE = re.compile(r"[^\n]+")
_BY_LINES = frozenset({BlockKind.CODE, BlockKind.TABLE, BlockKind.ROW, BlockKind.LIST})


def parts(text: str, span: Span, kind: BlockKind, limit: int) -> Iterator[Span]:
    """Yield the block's lines (code, tables, lists) or sentences, each within `limit` characters."""
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
    """Cut after an end mark, unless a small letter follows, as in `e.g. this`."""
    start = span.start
    for match in _END_MARKS.finditer(text, span.start, span.end):
        ends = text[match.end() - 1].isspace() or text[match.start()] in _ALONE
        if ends and match.end() < span.end and not text[match.end()].islower():
            yield Span(start, match.end())
            start = match.end()
    yield Span(start, span.end)
