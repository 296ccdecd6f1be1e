"""Exports in files of this machine, as port `ConversationFiles`: JSON, saved pages, ZIP archives.

Promises: an archive is read where it lies and never unpacked to disk; what holds the account (e-mail,
phone) is not even opened; an entry that leads out of the archive, is encrypted or unpacks to far too much
is refused, alone or with the others; so is a way of packing whose output cannot be bounded. No process is
started.
"""

import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import SEEK_END
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from services.conversation_files.json_stream import JsonStream
from use_cases.conversations.errors import (
    GEMINI_INSTEAD,
    ConversationFileBroken,
    ConversationFileNotFound,
    ConversationFileTooLarge,
    ConversationFileUnsafe,
    ConversationFileUnsupported,
    ConversationFormatUnknown,
)
from use_cases.conversations.model import Fault, FileItem, JsonItem, NotRead, SavedPage
from use_cases.kernel.errors import CandorError
from use_cases.kernel.statistics.figures import counted

MAX_BYTES = 8 * 2**30
"""Of a file, and of an archive's entries unpacked."""
MAX_PAGE = 64 * 2**20
_MAX_ENTRIES = 200_000
_MAX_RATIO = 100
_SMALL = 64 * 2**20
"""Below it an entry, and an archive, may be packed to any ratio."""
_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
"""Of bzip2 and LZMA, a few kilobytes unpack to gigabytes in one step."""

_START = 512


class LocalConversationFiles:
    """Files by their path."""

    @contextmanager
    def open(self, path: str, name: str = "") -> Generator[Iterator[FileItem]]:
        """Sees `ConversationFiles.open`."""
        place, shown = Path(path).expanduser(), name or path
        try:
            stream = place.open("rb")
        except OSError as error:
            if place.is_dir():
                raise ConversationFileNotFound(
                    f"{shown!r} is a folder, and one file is read.",
                    hint="Name the ZIP, or the JSON files in the folder, such as conversations.json.",
                ) from error
            reason = (error.strerror or "cannot be read").lower()
            raise ConversationFileNotFound(f"{shown!r} cannot be opened: {reason}.") from error
        with stream:
            start = stream.read(_START)
            stream.seek(0)
            if place.stat().st_size > MAX_BYTES:
                raise ConversationFileTooLarge(f"{shown} has more than {MAX_BYTES // 2**30} GB.")
            if zipfile.is_zipfile(stream):
                with _archive(stream, shown) as archive:
                    yield _entries(archive)
                return
            stream.seek(0)
            yield _content(stream, name or place.name, _kind(start, shown))


def _kind(start: bytes, path: str) -> str:
    """Returns the kind of a file that is no archive, by how it begins."""
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        raise ConversationFileBroken(f"{path} is empty.")
    shown = (
        start.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n").lower()
    )
    if shown.startswith(b"<"):
        return ".html"
    if shown.startswith(b")]}'"):
        raise ConversationFormatUnknown(
            f"{path} is an answer of Google's servers, as a Gemini page gets it; it is not read.",
            hint=GEMINI_INSTEAD,
        )
    if shown[:1] in b'{["' and (b"\0" not in start or start[:4].count(0) in (1, 2)):
        return ".json"
    if start.startswith(b"PK"):
        raise ConversationFileBroken(f"{path} is a ZIP archive without its end.")
    if Path(path).suffix.lower() == ".json":
        return ".json"  # for the error, which names the place
    raise ConversationFileUnsupported(
        f"{path} is neither JSON, nor a saved page, nor a ZIP archive."
    )


def _content(stream: BinaryIO, name: str, kind: str) -> Iterator[FileItem]:
    """Returns the items of one file. A fault within it is the last of them."""
    try:
        if kind == ".html":
            html = stream.read(MAX_PAGE + 1)
            if len(html) > MAX_PAGE:
                raise ConversationFileTooLarge(f"{name} has more than {MAX_PAGE // 2**20} MB.")
            yield SavedPage(name, html.decode("utf-8", "replace"))
            return
        text = JsonStream(stream, name)
        for place, value in text.values():
            beside = _BESIDE.get(place.removeprefix(f"{name}, "))
            if isinstance(value, ConversationFileTooLarge):
                yield Fault(place, value.detail.rstrip("."), value)
            elif beside:
                yield NotRead(place, beside)
            else:
                yield JsonItem(place, value, text.text)
        if text.undecoded:
            yield Fault(name, f"{text.undecoded:,} bytes are not UTF-8: read as Windows-1252")
    except CandorError as error:
        yield Fault(name, error.detail.rstrip("."), error)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        broken = ConversationFileBroken(f"{name} cannot be unpacked: its data is damaged.")
        broken.__cause__ = error
        yield Fault(name, broken.detail.rstrip("."), broken)


@contextmanager
def _archive(stream: BinaryIO, path: str) -> Generator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ConversationFileBroken(f"{path} is a damaged ZIP archive.") from error
    with archive:
        stream.seek(0, SEEK_END)
        _require_safe(archive.infolist(), stream.tell())
        yield archive


def _require_safe(entries: Sequence[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > _MAX_ENTRIES:
        raise ConversationFileTooLarge(f"The archive has more than {_MAX_ENTRIES:,} entries.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_BYTES:
        raise ConversationFileTooLarge(f"The archive unpacks to more than {MAX_BYTES // 2**30} GB.")
    if unpacked > max(_SMALL, _MAX_RATIO * size):  # many small bombs, or entries that overlap
        raise ConversationFileUnsafe(f"The archive unpacks to {unpacked:,} bytes from {size:,}.")
    for entry in entries:
        if reason := _unsafe(entry):
            raise ConversationFileUnsafe(f"The archive's entry {entry.filename[:100]!r} {reason}.")


def _unsafe(entry: zipfile.ZipInfo) -> str:
    """Returns why an entry is not read; nothing for one that is safe."""
    name = entry.filename.replace("\\", "/")
    if ".." in PurePosixPath(name).parts or name.startswith("/") or name[1:2] == ":":
        return "leads out of it"
    if entry.flag_bits & 0x1:
        return "is encrypted"
    if entry.compress_type not in _METHODS:
        return "is packed in an unusual way"
    if entry.file_size > max(_SMALL, _MAX_RATIO * entry.compress_size):
        return f"unpacks to {entry.file_size:,} bytes from {entry.compress_size:,}"
    return ""


def _entries(archive: zipfile.ZipFile) -> Iterator[FileItem]:
    others = 0
    for entry in archive.infolist():
        name = PurePosixPath(entry.filename)
        reason = _LEFT_OUT.get(name.name.lower())
        if entry.is_dir():
            continue
        if reason:
            yield NotRead(entry.filename, reason)
        elif name.suffix.lower() != ".json":
            others += 1
        else:
            try:
                opened = archive.open(entry)
            except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
                broken = ConversationFileBroken(f"{entry.filename} cannot be unpacked.")
                broken.__cause__ = error
                yield Fault(entry.filename, broken.detail.rstrip("."), broken)
                continue
            with opened:
                yield from _content(cast("BinaryIO", opened), entry.filename, ".json")
    if others:
        yield NotRead(
            counted(others, "other file"), "attachments and pages, which conversations refer to"
        )


_BESIDE: Mapping[str, str] = {
    "folders": "folders, not conversations",
    "prompts": "stored prompts, not conversations",
    "projects": "projects, not conversations",
    "tasks": "tasks, not conversations",
    "media_posts": "pictures and films, not conversations",
    "media_generations": "pictures and films, not conversations",
}
"""What stands beside the list of conversations in a file of chatbot-ui, and of Grok."""
_ACCOUNT = "the account, with e-mail and phone: never read"
_LEFT_OUT: Mapping[str, str] = {
    "user.json": _ACCOUNT,
    "users.json": _ACCOUNT,
    "user_settings.json": _ACCOUNT,
    "prod-mc-auth-mgmt-api.json": _ACCOUNT,
    "prod-mc-billing.json": "a balance, not conversations",
    "chat.html": "the same conversations as a page",
    "message_feedback.json": "ratings, not conversations",
    "shared_conversations.json": "a list of share links, not conversations",
    "group_chats.json": "chats of several people: no known form",
    "shopping.json": "not conversations",
    "sora.json": "not conversations",
    "model_comparisons.json": "not conversations",
    "projects.json": "projects, not conversations",
    "memories.json": "memories, not conversations",
    "export_manifest.json": "a list of the export's files",
}
