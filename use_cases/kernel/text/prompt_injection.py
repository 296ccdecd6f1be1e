"""Text of others in a prompt: orders to an assistant are found in it, also in disguise, and fences it cannot close.

Unlike a message (`services/models/offline/conversation_state.py`), a document speaks to people most of the
time: a runbook may well say "print the environment variables" or "delete all rules". So an order
counts only where no person can be meant: it is about an assistant's own instructions, role or
answers (`services/rules/files/prompt_injection.yaml`). Where one stands, all of its paragraph is left
out, because its author wrote the rest too. An instruction may be hidden in Base64, hex, ROT13, leetspeak,
reversed or spaced letters, or full-width and invisible characters; `readings` undoes that, for the
recognition of attempts only.

Promises: each block of a fenced prompt stands between two lines with a code of 16 random characters, drawn
for that prompt, which occurs in none of the texts; so no text can end its own block or begin another.
Leaves to others: the instructions that say what a block is.
"""

import base64
import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from use_cases.kernel.model import Span
from use_cases.kernel.ports import Entropy
from use_cases.kernel.text.rules import rule_set

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}[\s:]?){10,}")
_LETTER_GAPS = tuple(re.compile(rf"(?<=\b\w){gap}(?=\w\b)") for gap in (r"[.\-*]", " "))
_LEET = str.maketrans("013457@$", "oieastas")
_INVISIBLE = {"Cf", "Cc"}


def readings(text: str) -> Iterator[str]:
    """Yields the message in plain form, then in every other form in which it can be read."""
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
    """Returns a text as it looks: full-width letters plain, no invisible characters, single blanks."""
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
    """Decodes the bytes; empty when they are no text."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""


_BLOCK = re.compile(r"(?:^[^\n]*\S[^\n]*(?:\n|\Z))+", re.MULTILINE)
_ROW = re.compile(r"^\s*\|", re.MULTILINE)


def orders(text: str) -> Iterator[Span]:
    """Returns the paragraphs of a text, and the rows of its tables, that give orders to an assistant."""
    if not gives_orders(text):
        return
    for block in _BLOCK.finditer(text):
        if not gives_orders(block.group()):
            continue
        if _ROW.match(block.group()):
            yield from _rows(text, Span(*block.span()))
        else:
            yield Span(*block.span())


def gives_orders(text: str) -> bool:
    """Returns whether a text gives orders to an assistant."""
    reading = " ".join(text.replace("\n>", "\n").split())
    if not (reading.isascii() and reading.isprintable()):
        reading = plain(reading)
    lowered = reading.lower()
    return any(
        any(word in lowered for word in words) and pattern.search(reading)
        for words, pattern in _patterns()
    )


@cache
def _patterns() -> tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]:
    """Returns each with the words that it needs one of: most text has none, and looking for them is
    quick.
    """
    rules = rule_set("prompt_injection")
    return tuple(
        (rule.needs, re.compile(rules.pattern(rule.pattern), re.IGNORECASE | re.DOTALL))
        for rule in rules.rules
    )


def _rows(text: str, block: Span) -> Iterator[Span]:
    start = block.start
    for line in block.cut(text).splitlines(keepends=True):
        if gives_orders(line):
            yield Span(start, start + len(line))
        start += len(line)


_CODE_LENGTH = 16


class Material(NamedTuple):
    """A block: a text under a name of ours."""

    name: str
    text: str


def fenced(task: str, materials: Sequence[Material], entropy: Entropy) -> str:
    """Returns the prompt: the code of its fences, the task, and the blocks."""
    code = fence_code([text for _, text in materials], entropy)
    blocks = [fence(code, each) for each in materials]
    return "\n\n".join([f"The code of this message is {code}.", task, *blocks])


def fence_code(texts: Iterable[str], entropy: Entropy) -> str:
    """Returns a new code that occurs in none of the texts. For prompts that share a beginning."""
    kept = list(texts)
    while True:
        code = entropy.characters(_CODE_LENGTH)
        if not any(code in text for text in kept):
            return code


def fence(code: str, material: Material) -> str:
    """Returns a block between its two lines."""
    return f"{code} BEGIN {material.name}\n{material.text}\n{code} END {material.name}"
