"""What every implementation of the port `FileStore` does: a folder, and a bucket on a server of moto."""

import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from moto.server import ThreadedMotoServer

from services.attachments import ObjectStore, bucket_store, folder_store
from use_cases.conversations.errors import AttachmentNotFound, FileStoreUnavailable
from use_cases.conversations.ports import FileStore

pytestmark = pytest.mark.anyio

KEY = "conversations/chat_1/files/abc-R%C3%A4tsel%20%2F..txt"
NINE_MEGABYTES = bytes(range(256)) * 36 * 1024


async def put(store: FileStore, key: str, content: bytes) -> None:
    await store.put(key, io.BytesIO(content), name="Rätsel.txt", media_type="text/plain")


async def content(store: FileStore, key: str) -> bytes:
    return b"".join([piece async for piece in await store.read(key)])


class FileStoreContract:
    """The suite; a subclass provides the fixture `files`, empty."""

    async def test_an_object_is_read_as_it_was_stored(self, files: FileStore) -> None:
        await put(files, KEY, NINE_MEGABYTES)
        await put(files, "other", b"other")
        assert await content(files, KEY) == NINE_MEGABYTES
        assert await content(files, "other") == b"other"

    async def test_a_file_is_stored_from_its_beginning(self, files: FileStore) -> None:
        opened = io.BytesIO(b"all of it")
        opened.read()
        await files.put(KEY, opened, name="a", media_type="text/plain")
        assert await content(files, KEY) == b"all of it"

    async def test_a_key_that_exists_is_not_replaced(self, files: FileStore) -> None:
        await put(files, KEY, b"first")
        with pytest.raises(FileStoreUnavailable, match="AlreadyExistsError"):
            await put(files, KEY, b"second")
        assert await content(files, KEY) == b"first"

    async def test_what_is_removed_is_gone_and_may_be_removed_again(self, files: FileStore) -> None:
        await put(files, KEY, b"first")
        for _ in range(2):
            await files.delete(KEY)
        with pytest.raises(AttachmentNotFound):
            await files.read(KEY)


class TestFolder(FileStoreContract):
    @pytest.fixture
    def files(self, tmp_path: Path) -> ObjectStore:
        return folder_store(tmp_path / "files")

    async def test_nothing_lies_outside_of_the_folder(
        self, files: FileStore, tmp_path: Path
    ) -> None:
        for key in ("../outside", "a/../../outside", "a//b"):
            with pytest.raises(ValueError, match="path"):  # a defect: we make the keys
                await put(files, key, b"x")
        await put(files, "/absolute", b"x")
        assert _names(tmp_path) == {"files"}

    async def test_only_the_owner_may_look_into_it_and_it_signs_no_links(
        self, files: FileStore, tmp_path: Path
    ) -> None:
        assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700
        assert await files.link(KEY, 60) is None

    async def test_what_a_killed_process_has_written_is_removed_with_its_object(
        self, files: FileStore, tmp_path: Path
    ) -> None:
        place = tmp_path / "files" / KEY
        place.parent.mkdir(parents=True)
        half, other = (place.with_name(f"{name}#1") for name in (place.name, f"x{place.name}"))
        for one in (half, other):
            one.write_bytes(b"ha")
        await files.delete(KEY)
        assert _names(place.parent) == {other.name}

    def test_a_folder_that_cannot_be_made_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "files").write_text("no folder")
        with pytest.raises(FileStoreUnavailable, match="files"):
            folder_store(tmp_path / "files")


def _names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """An S3 server on this machine."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


def bucket_at(server: str, name: str) -> ObjectStore:
    return bucket_store(
        name, key_id="key", secret="sesame-secret", region="us-east-1", endpoint=server
    )


class TestBucket(FileStoreContract):
    @pytest.fixture
    def files(self, server: str, tmp_path: Path) -> ObjectStore:
        name = f"b-{abs(hash(tmp_path))}"
        httpx2.put(f"{server}/{name}").raise_for_status()
        return bucket_at(server, name)

    async def test_a_signed_link_leads_to_the_object_as_a_download(self, files: FileStore) -> None:
        await put(files, KEY, b"content")
        link = await files.link(KEY, 3600)
        assert link is not None
        assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["3600"]
        assert "sesame" not in link
        async with httpx2.AsyncClient() as client:
            answer = await client.get(link)
        assert answer.content == b"content"
        assert answer.headers["Content-Type"] == "text/plain"
        assert (
            answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''R%C3%A4tsel.txt"
        )

    async def test_a_bucket_that_is_missing_is_an_error_without_its_address(
        self, server: str
    ) -> None:
        files = bucket_at(server, "missing-bucket")
        with pytest.raises(FileStoreUnavailable) as raised:
            await put(files, KEY, b"x")
        assert "127.0.0.1" not in raised.value.detail
        assert "sesame" not in raised.value.detail
