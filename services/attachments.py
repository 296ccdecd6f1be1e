"""The port `FileStore` over obstore: a folder of this machine, or a bucket that speaks S3.

Promises: an object is there whole or not at all, and is never replaced; an error names no address and no
key of an account. A folder signs no links; a bucket that browsers reach signs its own, and says with each
object that it is to be saved, not shown.
Leaves to others: which of both it is (the composition), keys, sweeping.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from glob import escape
from io import BytesIO
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote, unquote

import obstore
from loguru import logger
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from use_cases.conversations.errors import AttachmentNotFound, FileStoreUnavailable

if TYPE_CHECKING:
    from obstore import GetResult
    from obstore.store import S3Config

_SECONDS = 30
_RETRIES = 3


class ObjectStore:
    """Objects in a folder or bucket."""

    def __init__(self, store: LocalStore | S3Store, *, signs_links: bool = False) -> None:
        self.store = store
        self._signs_links = signs_links

    async def put(self, key: str, content: BinaryIO, *, name: str, media_type: str) -> None:
        """Stores an object."""
        content.seek(0)
        # A folder keeps bytes alone.
        attributes = {
            "Content-Type": media_type,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        }
        with _failures():
            await obstore.put_async(
                self.store,
                key,
                content,
                attributes=attributes if isinstance(self.store, S3Store) else None,
                mode="create",
                use_multipart=False,
            )

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Returns the content; a failure in its middle ends the stream with an error."""
        with _failures():
            try:
                found = await obstore.get_async(self.store, key)
            except FileNotFoundError:
                raise AttachmentNotFound("The content of the file is gone.") from None
        return _pieces(found)

    async def delete(self, key: str) -> None:
        """Removes an object, and what a killed process has written of it."""
        with _failures():
            with suppress(FileNotFoundError):
                await obstore.delete_async(self.store, key)
            if isinstance(self.store, LocalStore):
                place = Path(self.store.prefix or "") / key
                await asyncio.to_thread(_remove_halves, place)

    async def link(self, key: str, seconds: int) -> str | None:
        """Returns the bucket's signed address; None where it signs none."""
        if isinstance(self.store, LocalStore) or not self._signs_links:
            return None
        with _failures():
            return await obstore.sign_async(self.store, "GET", key, timedelta(seconds=seconds))


class FileShelf:
    """The objects of a folder or bucket, as pieces of a move."""

    name = "files"
    batch = 1

    def __init__(self, files: ObjectStore) -> None:
        self._files = files

    async def inventory(self) -> Mapping[str, str]:
        """Returns the digest of each object by its key."""
        with _failures():
            listed = await obstore.list(self._files.store).collect_async()  # pyright: ignore[reportUnknownMemberType]
        return {
            key: hashlib.sha256(await self._content(key)).hexdigest()
            for key in sorted(one["path"] for one in listed)
        }

    async def take(self, keys: Sequence[str]) -> Sequence[tuple[str, bytes]]:
        """Returns objects with their keys."""
        return [(key, await self._content(key)) for key in keys]

    async def put(self, pieces: Sequence[tuple[str, bytes]]) -> None:
        """Stores objects, each with the name that its key ends in."""
        for key, content in pieces:
            name = unquote(key.rpartition("/")[2].partition("-")[2])
            media_type = guess_type(name)[0] or "application/octet-stream"
            await self._files.put(key, BytesIO(content), name=name, media_type=media_type)

    async def _content(self, key: str) -> bytes:
        return b"".join([piece async for piece in await self._files.read(key)])


def _remove_halves(place: Path) -> None:
    """A folder's object grows beside its place, under its name with a number, and is then linked there."""
    for half in place.parent.glob(f"{escape(place.name)}#*"):
        half.unlink(missing_ok=True)


async def _pieces(found: "GetResult") -> AsyncIterator[bytes]:
    with _failures():
        async for piece in found.stream():
            yield bytes(piece)


def folder_store(folder: Path) -> ObjectStore:
    """Files below a folder, which only its owner may read; it is made where there is none.

    Raises `FileStoreUnavailable`.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return ObjectStore(LocalStore(folder))
    except (OSError, BaseError) as error:
        raise FileStoreUnavailable(f"The folder {folder.name} cannot be used.") from error


def bucket_store(
    bucket: str,
    *,
    key_id: str,
    secret: str,
    region: str,
    endpoint: str | None,
    signs_links: bool = True,
) -> ObjectStore:
    """Returns a bucket; `endpoint` is the address of another provider than AWS, who may speak plain
    http. `signs_links`: browsers reach it, too.
    """
    elsewhere: S3Config = {"endpoint": endpoint} if endpoint else {}
    return ObjectStore(
        S3Store(
            bucket,
            config=elsewhere,
            access_key_id=key_id,
            secret_access_key=secret,
            region=region,
            client_options={"timeout": timedelta(seconds=_SECONDS), "allow_http": bool(endpoint)},
            retry_config={"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=_SECONDS)},
        ),
        signs_links=signs_links,
    )


@contextmanager
def _failures() -> Generator[None]:
    """Turns the store's errors into ours; their texts name addresses, so only their kind is kept."""
    try:
        yield
    except (BaseError, OSError) as error:
        logger.warning("the file store failed: {}", type(error).__name__)
        raise FileStoreUnavailable(f"The file store failed: {type(error).__name__}.") from None
