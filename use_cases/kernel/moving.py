"""Moving house: everything that one installation holds, copied to another one piece by piece.

Promises: nothing at the source is changed. What is there already, whole, is not carried again, so a move
that was killed is gone on with by the same call. In the end every piece is at both places, with the
same digest, and nothing else is at the target. Leaves to others: what a piece is.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from use_cases.kernel.errors import InvalidInput, MoveFailed

Piece = TypeVar("Piece")


class Shelf(Protocol[Piece]):
    """The pieces of one kind at one place."""

    name: str
    batch: int
    """The pieces that are put at once."""

    async def inventory(self) -> Mapping[str, str]:
        """Returns the digest of each piece by its key, in an order in which they can be put."""
        ...

    async def take(self, keys: Sequence[str]) -> Sequence[Piece]:
        """Returns the pieces with these keys, in their order."""
        ...

    async def put(self, pieces: Sequence[Piece]) -> None:
        """Stores pieces that are not there, all or none of them."""
        ...


@dataclass(frozen=True, slots=True)
class Moved:
    """What was done with the pieces of one kind: `carried` now, `pieces` in all, and one digest of them."""

    name: str
    pieces: int
    carried: int
    digest: str


def digest_of(value: object) -> str:
    """Returns the digest of a value that is made of texts, bytes, numbers, moments and lists of them."""
    return hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()


class MoveEverything:
    """Copies what one installation holds to another one."""

    def __init__(
        self,
        *,
        shelves: Sequence[Shelf[Any]],
        folder_files: Shelf[Any] | None,
        kept_files: Callable[[], Shelf[Any]],
    ) -> None:
        """`folder_files` are those in the folder of this machine; None where there is none.

        `kept_files` gives the place of attached files, which may be a bucket; the folder is made then.
        """
        self.shelves = shelves
        self.kept_files = kept_files
        self._folder_files = folder_files

    async def to(
        self, target: "MoveEverything", tell: Callable[[str, int, int], None]
    ) -> Sequence[Moved]:
        """Moves everything there. `tell`: of a kind so many of so many are carried.

        Raises `InvalidInput` where the target holds other things, before anything is written there, and
        `MoveFailed` where both places differ in the end, because somebody wrote meanwhile.
        """
        pairs = list(zip(self.shelves, target.shelves, strict=True))
        if self._folder_files is not None:
            pairs.append((self._folder_files, target.kept_files()))
        for here, there in pairs:
            await _require_part(here, there)
        return [await _move(here, there, tell) for here, there in pairs]


async def _move(
    here: Shelf[Any], there: Shelf[Any], tell: Callable[[str, int, int], None]
) -> Moved:
    held = await there.inventory()
    missing = [key for key in await here.inventory() if key not in held]
    for start in range(0, len(missing), here.batch):
        await there.put(await here.take(missing[start : start + here.batch]))
        tell(here.name, min(start + here.batch, len(missing)), len(missing))
    held, now = await here.inventory(), await there.inventory()
    if dict(held) != dict(now):
        differ = sorted(key for key in held.keys() | now.keys() if held.get(key) != now.get(key))
        raise MoveFailed(
            f"{here.name}: {len(differ)} differ at the two places, {differ[0]!r} for one."
        )
    return Moved(here.name, len(held), len(missing), digest_of(sorted(held.items())))


async def _require_part(here: Shelf[Any], there: Shelf[Any]) -> None:
    held = await here.inventory()
    strange = [key for key, one in (await there.inventory()).items() if held.get(key) != one]
    if strange:
        raise InvalidInput(
            f"The target holds {here.name} that the source does not: {strange[0]!r},"
            f" {len(strange)} in all.",
            hint="Move to an empty database, or on with a move that was stopped. Nothing was changed.",
        )


def key_of(values: Sequence[object]) -> str:
    """Returns the key of a piece that several values name."""
    return json.dumps([str(value) for value in values], ensure_ascii=False)
