r"""The files that are documents: by their names, and by their bytes as storable text.

Data, code, logs, media, archives and programs are none. Most of them are text, and some contain whole
sentences; as documents they would fill a search with keys, brackets and time stamps. For an ending on no
list the content decides.

Promises: the text has `\n` line ends only, no lone surrogate, and no control character but tab
and line feed, so every offset in it stays valid in the database, in JSON and on screen. Bytes that
are no text raise `SourceBinary`. It is independent of formats, except for the charset that an HTML
page declares. `decode_exactly` is for what must be compared character by character.
"""

import codecs
import re
from contextlib import suppress
from pathlib import PurePosixPath
from typing import cast

import yaml

from use_cases.kernel.text.plain_text import whole
from use_cases.knowledge.errors import SourceBinary

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16 LE, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DROPPED = dict.fromkeys(
    [*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F, *range(0x80, 0x85), *range(0x86, 0xA0), 0xFEFF]
)
_CLEANED: dict[int, str | None] = {**_DROPPED, 0x0C: "\n", 0x85: "\n"}
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_-]{2,20})""", re.IGNORECASE)
_DECLARABLE = re.compile(
    r"iso-8859-\d+|windows-125\d|shift_jis|euc-jp|euc-kr|gb2312|gbk|gb18030|big5|koi8-[ru]"
)
# A tenth of random bytes are control characters, of real text hardly one in a thousand.
_CONTROL_SHARE = 0.02
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_SAMPLE = 65_536


def clean_text(text: str) -> str:
    r"""Returns the text with `\n` line ends and only characters that a database and JSON can hold.

    Surrogate pairs become their character, lone surrogates U+FFFD; control characters are removed,
    a form feed becomes a line end.
    """
    return whole(text).replace("\r\n", "\n").replace("\r", "\n").translate(_CLEANED)


def read_yaml(content: bytes | str) -> object:
    """Reads YAML with every scalar as text: `no`, `1.10` and `2026-01-15` stay unchanged.

    Nothing but texts, lists and mappings is made. Raises `ValueError`.
    """
    try:
        return cast("object", yaml.load(content, Loader=yaml.BaseLoader))  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from error


def decode(content: bytes) -> str:
    """Decodes a file in UTF-8, UTF-16, UTF-32, a charset that its HTML declares, or Windows-1252.

    Raises `SourceBinary` when it is no text in any of them.
    """
    text, _ = decode_exactly(content)
    return clean_text(text)


def decode_exactly(content: bytes) -> tuple[str, str]:
    """Decodes as `decode` does, and keeps every character: line ends and control characters, too.

    Returns the text and its encoding. What cannot be decoded is U+FFFD.
    """
    text, encoding = _decode_bytes(content)
    sample = text[:_SAMPLE]
    if len(_CONTROLS.findall(sample)) > _CONTROL_SHARE * len(sample):
        raise SourceBinary("The file contains binary data, not text.")
    return text, encoding


def _decode_bytes(content: bytes) -> tuple[str, str]:
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace"), encoding
    if b"\x00" in content[:_SAMPLE]:
        return _decode_unmarked(content)
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decode_legacy(content)


def _decode_unmarked(content: bytes) -> tuple[str, str]:
    """Decodes UTF-16 without a byte order mark: every other byte of mostly Latin text is zero."""
    sample = content[:_SAMPLE]
    low, high = sample[0::2].count(0), sample[1::2].count(0)
    half = max(len(sample) // 2, 1)
    encoding = "utf-16-le" if high > low else "utf-16-be"
    if max(low, high) > 0.4 * half and min(low, high) < 0.05 * half:
        text = content.decode(encoding, "replace")
        if "\ufffd" not in text:
            return text, encoding
    raise SourceBinary("The file contains zero bytes, so it is no text.")


def _decode_legacy(content: bytes) -> tuple[str, str]:
    """Decodes invalid UTF-8: as damaged UTF-8, in a declared charset, or in an old Western encoding."""
    repaired = content.decode("utf-8", "replace")
    damaged = repaired.count("\ufffd")
    intact = len(re.findall(r"[^\x00-\x7f\ufffd]", repaired[:_SAMPLE]))
    if damaged * 4 < intact:
        return repaired, "utf-8"
    declared = _CHARSET.search(content[:2048])
    name = declared[1].decode("ascii").lower() if declared else ""
    if _DECLARABLE.fullmatch(name):
        with suppress(LookupError):  # such as iso-8859-99
            return content.decode(name, "replace"), name
    with suppress(UnicodeDecodeError):
        return content.decode("cp1252"), "cp1252"
    return content.decode("latin-1"), "latin-1"


KINDS = {
    "data": (
        ".json .jsonl .ndjson .json5 .geojson .ipynb .yaml .yml .toml .ini .cfg .conf .env "
        ".properties .lock .xml .xsd .xsl .plist .svg .proto .parquet .avro .npy .npz .pkl .pickle "
        ".onnx .safetensors .db .sqlite .sqlite3 .po .mo .pem .crt .key .csr .ics .vcf go.mod go.sum"
    ),
    "code": (
        ".py .pyi .pyc .js .mjs .cjs .jsx .ts .tsx .vue .svelte .css .scss .sass .less .sql .sh "
        ".bash .zsh .fish .ps1 .bat .cmd .c .h .cc .cpp .hpp .cs .java .kt .kts .scala .go .rs .rb "
        ".php .pl .pm .lua .r .swift .m .dart .ex .exs .erl .hs .clj .groovy .gradle .tf .hcl .nix "
        ".cmake .mk .map .diff .patch .jinja .j2 makefile dockerfile jenkinsfile vagrantfile "
        "rakefile gemfile cmakelists.txt"
    ),
    "a log": ".log .trace",
    "an image": ".png .jpg .jpeg .gif .webp .bmp .ico .tif .tiff .heic .avif .psd .ai .eps .drawio",
    "sound or video": ".mp3 .wav .ogg .flac .m4a .aac .mp4 .m4v .mov .avi .mkv .webm",
    "a font": ".ttf .otf .woff .woff2",
    "an archive": ".zip .gz .tgz .bz2 .xz .zst .tar .7z .rar .jar .whl .iso .dmg",
    "a program": ".exe .dll .so .dylib .a .o .obj .class .wasm .bin .msi .deb .rpm .apk",
}
"""The kinds of files, with their endings or their whole names."""

_KIND_OF = {sign: kind for kind, signs in KINDS.items() for sign in signs.split()}
_TEXT = frozenset({"data", "code", "a log"})


def refuse_non_document(name: str) -> None:
    """Raises `SourceBinary` for a name that belongs to no document."""
    path = PurePosixPath(name.lower())
    kind = _KIND_OF.get(path.name) or _KIND_OF.get(path.suffix)
    if kind is None:
        return
    sign = "its name says so" if path.name in _KIND_OF else f"its name ends in {path.suffix}"
    hint = "If it is prose, give it the ending .txt or .md." if kind in _TEXT else None
    raise SourceBinary(f"It is {kind}, not a document: {sign}.", hint=hint)
