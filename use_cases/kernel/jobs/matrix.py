"""The items of a job that works on each of its cases with each of its variants, so often.

Promises: places go case by case, so that a reader sees whole cases and variants can be compared before
the end; a key says of which case, variant and repeat an item is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from use_cases.kernel.jobs.model import ItemResult, NewItem, WorkItem


@dataclass(frozen=True, slots=True)
class Address:
    """The place of a case, that of a variant, and the repeat.

    An item about a whole case has no variant, and from the second time on its own `place`.
    """

    case: int
    variant: int | None
    repeat: int
    place: int | None = None

    @property
    def key(self) -> str:
        """The key of its item."""
        again = "" if self.place is None else f":{self.place}"
        return f"{self.case}:{'' if self.variant is None else self.variant}:{self.repeat}{again}"

    @classmethod
    def of(cls, item: WorkItem | ItemResult) -> "Address":
        """Reads the key of an item."""
        case, variant, repeat, *place = item.key.split(":")
        again = int(place[0]) if place else None
        return cls(int(case), int(variant) if variant else None, int(repeat), again)


@dataclass(frozen=True, slots=True)
class Matrix:
    """So many cases, by the names of variants and the number of their repeats."""

    cases: int
    variants: Sequence[tuple[str, int]]

    @property
    def width(self) -> int:
        """The number of items of a case."""
        return sum(repeats for _, repeats in self.variants)

    @property
    def size(self) -> int:
        """The number of items; their places are below it."""
        return self.cases * self.width

    def items(self) -> Iterator[NewItem]:
        """Yields all items."""
        place = 0
        for case in range(self.cases):
            for variant, (name, repeats) in enumerate(self.variants):
                for repeat in range(repeats):
                    yield NewItem(place=place, key=Address(case, variant, repeat).key, group=name)
                    place += 1
