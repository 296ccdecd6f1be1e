r"""Regular expressions as JavaScript reads them, matched in linear time by RE2.

Promises: a pattern is at most `LONGEST_PATTERN` characters and compiles to at most 2 MB; matching
takes time in proportion to the text. JavaScript's `\s`, `.`, `\uXXXX`, `[^]` and identity escapes
mean what they mean there. What RE2 cannot do (look-around, back-references) is `Unable`. Lone
surrogates of the text count as U+FFFD.

Source of the syntax: ECMA-262, section 22.2 and annex B.1.2.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from services.assertions.observation import Unable
from use_cases.kernel.text.plain_text import whole

if TYPE_CHECKING:
    import re2

LONGEST_PATTERN = 4_096
_MEMORY = 2 << 20
_SPACE = r"\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"
_NO_SPACE = (
    r"\x00-\x08\x0e-\x1f!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}"
    r"\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}"
)
_TOKEN = re.compile(
    r"\\(?:u\{(?P<point>[0-9a-fA-F]{1,6})\}|u(?P<unit>[0-9a-fA-F]{4})|x(?P<byte>[0-9a-fA-F]{2})"
    r"|c(?P<control>[a-zA-Z])|[pP]\{(?P<property>[^}]*)\}|k<(?P<name>[^>]*)>|(?P<digits>\d{1,3})|(?P<escape>.))"
    r"|(?P<group>\(\?(?:<[=!]|[=!]|<(?=[^=!])|:|.?))|(?P<any>\[\^?\])|(?P<plain>.)",
    re.DOTALL,
)
_CAPTURE = re.compile(r"(?<!\\)\((?:(?!\?)|\?<(?![=!]))")
_BACK_REFERENCE = "The pattern uses a back-reference: patterns match in linear time, without."
_SAME = frozenset("dDwWbBtnrvf")
_FLAGS = frozenset("imsu")


def search(pattern: str, text: str, flags: str = "") -> bool:
    """Returns whether a JavaScript pattern matches anywhere. Raises `Unable` for a broken pattern."""
    # In a text instead of its bytes, re2 would count the characters before each group.
    return compiled(pattern, flags).search(whole(text).encode()) is not None


@lru_cache(maxsize=256)
def compiled(pattern: str, flags: str = "") -> "re2.Pattern":
    """Compiles a JavaScript pattern with the flags i, m, s and u. Raises `Unable`."""
    import re2

    if len(pattern) > LONGEST_PATTERN:
        raise Unable(f"The pattern is longer than {LONGEST_PATTERN} characters.")
    if strange := set(flags) - _FLAGS:
        raise Unable(f"The pattern's flag {min(strange)} is unknown; i, m, s and u are known.")
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    switches = "".join(flag for flag in "im" if flag in flags)
    source = _translated(pattern, flags)
    try:
        return re2.compile(f"(?{switches}){source}" if switches else source, options)
    except re2.error as error:
        fault = error.args[0] if error.args else ""
        shown = fault.decode("utf-8", "replace") if isinstance(fault, bytes) else str(fault)
        raise Unable(f"The pattern is invalid: {whole(shown)[:200]}.") from None


def _translated(pattern: str, flags: str) -> str:
    parts: list[str] = []
    in_class = False
    groups = len(_CAPTURE.findall(pattern))
    for token in _TOKEN.finditer(whole(pattern)):
        kind, found = token.lastgroup, token[0]
        if kind == "plain":
            parts.append(_plain(found, in_class=in_class, dot_all="s" in flags))
            in_class = (found == "[" or in_class) and not (found == "]" and in_class)
        elif kind in ("group", "any") and in_class:
            # Neither begins anything within a class; its characters stand for themselves.
            parts.append(re.escape(found) if kind == "group" else rf"\[{found[1:]}")
            in_class = kind == "group"
        elif kind == "group":
            parts.append(_group(found))
        elif kind == "any":
            parts.append(r"[\x00-\x{10ffff}]" if "^" in found else r"[^\x00-\x{10ffff}]")
        elif kind == "digits":
            parts.append(_octal(token[kind], groups, in_class=in_class))
        else:
            if in_class and found[1] in "dDwWsS" and parts[-1] == "-":
                parts[-1] = r"\-"  # no range can end with a class
            parts.append(_escape(token, in_class=in_class, unicode="u" in flags))
    return "".join(parts)


def _plain(character: str, *, in_class: bool, dot_all: bool) -> str:
    if in_class:
        return r"\[" if character == "[" else character
    if character == ".":
        return r"[\x00-\x{10ffff}]" if dot_all else r"[^\n\r\x{2028}\x{2029}]"
    return character


def _group(opening: str) -> str:
    if opening in ("(?:", "(?<"):
        return "(?P<" if opening == "(?<" else opening
    if opening in ("(?=", "(?!", "(?<=", "(?<!"):
        raise Unable(
            f"The pattern uses {opening}: patterns match in linear time, without look-around."
        )
    raise Unable(
        f"The pattern is invalid: {opening} begins no group (flags go into the assertion's config)."
    )


def _escape(token: "re.Match[str]", *, in_class: bool, unicode: bool) -> str:
    kind, found = token.lastgroup, token[0]
    if kind in ("unit", "byte") or (kind == "point" and unicode):
        return rf"\x{{{token[kind or 0]}}}"
    if kind == "point":
        return f"u{{{token[kind]}}}"
    if kind == "control":
        return rf"\x{{{ord(token[kind]) % 32:x}}}"
    if kind == "property":
        # Without the flag u, JavaScript reads an escaped p as the letter.
        return found if unicode else re.escape(found[1:])
    if kind == "name":
        raise Unable(_BACK_REFERENCE)
    return _escaped_character(token["escape"], in_class=in_class)


def _octal(digits: str, groups: int, *, in_class: bool) -> str:
    """Translates digits: a reference where there is such a group, else an octal number or a digit."""
    if not in_class and digits[0] != "0" and int(digits) <= groups:
        raise Unable(_BACK_REFERENCE)
    octal = re.match(r"[0-3][0-7]{0,2}|[4-7][0-7]?", digits)
    return rf"\x{{{int(octal[0], 8):x}}}{digits[octal.end() :]}" if octal else digits


def _escaped_character(character: str, *, in_class: bool) -> str:
    if character in "sS":
        inside = _SPACE if character == "s" else _NO_SPACE
        return inside if in_class else f"[{inside}]"
    if in_class and character in "bB":
        return r"\x08" if character == "b" else "B"
    return f"\\{character}" if character in _SAME else re.escape(character)
