"""A form in which the cells of an evaluation leave Candor: a page, CSV, JSON, JSONL, JUnit XML.

A door writes what `begin` gives, what `add` gives for each cell, and what `end` gives, so the cells
may come from a list or from a database, and no form needs memory for all of them.
"""

from collections.abc import AsyncIterable, AsyncIterator, Iterator

from use_cases.playground.model import Cell


class Form:
    """Turns cells into text. The cells of one case follow each other."""

    def begin(self) -> Iterator[str]:
        """Yield what stands before the cells: nothing, unless a form says otherwise."""
        return iter(())

    def add(self, cell: Cell) -> Iterator[str]:
        """Yield the text of one cell; a form may hold it back until its case or variant ends."""
        raise NotImplementedError

    def end(self) -> Iterator[str]:
        """Yield what was held back, and the end: nothing, unless a form says otherwise."""
        return iter(())


async def stream(form: Form, cells: AsyncIterable[Cell]) -> AsyncIterator[str]:
    """Yield the whole text, which any UTF-8 encoder accepts."""
    for piece in form.begin():
        yield piece
    async for cell in cells:
        for piece in form.add(cell):
            yield piece
    for piece in form.end():
        yield piece
