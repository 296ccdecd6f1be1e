"""The cells of a column in little memory: each different text once, and its number for each cell.

Promises: it reads as the tuple of its cells, and equals it. Many different texts are kept end to end in one, for
a text in memory takes 50 bytes beside its letters.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from itertools import accumulate, chain, count, pairwise
from typing import TypeAlias, overload

import numpy as np
import numpy.typing as npt

IntArray: TypeAlias = npt.NDArray[np.signedinteger]

Places: TypeAlias = npt.NDArray[np.bool_]
"""Whether each place is meant."""

_MANY_TEXTS = 100
_AT_ONCE = 128
"""The cells of a column that are taken at once: where all columns are read side by side, they are many."""
_SOME = 1_000
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
        ends = accumulate(map(len, every), initial=0)
        self._ends: IntArray = np.fromiter(ends, _width(len(self._whole)), len(every) + 1)

    @staticmethod
    def joined(parts: Sequence["PackedTexts"]) -> "PackedTexts":
        """Returns the texts of all the parts."""
        made = PackedTexts(())
        made._whole = "".join(part._whole for part in parts)
        lengths = np.concatenate([[0], *(part.lengths for part in parts)])
        made._ends = lengths.cumsum(dtype=_width(len(made._whole)))
        return made

    def are_different(self) -> bool:
        """Returns whether no two are equal; False where two may be, for equal texts have one hash."""
        first = self[:_SOME]
        if len(set(first)) < len(first):
            return False
        hashes = np.sort(np.fromiter(map(hash, self), np.int64))
        return bool((hashes[1:] != hashes[:-1]).all())

    def mapped(self, change: Callable[[str], str]) -> "PackedTexts":
        """Returns the texts changed by what puts one sign in the place of each."""
        made = PackedTexts(())
        made._whole, made._ends = change(self._whole), self._ends
        return made

    def places_beside(self, signs: Set[str]) -> IntArray:
        """Returns the places of the texts that may begin with another sign than these, or are empty."""
        if not self._whole.isascii():
            return np.arange(len(self))
        others = np.array([chr(code) not in signs for code in range(128)])
        first = np.frombuffer(f"{self._whole}\0".encode(), np.uint8)[self._ends[:-1]]
        return np.flatnonzero(others[first] | (self.lengths == 0))

    @property
    def lengths(self) -> IntArray:
        """The number of signs of each text."""
        return np.diff(self._ends)

    def are_plain(self) -> bool:
        """Returns whether all are printable ASCII without an ampersand, and spaces stand alone between other signs."""
        whole = self._whole
        if not whole.isascii() or not whole.isprintable() or "&" in whole or "  " in whole:
            return False
        signs = np.frombuffer(whole.encode(), np.uint8)
        filled = self.lengths > 0
        first, last = self._ends[:-1][filled], self._ends[1:][filled] - 1
        return b" " not in signs[first].tobytes() + signs[last].tobytes()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def _text(self, at: int) -> str:
        at = at if at >= 0 else at + len(self)
        return self._whole[self._ends[at] : self._ends[at + 1]]

    def __iter__(self) -> Iterator[str]:
        for at in range(0, len(self), _AT_ONCE):
            ends = self._ends[at : at + _AT_ONCE + 1].tolist()
            yield from (self._whole[start:end] for start, end in pairwise(ends))

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

    def places_of(self, texts: Collection[str]) -> Sequence[int]:
        """Returns the places of the cells that have one of these texts, in their order."""
        if not texts:
            return []
        chosen = np.zeros(len(self.texts), np.bool_)
        chosen[self.codes_of(texts)] = True
        return np.flatnonzero(chosen[self.codes]).tolist()

    def codes_of(self, texts: Collection[str]) -> IntArray:
        """Returns the codes of those of these texts that are texts of the column."""
        if isinstance(self.texts, PackedTexts):
            lengths = np.isin(self.texts.lengths, [*{len(text) for text in texts}])
            codes = np.flatnonzero(lengths)
        else:
            codes = np.arange(len(self.texts))
        found = np.fromiter((text in texts for text in self.texts_of(codes)), np.bool_, len(codes))
        return codes[found]

    def codes_beside(self, signs: Set[str]) -> IntArray:
        """Returns the codes of the texts that may begin with another sign than these, or are empty."""
        if isinstance(self.texts, PackedTexts):
            return self.texts.places_beside(signs)
        return np.arange(len(self.texts))

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

    def mapped(self, change: Callable[[str], str]) -> "TableColumn":
        """Returns the column with each of its texts changed into another one."""
        made = TableColumn(map(change, self.texts))
        made.codes = made.codes[self.codes]
        return made

    def at(self, places: Places) -> "TableColumn":
        """Returns the cells at some places."""
        made = TableColumn(())
        made.codes, made.texts = self.codes[places], self.texts
        return made


def join(parts: Sequence[TableColumn | PackedTexts]) -> TableColumn:
    """Returns the cells of the parts, one below the other, in one column."""
    packed = [part for part in parts if isinstance(part, PackedTexts)]
    joined = PackedTexts.joined(packed) if len(packed) == len(parts) else None
    if not joined or not joined.are_different():
        del joined  # it takes as much as the parts
        return TableColumn(*parts)
    made = TableColumn(())
    made.codes, made.texts = np.arange(len(joined)).astype(_width(len(joined))), joined
    return made


def pack(cells: Sequence[str]) -> TableColumn | PackedTexts:
    """Returns some cells in the form that takes less: coded, or, where most differ, end to end."""
    coded = TableColumn(cells)
    return PackedTexts(cells) if 2 * len(coded.texts) > len(cells) else coded


def _width(most: int) -> type[np.signedinteger]:
    """Returns the smallest type of numbers from -1, for no code, up to this one."""
    every = (np.int8, np.int16, np.int32, np.int64)
    return next(each for each in every if most <= np.iinfo(each).max)


def _kept(texts: Iterable[str]) -> Sequence[str]:
    kept = tuple(texts)
    return PackedTexts(kept) if len(kept) > _MANY_TEXTS else kept
