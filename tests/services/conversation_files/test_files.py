"""Files of exports: archives, pages, and those that are refused before anything is read."""

import io
import json
import random
import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from services.conversation_files import exported_files
from services.conversation_files.exported_files import LocalConversationFiles
from services.conversation_files.json_stream import JsonStream
from use_cases.conversations.errors import (
    ConversationFileBroken,
    ConversationFileNotFound,
    ConversationFileTooLarge,
    ConversationFileUnsafe,
    ConversationFileUnsupported,
    ConversationFormatUnknown,
)
from use_cases.conversations.model import Fault, FileItem, JsonItem, NotRead, SavedPage


def items(path: Path) -> Sequence[FileItem]:
    with LocalConversationFiles().open(str(path)) as found:
        return list(found)


def archive(path: Path, **entries: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name.replace("__", "/").replace("_json", ".json"), content)
    return path


def test_an_archive_is_read_without_the_account(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "e.zip",
        conversations_json='[{"a": 1}]',
        user_json='{"email": "anna@example.org"}',
        deep__users_json='[{"phone": "1"}]',
        image="x",
    )
    assert items(path) == [
        JsonItem("conversations.json, item 1", {"a": 1}),
        NotRead("user.json", "the account, with e-mail and phone: never read"),
        NotRead("deep/users.json", "the account, with e-mail and phone: never read"),
        NotRead("1 other file", "attachments and pages, which conversations refer to"),
    ]


def test_an_archive_of_grok_is_read_without_the_account(tmp_path: Path) -> None:
    beside = {"projects": [{"id": "p"}], "tasks": [{"id": "t"}], "media_posts": [{"id": "m"}]}
    path = archive(
        tmp_path / "e.zip",
        **{
            "30d__prod-grok-backend_json": json.dumps({"conversations": [{"a": 1}], **beside}),
            "30d__prod-mc-auth-mgmt-api_json": '{"user": {"email": "anna@example.org"}}',
            "30d__prod-mc-billing_json": '{"balance_map": {}}',
        },
    )
    main = "30d/prod-grok-backend.json"
    assert items(path) == [
        JsonItem(f"{main}, conversation 1", {"a": 1}),
        NotRead(f"{main}, projects", "projects, not conversations"),
        NotRead(f"{main}, tasks", "tasks, not conversations"),
        NotRead(f"{main}, media_posts", "pictures and films, not conversations"),
        NotRead("30d/prod-mc-auth-mgmt-api.json", "the account, with e-mail and phone: never read"),
        NotRead("30d/prod-mc-billing.json", "a balance, not conversations"),
    ]


@pytest.mark.parametrize("name", ["../c.json", "/etc/c.json", "a/../../c.json", "C:\\c.json"])
def test_an_entry_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "e.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(name, "[]")
    with pytest.raises(ConversationFileUnsafe, match="leads out"):
        items(path)


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        # One entry among random bytes, by which the archive as a whole is not packed too much.
        ({"bomb_json": 300_000}, "'bomb.json' unpacks to 300,000 bytes"),
        ({"a_json": 60_000, "b_json": 60_000}, "The archive unpacks to 120,000 bytes"),
    ],
)
def test_what_unpacks_to_far_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sizes: dict[str, int], said: str
) -> None:
    monkeypatch.setattr(exported_files, "_SMALL", 100_000)
    entries = {name: b" " * size for name, size in sizes.items()}
    if len(entries) == 1:
        entries["image"] = random.Random(1).randbytes(10_000)
    with pytest.raises(ConversationFileUnsafe, match=said):
        items(archive(tmp_path / "e.zip", **entries))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_without_bounds_is_refused(tmp_path: Path, method: int) -> None:
    path = tmp_path / "e.zip"
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr("c.json", "[1]")
    with pytest.raises(ConversationFileUnsafe, match="packed in an unusual way"):
        items(path)


def test_a_conversation_that_is_too_large_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exported_files, "JsonStream", partial(JsonStream, max_cost=2**20))
    path = tmp_path / "c.json"
    path.write_text(json.dumps([{"a": "x" * 300_000}, {"b": 2}]))
    fault, second = items(path)
    assert isinstance(fault, Fault)
    assert fault.detail == "c.json, item 1 takes more than 1 MB of memory"
    assert isinstance(fault.error, ConversationFileTooLarge)
    assert second == JsonItem("c.json, item 2", {"b": 2})


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "e.zip", conversations_json="[]")
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(ConversationFileUnsafe, match="encrypted"):
        items(path)


def test_a_damaged_entry_does_not_stop_the_others(tmp_path: Path) -> None:
    path = tmp_path / "e.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("a.json", json.dumps([{"text": "first"}]))
        made.writestr("b.json", "[2]")
    path.write_bytes(path.read_bytes().replace(b"first", b"worst"))
    fault, second = items(path)
    assert isinstance(fault, Fault)
    assert fault.detail == "a.json cannot be unpacked: its data is damaged"
    assert second == JsonItem("b.json, item 1", 2)


def test_an_archive_without_its_end_is_broken(tmp_path: Path) -> None:
    path = archive(tmp_path / "e.zip", conversations_json="[1]")
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ConversationFileBroken, match="without its end"):
        items(path)


def test_a_page_is_given_as_text(tmp_path: Path) -> None:
    path = tmp_path / "p.html"
    path.write_text("\n<!doctype html><title>ü</title>", encoding="utf-8")
    assert items(path) == [SavedPage("p.html", "\n<!doctype html><title>ü</title>")]


def test_a_fault_is_the_last_item(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text('[1, {"a":')
    first, fault = items(path)
    assert first == JsonItem("c.json, item 1", 1)
    assert isinstance(fault, Fault)
    assert fault.detail == "c.json, item 2, line 1, character 10: a value is missing"
    assert isinstance(fault.error, ConversationFileBroken)


def test_bytes_that_are_not_utf_8_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(b'["caf\xe9"]')
    assert items(path) == [
        JsonItem("c.json, item 1", "café"),
        Fault("c.json", "1 bytes are not UTF-8: read as Windows-1252"),
    ]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", ConversationFileBroken),
        (b" \n ", ConversationFileBroken),
        (b"\x89PNG\r\n\x1a\n\0\0\0", ConversationFileUnsupported),
        (b"Dear diary", ConversationFileUnsupported),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, error: type[Exception]) -> None:
    path = tmp_path / "c"
    path.write_bytes(content)
    with pytest.raises(error):
        items(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConversationFileNotFound, match="no such file"):
        items(tmp_path / "gone.json")
    with pytest.raises(ConversationFileNotFound, match="is a folder") as refused:
        items(tmp_path)
    assert "such as conversations.json" in refused.value.hint


def test_utf_16_is_json_too(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_bytes('[{"a": "ü"}]'.encode("utf-16"))
    assert items(path) == [JsonItem("c.json, item 1", {"a": "ü"})]


def test_an_archive_in_an_archive_is_not_unpacked(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as made:
        made.writestr("c.json", "[1]")
    assert items(archive(tmp_path / "e.zip", inner=inner.getvalue())) == [
        NotRead("1 other file", "attachments and pages, which conversations refer to")
    ]


def test_an_answer_of_gemini_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "batchexecute.txt"
    path.write_text(')]}\'\n\n105\n[["wrb.fr","ujx1Bf","[]"]]')
    with pytest.raises(ConversationFormatUnknown, match="Gemini") as refused:
        items(path)
    assert "Takeout" in refused.value.hint


def test_a_file_of_chatbot_ui_is_a_list_of_conversations(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    chats = [{"id": "1", "name": "Tea"}, {"id": "2", "name": "Jam"}]
    path.write_text(
        json.dumps({"version": 4, "history": chats, "folders": [{"id": "f"}], "prompts": []})
    )
    assert items(path) == [
        JsonItem("history.json, conversation 1", chats[0]),
        JsonItem("history.json, conversation 2", chats[1]),
        NotRead("history.json, folders", "folders, not conversations"),
    ]
