"""The cells of an evaluation on their way out: one after the other, or gathered to a row for each case.

A door writes what a form's `begin` gives, what `add` gives for each cell, and what `end` gives, so the
cells may come from a list or from a database, and no form needs memory for all of them. A row needs the
cells of a case one after the other, as every reader of an evaluation gives them.
"""

from collections.abc import AsyncIterable, AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field

from use_cases.playground.model import Case, Cell, Verdict


class Form:
    """Turns cells into text. The cells of one case follow each other."""

    def begin(self) -> Iterator[str]:
        """Yields what stands before the cells: nothing, unless a form says otherwise."""
        return iter(())

    def add(self, cell: Cell) -> Iterator[str]:
        """Yields the text of one cell; a form may hold it back until its case or variant ends."""
        raise NotImplementedError

    def end(self) -> Iterator[str]:
        """Yields what was held back, and the end: nothing, unless a form says otherwise."""
        return iter(())


async def stream(form: Form, cells: AsyncIterable[Cell]) -> AsyncIterator[str]:
    """Yields the whole text, which any UTF-8 encoder accepts."""
    for piece in form.begin():
        yield piece
    async for cell in cells:
        for piece in form.add(cell):
            yield piece
    for piece in form.end():
        yield piece


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case: its cells by variant, in the order of their repeats."""

    key: str
    cells: dict[str, list[Cell]] = field(default_factory=dict[str, list[Cell]])

    @property
    def inputs(self) -> Case | None:
        """The case itself, where its cells carry it."""
        return next((cell.inputs for side in self.cells.values() for cell in side), None)

    @property
    def name(self) -> str:
        """Its name; the key where the cells do not carry the case."""
        return self.inputs.name if self.inputs else self.key

    @property
    def about(self) -> str:
        """Its description or question, where that is not its name."""
        title = self.inputs.title if self.inputs else ""
        return "" if title == self.name else title

    @property
    def flags(self) -> Sequence[str]:
        """The marks that it is found by: `failed`, `error`, `unchecked`, `differs`, `unsteady`.

        `differs`: variants come to different verdicts; `unsteady`: repeats of one variant do.
        """
        sides = [{verdict_of(cell) for cell in side} for side in self.cells.values()]
        found = set[Verdict]().union(*sides)
        tests = {
            "failed": Verdict.FAILED in found,
            "error": Verdict.ERROR in found,
            "unchecked": Verdict.UNCHECKED in found,
            "differs": any(side != sides[0] for side in sides),
            "unsteady": any(len(side) > 1 for side in sides),
        }
        return [name for name, holds in tests.items() if holds]


class CaseRows:
    """Gathers cells to rows."""

    def __init__(self) -> None:
        self._row: CaseRow | None = None

    def add(self, cell: Cell) -> CaseRow | None:
        """Takes a cell; returns the row before it, where this cell begins another."""
        complete = self._row if self._row and self._row.key != cell.case else None
        if self._row is None or complete:
            self._row = CaseRow(cell.case)
        self._row.cells.setdefault(cell.variant, []).append(cell)
        return complete

    def end(self) -> CaseRow | None:
        """Returns the last row."""
        return self._row


def verdict_of(cell: Cell) -> Verdict:
    """Returns the verdict of a cell; a cell with an error is an error whatever its grade."""
    if cell.error is not None:
        return Verdict.ERROR
    return cell.grade.verdict if cell.grade else Verdict.UNCHECKED


def common_verdict(cells: Sequence[Cell]) -> Verdict | None:
    """Returns the verdict that all repeats agree on; None where they disagree."""
    found = {verdict_of(cell) for cell in cells}
    return found.pop() if len(found) == 1 else None


def passed(cells: Sequence[Cell]) -> int:
    """Counts the cells that passed."""
    return sum(verdict_of(cell) is Verdict.PASSED for cell in cells)
