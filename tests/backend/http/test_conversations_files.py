"""Files of conversations over HTTP: attached, listed, downloaded, and nobody else's."""

from collections.abc import Iterator
from typing import Any, cast

import httpx2
import pytest
from starlette.testclient import TestClient

from backend.settings.settings import Settings
from tests.backend.http.chatting import ask, problem
from tests.backend.http.conftest import served
from tests.backend.http.keys import key_of, requiring
from tests.buckets import bucket, settings_for
from tests.use_cases.conversations.test_sniffing import PNG, SVG

Json = dict[str, Any]
MEGABYTE = 2**20


@pytest.fixture
def locked(settings: Settings) -> Iterator[TestClient]:
    with served(requiring(settings)) as client:
        yield client


def attach(
    client: TestClient,
    chat: str,
    name: str,
    content: bytes,
    headers: dict[str, str] | None = None,
) -> httpx2.Response:
    files = {"file": (name, content, "image/png")}
    return client.post(f"/api/conversations/{chat}/files", files=files, headers=headers)


def test_a_file_is_attached_listed_and_downloaded(client: TestClient) -> None:
    chat = ask(client)["chat_id"]
    made = attach(client, chat, "Rätsel 1.svg", SVG)
    assert made.status_code == 201, made.text
    file = cast("Json", made.json())
    assert file["file_type"] == "image/svg+xml"
    assert file.pop("new") is True
    assert attach(client, chat, "Rätsel 1.svg", SVG).status_code == 200
    assert client.get(f"/api/conversations/{chat}/files").json() == [file]
    found = client.get(f"/api/conversations/files/{file['id']}/download", follow_redirects=False)
    assert found.status_code == 302
    shown = client.get(found.headers["Location"])
    assert shown.content == SVG
    assert shown.headers["Content-Type"] == "image/svg+xml"
    assert (
        shown.headers["Content-Disposition"] == "attachment; filename*=UTF-8''R%C3%A4tsel%201.svg"
    )
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Security-Policy"].startswith("sandbox")


def test_what_cannot_be_attached_has_a_code_and_leaves_nothing(settings: Settings) -> None:
    with served(settings.model_copy(update={"max_attachment_mb": 1})) as client:
        place = f"/api/conversations/{ask(client)['chat_id']}/files"
        for status, code, *files in (
            (422, "attachment_renamed", ("a.png", b"MZ\x90\x00")),
            (415, "attachment_kind_unknown", ("a.exe", b"MZ\x90\x00")),
            (422, "attachment_broken", ("a.txt", b"")),
            (413, "attachment_too_large", ("a.txt", b"x" * (MEGABYTE + 1))),
            (413, "too_large", ("a.txt", b"x" * (2 * MEGABYTE))),
            (422, "invalid_input", ("a.txt", b"one"), ("b.txt", b"two")),
        ):
            refused = client.post(place, files=[("file", file) for file in files])
            assert problem(refused) == (status, code)
        assert client.get(place).json() == []


def test_only_the_owner_and_who_has_the_link_reach_a_file(
    locked: TestClient, settings: Settings
) -> None:
    anna, boris = key_of(settings, "anna"), key_of(settings, "boris")
    said = locked.post("/chat", json={"user_id": "anna", "message": "Hi"}, headers=anna).json()
    made = attach(locked, said["chat_id"], "a.png", PNG, anna).json()
    download = f"/api/conversations/files/{cast('Json', made)['id']}/download"
    assert problem(locked.get(download, headers=boris)) == (404, "attachment_not_found")
    link = locked.get(download, headers=anna, follow_redirects=False).headers["Location"]
    assert locked.get(link).content == PNG
    forged = locked.get(link[:-1] + ("0" if link[-1] != "0" else "1"))
    assert problem(forged) == (403, "file_link_invalid")
    assert locked.get(link.partition("?")[0]).status_code == 422
    assert locked.delete(f"/chats/{said['chat_id']}", headers=anna).status_code == 204
    assert locked.get(link).json()["code"] == "attachment_not_found"


def test_with_a_bucket_the_link_is_the_buckets_own(settings: Settings) -> None:
    with bucket() as address:
        told = {**settings.model_dump(), **settings_for(address)}
        with served(Settings.model_validate(told)) as client:
            chat = ask(client)["chat_id"]
            file = cast("Json", attach(client, chat, "a.png", PNG).json())
            place = f"/api/conversations/files/{file['id']}/download"
            link = client.get(place, follow_redirects=False).headers["Location"]
            assert link.startswith(f"{address}/conversations/{chat}/files/")
            assert "X-Amz-Expires=3600" in link
            assert httpx2.get(link).content == PNG
    assert not (settings.data_path / "files").exists()


def test_files_of_a_bucket_that_only_servers_reach_pass_through_them(settings: Settings) -> None:
    with bucket() as address:
        told = {**settings.model_dump(), **settings_for(address), "aws_signed_links": False}
        with served(Settings.model_validate(told)) as client:
            file = cast("Json", attach(client, ask(client)["chat_id"], "a.png", PNG).json())
            place = f"/api/conversations/files/{file['id']}/download"
            link = client.get(place, follow_redirects=False).headers["Location"]
            assert link.startswith(f"/api/conversations/files/{file['id']}/content?")
            assert client.get(link).content == PNG
