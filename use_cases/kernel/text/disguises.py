"""The readings of a message: the original, and versions without the usual disguises.

An instruction may be hidden in Base64, hex, ROT13, leetspeak, reversed or spaced letters, or
full-width and invisible characters. The readings serve the recognition of attempts only.
"""

import base64
import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterator

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}[\s:]?){10,}")
_LETTER_GAPS = tuple(re.compile(rf"(?<=\b\w){gap}(?=\w\b)") for gap in (r"[.\-*]", " "))
_LEET = str.maketrans("013457@$", "oieastas")
_INVISIBLE = {"Cf", "Cc"}


def readings(text: str) -> Iterator[str]:
    """Yield the message in plain form, then in every other form in which it can be read."""
    shown = plain(text.replace("\n", " "))
    yield shown
    # A separate line is a separate sentence, unless the sentence was only wrapped.
    yield plain(re.sub(r"\s*\n\s*", "; ", text))
    yield shown.translate(_LEET)
    yield shown[::-1]
    yield codecs.decode(shown, "rot13")
    for gap in _LETTER_GAPS:
        # On the original message, in which words are further apart than letters.
        yield plain(gap.sub("", text))
    for found in _BASE64.finditer(shown):
        yield from _decode(found.group())
    for found in _HEX.finditer(shown):
        yield _text(bytes.fromhex(re.sub(r"[\s:]", "", found.group())))


def plain(text: str) -> str:
    """Return a text as it looks: full-width letters plain, no invisible characters, single blanks."""
    shown = "".join(
        " " if c in "\t\r" else c
        for c in unicodedata.normalize("NFKC", text)
        if c in "\t\r" or unicodedata.category(c) not in _INVISIBLE
    )
    return re.sub(r" +", " ", shown.replace("’", "'")).strip()


def _decode(token: str) -> Iterator[str]:
    whole = token.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        yield _text(base64.b64decode(whole + "=" * (-len(whole) % 4), validate=True))
    except (ValueError, binascii.Error):
        return


def _text(raw: bytes) -> str:
    """Decode the bytes; empty when they are no text."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""
