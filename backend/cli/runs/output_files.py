"""The files that a command writes: whole or as they were before; `-` is stdout."""

import sys
from collections.abc import AsyncIterable, Collection
from pathlib import Path

from use_cases.kernel.errors import InvalidInput, StorageReadOnly

STDOUT = "-"


def require_writable(names: Collection[str]) -> None:
    """Raise an error for a file that could not be written, before anything is asked of a model."""
    if len(set(names)) < len(names):
        raise InvalidInput("Two files are to be written to one place.")
    for name in names:
        if name != STDOUT and not Path(name).parent.is_dir():
            raise InvalidInput(f"There is no folder {Path(name).parent}.", hint="Make it first.")


def require_unread(names: Collection[str], read: Collection[str], *, hint: str) -> None:
    """Raise `InvalidInput` for a file that is read, and would be replaced."""
    for name in names:
        if any(_is_same(Path(name).expanduser(), Path(each).expanduser()) for each in read):
            raise InvalidInput(f"{name} is read, and would be replaced.", hint=hint)


async def write_file(name: str, text: AsyncIterable[str]) -> None:
    """Write a file when all of its text is there. Raises `StorageReadOnly`."""
    if name == STDOUT:
        async for piece in text:
            sys.stdout.write(piece)
        return
    path = Path(name)
    part = path.with_name(f".{path.name}.part")
    try:
        # newline="": lines of CSV end in CR LF, and the others as they are.
        with part.open("w", encoding="utf-8", newline="") as file:
            async for piece in text:
                file.write(piece)
        part.replace(path)
    except OSError as error:
        raise StorageReadOnly(
            f"{name} cannot be written: {error.strerror}.", hint="Name another file."
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)
