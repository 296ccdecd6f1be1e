"""The mapping of line numbers to character offsets, for formats that are read by lines."""

import re
from collections.abc import Iterator

from use_cases.kernel.model import Span
from use_cases.knowledge.model import Block, BlockKind


class Lines:
    r"""The lines of a text with `\n` line ends; lines count from 0."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        if self._starts[-1] == len(text) and len(self._starts) > 1:
            self._starts.pop()

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, line: int) -> str:
        """Return a line without its line end."""
        return self._text[self._starts[line] : self._end(line)].removesuffix("\n")

    def blocks(self, kind: BlockKind, first: int, last: int) -> Iterator[Block]:
        """Yield the block of the lines from `first` up to but not including `last`, unless blank.

        Blank lines before it and white space after it are left out; its indentation stays.
        """
        while first < last and not self[first].strip():
            first += 1
        if first < last:
            start = self._starts[first]
            end = start + len(self._text[start : self._end(last - 1)].rstrip())
            yield Block(kind, Span(start, end))

    def _end(self, line: int) -> int:
        return self._starts[line + 1] if line + 1 < len(self._starts) else len(self._text)
