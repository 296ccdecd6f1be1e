"""Files that commands read and write as bytes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from backend.cli.terminal import terminal
from use_cases.kernel.errors import InvalidInput


async def write_pieces(pieces: AsyncIterator[bytes], out: Path | None) -> None:
    """Write to a file, or to stdout without one. Raises `InvalidInput`."""
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
    """Open a file to be read. Raises `InvalidInput`."""
    try:
        return file.open("rb")
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.") from error
