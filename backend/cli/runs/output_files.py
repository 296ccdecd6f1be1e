"""The files that commands read and write: texts whole or as they were before, and bytes; `-` is stdout."""

import os
import sys
from collections.abc import AsyncIterable, AsyncIterator, Collection
from pathlib import Path
from typing import BinaryIO

from backend.cli.terminal import terminal
from use_cases.kernel.errors import InvalidInput, StorageReadOnly

STDOUT = "-"


def require_writable(names: Collection[str]) -> None:
    """Raises an error for a file that could not be written, before anything is asked of a model.

    Raises `InvalidInput` for a wrong name, and `StorageReadOnly`.
    """
    if len(set(names)) < len(names):
        raise InvalidInput("Two files are to be written to one place.")
    for path in (Path(name) for name in names if name != STDOUT):
        if not path.parent.is_dir():
            raise InvalidInput(f"There is no folder {path.parent}.", hint="Make it first.")
        if path.is_dir():
            raise InvalidInput(f"{path} is a folder.", hint="Name a file in it.")
        try:
            _part(path).touch()
            _part(path).unlink()
        except OSError as error:
            raise _unwritable(str(path), error) from error


def require_unread(names: Collection[str], read: Collection[str], *, hint: str) -> None:
    """Raises `InvalidInput` for a file that is read, and would be replaced."""
    for name in names:
        if any(is_same(name, each) for each in read):
            raise InvalidInput(f"{name} is read, and would be replaced.", hint=hint)


def is_same(name: str, other: str) -> bool:
    """Returns whether two names are those of one file, which is there."""
    one, another = Path(name).expanduser(), Path(other).expanduser()
    return one.exists() and another.exists() and one.samefile(another)


async def write_file(name: str, text: AsyncIterable[str]) -> None:
    """Writes a file when all of its text is there. Raises `StorageReadOnly`."""
    if name == STDOUT:
        async for piece in text:
            sys.stdout.write(piece)
        return
    path = Path(name)
    part = _part(path)
    try:
        # newline="": lines of CSV end in CR LF, and the others as they are.
        with part.open("w", encoding="utf-8", newline="") as file:
            async for piece in text:
                file.write(piece)
        part.replace(path)
    except OSError as error:
        raise _unwritable(name, error) from error
    finally:
        part.unlink(missing_ok=True)


async def write_pieces(pieces: AsyncIterator[bytes], out: Path | None) -> None:
    """Writes to a file, or to stdout without one. Raises `InvalidInput`."""
    if out is None:
        async for piece in pieces:
            terminal.exact(piece.decode())
        return
    first = await anext(pieces, b"")  # raises before the file is made
    try:
        with out.open("wb") as file:
            file.write(first)
            async for piece in pieces:
                file.write(piece)
    except OSError as error:
        raise InvalidInput(f"{out} cannot be written: {error.strerror}.") from error


def opened(file: Path) -> BinaryIO:
    """Opens a file to be read. Raises `InvalidInput`."""
    try:
        return file.open("rb")
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.") from error


def _part(path: Path) -> Path:
    """Returns the file that becomes the named one when it is whole."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def _unwritable(name: str, error: OSError) -> StorageReadOnly:
    why = f"{name} cannot be written: {error.strerror}."
    return StorageReadOnly(why, hint="Name another file.")
