"""The cells of a column in little memory: each different text once, and its number for each cell.

Promises: it reads as the tuple of its cells, and equals it. Many different texts are kept end to end in one, for
a text in memory takes 50 bytes beside its letters.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, count
from typing import TypeAlias, overload

import numpy as np
import numpy.typing as npt

IntArray: TypeAlias = npt.NDArray[np.signedinteger]

Places: TypeAlias = npt.NDArray[np.bool_]
"""Whether each place is meant."""

_MANY_TEXTS = 100
_AT_ONCE = 128
"""The cells of a column that are taken at once: where all columns are read side by side, they are many."""
_LONGEST_NUMBER = 10


class _Frozen(Sequence[str]):
    """A sequence of texts that equals the tuple of them."""

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[str, ...]: ...
    def __getitem__(self, at: int | slice) -> str | tuple[str, ...]:
        if isinstance(at, slice):
            return tuple(map(self._text, range(len(self))[at]))
        return self._text(at)

    def _text(self, at: int) -> str:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return self is other or tuple(self) == (
            tuple(other) if isinstance(other, _Frozen) else other
        )

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


class PackedTexts(_Frozen):
    """Texts that stand end to end in one."""

    def __init__(self, texts: Iterable[str]) -> None:
        every = list(texts)
        self._whole = "".join(every)
        width = np.int32 if len(self._whole) < 2**31 else np.int64
        ends = accumulate(map(len, every), initial=0)
        self._ends: IntArray = np.fromiter(ends, width, len(every) + 1)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def _text(self, at: int) -> str:
        at = at if at >= 0 else at + len(self)
        return self._whole[self._ends[at] : self._ends[at + 1]]

    def __iter__(self) -> Iterator[str]:
        return self.each(np.arange(len(self)))

    def each(self, places: IntArray) -> Iterator[str]:
        """Yields the texts at some places."""
        for at in range(0, len(places), _AT_ONCE):
            some = places[at : at + _AT_ONCE]
            ends = zip(self._ends[some].tolist(), self._ends[1:][some].tolist(), strict=True)
            yield from (self._whole[start:end] for start, end in ends)


class RowNumbers(_Frozen):
    """The ids of rows that are numbers, each larger than the one before."""

    def __init__(self, numbers: Sequence[int] | IntArray) -> None:
        self.numbers: IntArray = np.array(numbers, np.int32)

    def __len__(self) -> int:
        return len(self.numbers)

    def _text(self, at: int) -> str:
        return str(self.numbers[at])

    def __iter__(self) -> Iterator[str]:
        for at in range(0, len(self), _AT_ONCE):
            yield from map(str, self.numbers[at : at + _AT_ONCE].tolist())

    def at(self, places: Places) -> "RowNumbers":
        """Returns the ids at some places."""
        return RowNumbers(self.numbers[places])


class PlaceOfNumbers(Mapping[str, int]):
    """The place of each row by its number."""

    def __init__(self, rows: RowNumbers) -> None:
        self._rows = rows

    def __getitem__(self, row: str) -> int:
        number = int(row) if row.isdecimal() and len(row) < _LONGEST_NUMBER else 0
        at = int(np.searchsorted(self._rows.numbers, number))
        if at == len(self) or self._rows[at] != row:
            raise KeyError(row)
        return at

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class TableColumn(_Frozen):
    """The cells of a column. `texts` are its different texts, `codes` the place of each cell's text among them.

    A text may be left that no cell has any longer.
    """

    def __init__(self, *parts: Iterable[str]) -> None:
        """Takes the cells of the parts, one below the other; those of a column by its different texts."""
        code_of = defaultdict[str, int](count().__next__)

        def codes(part: Iterable[str]) -> IntArray:
            texts = part.texts if isinstance(part, TableColumn) else part
            every = np.fromiter(map(code_of.__getitem__, texts), np.int32)
            return every[part.codes] if isinstance(part, TableColumn) else every

        every = np.concatenate(list(map(codes, parts)))
        self.codes: IntArray = every.astype(_width(len(code_of)))
        self.texts: Sequence[str] = _kept(code_of)

    def __len__(self) -> int:
        return len(self.codes)

    def _text(self, at: int) -> str:
        return self.texts[int(self.codes[at])]

    def __iter__(self) -> Iterator[str]:
        return self.texts_of(self.codes)

    def texts_of(self, codes: IntArray) -> Iterator[str]:
        """Returns the text of each code."""
        if isinstance(self.texts, PackedTexts):
            return self.texts.each(codes)
        some = (codes[at : at + _AT_ONCE].tolist() for at in range(0, len(codes), _AT_ONCE))
        return map(self.texts.__getitem__, chain.from_iterable(some))

    def places_of(self, texts: Container[str]) -> Sequence[int]:
        """Returns the places of the cells that have one of these texts, in their order."""
        chosen = np.fromiter((text in texts for text in self.texts), np.bool_, len(self.texts))
        return np.flatnonzero(chosen[self.codes]).tolist()

    def changed(self, new: Mapping[int, str]) -> "TableColumn":
        """Returns the column with some other cells, by their places."""
        wanted = set(new.values())
        code_of = {text: code for code, text in enumerate(self.texts) if text in wanted}
        more = [text for text in dict.fromkeys(new.values()) if text not in code_of]
        code_of.update(zip(more, range(len(self.texts), len(self.texts) + len(more)), strict=True))
        made = TableColumn(())
        made.codes = self.codes.astype(_width(len(self.texts) + len(more)))
        made.codes[list(new)] = [code_of[text] for text in new.values()]
        made.texts = _kept((*self.texts, *more)) if more else self.texts
        return made

    def at(self, places: Places) -> "TableColumn":
        """Returns the cells at some places."""
        made = TableColumn(())
        made.codes, made.texts = self.codes[places], self.texts
        return made


def _width(texts: int) -> type[np.signedinteger]:
    """Returns the smallest type of codes of so many texts, and of -1 for no code."""
    return next(each for each in (np.int8, np.int16, np.int32) if texts <= np.iinfo(each).max)


def _kept(texts: Iterable[str]) -> Sequence[str]:
    kept = tuple(texts)
    return PackedTexts(kept) if len(kept) > _MANY_TEXTS else kept
