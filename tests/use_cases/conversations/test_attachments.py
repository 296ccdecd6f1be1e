"""Files of conversations: whole or not at all, each person's own, behind links that end."""

import io
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest
from pypdf import PdfWriter

from services.attachments import folder_store
from tests.contracts.keeping import ANNA, BORIS, NOON
from tests.services.documents.made_up import pdf
from tests.use_cases.conversations.attaching import (
    Attaching,
    attaching,
    make_conversations,
    remove_conversation,
)
from tests.use_cases.conversations.test_sniffing import PDF, PNG
from use_cases.conversations.errors import (
    AttachmentNotFound,
    AttachmentRenamed,
    AttachmentTooLarge,
    ConversationNotFound,
    FileLinkInvalid,
)
from use_cases.conversations.manage_attachments import LONGEST_TEXT, UPLOAD_TIME, SignedLink
from use_cases.conversations.model import FileSummary
from use_cases.kernel.model import LOCAL

pytestmark = pytest.mark.anyio

HOUR = 3600


@pytest.fixture
async def files(tmp_path: Path) -> AsyncGenerator[Attaching]:
    async with attaching(tmp_path) as made:
        await make_conversations(made.store)
        yield made


async def content(files: Attaching, file_id: str) -> bytes:
    opened = await files.manage.open(ANNA, file_id)
    return b"".join([piece async for piece in opened.content])


async def test_a_file_is_stored_with_its_text(files: Attaching) -> None:
    attached = await files.add(ANNA, "chat_anna", "notes ä.txt", "Größe: 言葉".encode())
    assert attached.new
    made = attached.attachment
    assert (made.name, made.media_type, made.size) == ("notes ä.txt", "text/plain", 15)
    assert (made.user_id, made.created_at, made.characters) == ("anna", NOON, 9)
    assert await files.manage.text(ANNA, made.file_id) == "Größe: 言葉"
    assert await content(files, made.file_id) == "Größe: 言葉".encode()
    assert await files.manage.list(ANNA, "chat_anna") == [made]


async def test_the_text_of_a_pdf_is_read_and_one_without_says_why(files: Attaching) -> None:
    made = await files.add(ANNA, "chat_anna", "a.pdf", pdf([[("Passwords rotate yearly.", 12)]]))
    assert await files.manage.text(ANNA, made.attachment.file_id) == "Passwords rotate yearly."
    writer, locked = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.encrypt("hunter2", algorithm="RC4-128")
    writer.write(locked)
    encrypted = await files.add(ANNA, "chat_anna", "locked.pdf", locked.getvalue())
    assert encrypted.attachment.text_note == "The PDF is protected by a password."
    damaged = await files.add(ANNA, "chat_anna", "damaged.pdf", PDF[:-6])
    assert "damaged" in damaged.attachment.text_note
    assert await files.manage.text(ANNA, damaged.attachment.file_id) is None
    image = await files.add(ANNA, "chat_anna", "a.png", PNG)
    assert (image.attachment.characters, image.attachment.text_note) == (None, "")


async def test_a_file_with_a_text_has_a_summary_of_its_own_sentences(files: Attaching) -> None:
    keys = "Keys are rotated every ninety days."
    made = (await files.add(ANNA, "chat_anna", "a.txt", keys.encode())).attachment
    assert made.summary == FileSummary(text=f"- {keys}", made_at=NOON)
    assert [made] == await files.manage.list(ANNA, "chat_anna")
    for name, content in (("b.txt", b" \n "), ("b.png", PNG)):
        assert (await files.add(ANNA, "chat_anna", name, content)).attachment.summary is None


async def test_of_a_very_long_text_the_beginning_is_read(files: Attaching) -> None:
    made = (await files.add(ANNA, "chat_anna", "a.txt", b"x" * (LONGEST_TEXT + 1))).attachment
    assert (made.size, made.characters) == (LONGEST_TEXT + 1, LONGEST_TEXT)
    assert made.text_note == "Only the first 1,000,000 characters were read."
    assert await files.manage.text(ANNA, made.file_id) == "x" * LONGEST_TEXT


async def test_the_same_file_is_there_once_and_the_same_name_twice(files: Attaching) -> None:
    first = await files.add(ANNA, "chat_anna", "a.txt", b"one")
    again = await files.add(ANNA, "chat_anna", "a.txt", b"one")
    assert again == replace(first, new=False)
    other = await files.add(ANNA, "chat_anna", "a.txt", b"two")
    renamed = await files.add(ANNA, "chat_anna", "b.txt", b"one")
    assert other.new
    assert renamed.new
    assert len(await files.manage.list(ANNA, "chat_anna")) == len(files.objects()) == 3
    assert await content(files, first.attachment.file_id) == b"one"


async def test_a_key_has_a_random_part_and_the_quoted_name(files: Attaching) -> None:
    name = "../ä/" + "x" * 300 + ".txt"
    made = (await files.add(ANNA, "chat_anna", name, b"one")).attachment
    folder, _, last = made.key.rpartition("/")
    assert folder == "conversations/chat_anna/files"
    random, _, quoted = last.partition("-")
    assert len(random) == 22
    assert quoted == "x" * 116 + ".txt"
    dots = (await files.add(ANNA, "chat_anna", "../ä", b"one")).attachment
    assert dots.key.endswith("-..%2F%C3%A4")


async def test_what_is_refused_leaves_nothing(files: Attaching) -> None:
    with pytest.raises(AttachmentTooLarge):
        await files.add(ANNA, "chat_anna", "a.txt", b"x" * (2**20 + 1))
    with pytest.raises(AttachmentRenamed):
        await files.add(ANNA, "chat_anna", "a.png", b"text")
    for chat_id in ("chat_boris", "chat_nobody"):
        with pytest.raises(ConversationNotFound):
            await files.add(ANNA, chat_id, "a.txt", b"one")
    files.clock.move(UPLOAD_TIME.total_seconds())
    assert await files.rows.orphans(files.clock.now()) == []
    assert files.objects() == []


async def test_anothers_file_is_not_there(files: Attaching) -> None:
    file_id = (await files.add(ANNA, "chat_anna", "a.txt", b"one")).attachment.file_id
    for call in (files.manage.link, files.manage.open, files.manage.text):
        with pytest.raises(AttachmentNotFound, match=file_id):
            await call(BORIS, file_id)
    with pytest.raises(ConversationNotFound):
        await files.manage.list(BORIS, "chat_anna")
    assert len(await files.manage.list(LOCAL, "chat_anna")) == 1


async def test_a_link_leads_to_its_file_until_it_ends(files: Attaching) -> None:
    file_id = (await files.add(ANNA, "chat_anna", "a.txt", b"one")).attachment.file_id
    other = (await files.add(ANNA, "chat_anna", "b.txt", b"two")).attachment.file_id
    link = await files.manage.link(ANNA, file_id)
    assert isinstance(link, SignedLink)
    assert link.expires == int(NOON.timestamp()) + HOUR
    opened = await files.manage.open_link(link)
    assert b"".join([piece async for piece in opened.content]) == b"one"
    forged = (
        replace(link, expires=link.expires + 1),
        replace(link, file_id=other),
        replace(link, signature="0" * 64),
        replace(link, signature=""),
        replace(link, signature="\ud800ä"),
    )
    for each in forged:
        with pytest.raises(FileLinkInvalid):
            await files.manage.open_link(each)
    files.clock.move(HOUR - 1)
    await files.manage.open_link(link)
    files.clock.move(1)
    with pytest.raises(FileLinkInvalid):
        await files.manage.open_link(link)


async def test_links_outlive_the_process_that_made_them(tmp_path: Path, files: Attaching) -> None:
    file_id = (await files.add(ANNA, "chat_anna", "a.txt", b"one")).attachment.file_id
    link = await files.manage.link(ANNA, file_id)
    assert isinstance(link, SignedLink)
    async with attaching(tmp_path) as other:
        assert (await other.manage.open_link(link)).attachment.file_id == file_id


async def test_a_deleted_conversation_takes_its_files_along(files: Attaching) -> None:
    file_id = (await files.add(ANNA, "chat_anna", "a.txt", b"one")).attachment.file_id
    link = await files.manage.link(ANNA, file_id)
    assert isinstance(link, SignedLink)
    kept = (await files.add(BORIS, "chat_boris", "a.txt", b"one")).attachment
    await remove_conversation(files.store, "chat_anna")
    with pytest.raises(AttachmentNotFound):
        await files.manage.open_link(link)
    assert await files.sweep.run() == 1
    assert files.objects() == [kept.key]
    assert await files.sweep.run() == 0


async def test_a_conversation_that_is_deleted_meanwhile_keeps_no_file(tmp_path: Path) -> None:
    class DeletingStore:
        """The folder, beside which somebody deletes the conversation."""

        def __init__(self) -> None:
            self._folder = folder_store(tmp_path / "files")
            self.read, self.link = self._folder.read, self._folder.link
            self.delete = self._folder.delete

        async def put(self, key: str, content: BinaryIO, *, name: str, media_type: str) -> None:
            await self._folder.put(key, content, name=name, media_type=media_type)
            await remove_conversation(files.store, "chat_anna")

    async with attaching(tmp_path, files=DeletingStore()) as files:
        await make_conversations(files.store)
        with pytest.raises(ConversationNotFound):
            await files.add(ANNA, "chat_anna", "a.txt", b"one")
        assert await files.sweep.run() == 0  # for all that others know, it is still being stored
        files.clock.move(UPLOAD_TIME.total_seconds())
        assert await files.sweep.run() == 1
        assert files.objects() == []
