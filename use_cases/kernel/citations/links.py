"""The filter of links in an answer, against data exfiltration: only addresses of cited sources pass.

A poisoned document, or a model that it misled, may write an image whose address contains the model's
knowledge; a client that renders it requests that address at once. Promises, for any split of the
text: images become links or text; a link keeps its target only where a source contains the target,
or its host is allowed; other addresses become `(link removed)`; HTML is disabled. Code in fences and
backticks passes untouched, where every Markdown parser takes it for code. The filter errs towards
prose: ambiguous code gets blanks, and loses its foreign addresses.
Leaves to others: citation markers (`text_filter.py`).

Markdown is CommonMark 0.31 with the literal addresses of GFM.
"""

import html
import re
from collections.abc import Callable, Collection, Iterable
from typing import Final
from urllib.parse import urlsplit

from use_cases.kernel.citations.sources import Entry, LinkPolicy, PageEntry, PassageEntry

REMOVED: Final = "(link removed)"

_LONGEST = 2048
"""The most characters of an address that the filter waits for."""
_LONGEST_CODE = 400
_SLICE = 1024

_ADDRESS = (
    r"(?:(?:https?|ftp)://(?=[\w-])|(?:mailto|xmpp):(?=[^\s<>]{0,2040}@)|www\.)"
    r"(?:(?!\]\()[^\s<>]){1,2040}"
)
_CUT = re.compile(r"[\[\]|\";]|[^\x00-\x7f]")
"""Places where an address may end although GFM continues it."""
_SPECIAL = re.compile(rf"[\]\n`~<!]|(?<![a-z0-9]){_ADDRESS}", re.IGNORECASE)
_ADDRESS_HERE = re.compile(rf"\A{_ADDRESS}", re.IGNORECASE)
_MAYBE = re.compile(r"[\]\n\r`~<!:.]")
_BEGUN_ADDRESS = re.compile(
    r"(?<![a-z0-9])(?:(?:ht?t?p?s?|ft?p?)(?::/{0,2})?|(?:mailto|xmpp):[^\s<>]*|ma?i?l?t?o?|xm?p?p?|"
    r"w{1,3}\.?)\Z",
    re.IGNORECASE,
)
_PUNCTUATION = ".,;:!?'\"*_~)]}|`"
_DESTINATION = re.compile(
    r"\([ \t]*\n?[ \t]*(?:<(?P<angled>[^<>\n]*)>|(?P<plain>(?:\\.|[^\s\\()<]|\((?:\\.|[^\s\\()])*\))*))"
    r"(?:[ \t]*[ \t\n][ \t]*(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*\n?[ \t]*\)"
)
_IMAGE = re.compile(r"!\[[^\[\]\n`<]{0,500}\]\((?P<target>[^()\s<>`]{1,2000})\)")
_IMAGE_OVER = re.compile(r"[\n`<]|\][^(]|\]\([^()\s<>`]*[()\s<>`]")
_BLANK_LINE = re.compile(r"\n[ \t]*\r?\n")
_LONE_RETURN = re.compile(r"\r(?!\n)")
_WORD = re.compile(r"[\w-]+")
_PREFIX = re.compile(r"[\s>*+\d.)-]*")
_BEGINS_WITH_LABEL = re.compile(r"[\s>*+\d.)-]*\[")
_SAFE_TAG = re.compile(
    r"</?(?:br|b|i|em|strong|sub|sup|u|s|kbd|small|mark|del|ins)\s?/?>", re.IGNORECASE
)
_LONGEST_TAG = 12
_AUTOLINK = re.compile(
    r"<([a-z][a-z0-9+.-]{1,31}:[^\s<>`]*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)>", re.IGNORECASE
)
_FENCE = re.compile(r"(?P<indent> {0,3})(?P<mark>`{3,}|~{3,})(?P<info>[^\n]*)\n")
_BEGUN_FENCE = re.compile(r" {0,3}(?:`*|~*|`{3,}[^`\n]*|~{3,}[^\n]*)")
_MOST_INDENT = 3
_SHORTEST_FENCE = 3
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


class LinkFilter:
    """A streaming filter of one text. `in_source` returns whether a source contains an address."""

    def __init__(self, policy: LinkPolicy, in_source: Callable[[str], bool]) -> None:
        self._policy = policy
        self._in_source = in_source
        self._held = ""
        self._last = ""
        self._line = ""
        self._fence: tuple[str, int] | None = None
        self._no_fences = False
        self._return = ""
        self._unsure = False  # whether it is uncertain what is code in this paragraph

    def push(self, text: str) -> str:
        """Takes the next piece; returns the text that may be shown."""
        if "\r" in text or self._return:
            text = self._normalise_returns(text)
        if len(text) > _SLICE:
            slices = (text[at : at + _SLICE] for at in range(0, len(text), _SLICE))
            return "".join(map(self.push, slices))
        quick = not self._held and self._line and self._last not in "]!" and self._fence is None
        if quick and _MAYBE.search(text) is None and _BEGUN_ADDRESS.search(text) is None:
            self._show(text)
            return text
        return self._advance(text, final=False)

    def finish(self) -> str:
        """Returns the text still held back, at the end of the text."""
        return self._advance("\n" if self._return else "", final=True)

    def _normalise_returns(self, text: str) -> str:
        """Normalises a lone carriage return, which ends a line for every parser."""
        text = self._return + text
        self._return = "\r" if text.endswith("\r") else ""
        return _LONE_RETURN.sub("\n", text[: len(text) - len(self._return)])

    def _advance(self, text: str, *, final: bool) -> str:
        self._held += text
        shown: list[str] = []
        while self._held:
            step = self._code_line(final=final) if self._fence else self._prose(final=final)
            if step is None:
                break
            taken, out = step
            self._held = self._held[taken:]
            if out:
                self._show(out)
                shown.append(out)
        return "".join(shown)

    def _show(self, text: str) -> None:
        if not text:
            return
        self._last = text[-1]
        before, newline, line = text.rpartition("\n")
        if newline:
            blank = not (self._line + before).rpartition("\n")[2].strip(" \t\r")
            self._unsure = self._unsure and not blank
            self._line = line[:_LONGEST]
        else:
            self._line = (self._line + line)[:_LONGEST]

    def _prose(self, *, final: bool) -> tuple[int, str] | None:
        fenced = not self._line and not self._no_fences
        if fenced and (fence := self._opening(final=final)) is not NO_FENCE:
            return fence
        match self._last + self._held[0]:
            case "](":
                return self._target(final=final)
            case "]:":
                return self._colon()
            case "![":
                return 1, " ["
            case _:
                return self._text(final=final)

    def _text(self, *, final: bool) -> tuple[int, str] | None:
        """Handles plain text up to the next special construct, or that construct."""
        held = self._held
        # With the character before, which separates an address from the rest of a word.
        found = _SPECIAL.search(self._last + held, len(self._last))
        if found is None:
            begun = None if final else _BEGUN_ADDRESS.search(self._last + held, len(self._last))
            kept = begun.start() - len(self._last) if begun else len(held)
            return (kept, held[:kept]) if kept else None
        start = found.start() - len(self._last)
        special = found.group()
        if special in "]\n":
            return start + 1, held[: start + 1]
        if start:
            return start, held[:start]
        handle = {"`": self._code, "~": self._tildes, "<": self._tag, "!": self._image}
        return handle.get(special, self._address)(final=final)

    def _target(self, *, final: bool) -> tuple[int, str] | None:
        """Handles the `(…)` of a link."""
        paragraph = _BLANK_LINE.split(self._held[:_LONGEST], maxsplit=1)
        found = _DESTINATION.match(paragraph[0])
        if found is None:
            over = final or len(self._held) >= _LONGEST or len(paragraph) > 1
            return (1, " (") if over else None
        target = found["plain"] if found["angled"] is None else found["angled"]
        if "`" not in found.group() and self._is_allowed(target):
            return found.end(), found.group()
        if _WORD.fullmatch(target):  # "[1](draft)": no address, but a remark
            return 1, " ("
        return found.end(), ""

    def _colon(self) -> tuple[int, str]:
        """Handles a colon after a bracket, where a reference's target could follow."""
        alone = "[" not in self._line or _BEGINS_WITH_LABEL.match(self._line)
        return 1, " :" if alone else ":"

    def _image(self, *, final: bool) -> tuple[int, str] | None:
        marks = len(self._held) - len(self._held.lstrip("!"))
        rest = self._held[marks : marks + 1]
        if not rest and not final:
            return None
        if rest != "[":
            return marks, "!" * marks
        if marks > 1:
            return marks, "!" * (marks - 1) + " "
        if self._policy.image_hosts:
            found = _IMAGE.match(self._held)
            if found and _has_host(_resolve_target(found["target"]), self._policy.image_hosts):
                return found.end(), found.group()
            over = final or len(self._held) >= _LONGEST or _IMAGE_OVER.search(self._held)
            if found is None and not over:
                return None
        return 1, "! " if self._last.isalnum() else ""  # `vec![1]` is a macro

    def _tag(self, *, final: bool) -> tuple[int, str] | None:
        """Handles HTML, an address in angle brackets, or a sign."""
        held = self._held
        if len(held) == 1 and not final:
            return None
        if not re.match(r"<[A-Za-z/!?]", held):
            return 1, "<"
        if (known := self._known_tag()) or final:
            return known or (1, "< ")
        closed = re.search(r"[\s<>`]", held[1:])
        if closed is None and len(held) < _LONGEST:
            return None
        return None if len(held) < _LONGEST_TAG and ">" not in held else (1, "< ")

    def _known_tag(self) -> tuple[int, str] | None:
        """Handles a formatting tag without attributes, or an allowed address."""
        held = self._held
        if (safe := _SAFE_TAG.match(held)) and not _PREFIX.fullmatch(self._line):
            return safe.end(), safe.group()
        if (link := _AUTOLINK.match(held)) and self._is_allowed(link[1]):
            return link.end(), link.group()
        return None

    def _address(self, *, final: bool) -> tuple[int, str] | None:
        (found,) = _ADDRESS_HERE.findall(self._held)
        if len(found) == len(self._held) < _LONGEST and not final:
            return None
        whole = _strip_punctuation(found)
        if self._is_allowed(whole):
            return len(whole), whole
        cut = _CUT.search(found)
        part = _strip_punctuation(found[: cut.start()]) if cut else whole
        if cut and self._is_allowed(part):
            # The blank ends the address for every parser.
            return len(part), f"{part} "
        return max(len(part), 1), REMOVED

    def _is_allowed(self, target: str) -> bool:
        address = _resolve_target(target)
        if not address or address.startswith("#"):
            return True
        spellings = {target, address, address.removesuffix("/"), _lower_host(address)}
        return any(map(self._in_source, spellings)) or _has_host(address, self._policy.link_hosts)

    def _tildes(self, *, final: bool) -> tuple[int, str] | None:
        held = self._held
        marks = len(held) - len(held.lstrip("~"))
        if marks == len(held) < _LONGEST_CODE and not final:
            return None
        self._doubt_fences(marks)
        return marks, held[:marks]

    def _doubt_fences(self, marks: int) -> None:
        """Stops following fences after one behind a list mark or indent, whose end is ambiguous."""
        if marks >= _SHORTEST_FENCE and _PREFIX.fullmatch(self._line):
            self._no_fences = True

    def _code(self, *, final: bool) -> tuple[int, str] | None:
        """Handles inline code that closes on its line, without a bar, which would split a table."""
        held = self._held
        ticks = len(held) - len(held.lstrip("`"))
        if ticks == len(held) < _LONGEST_CODE and not final:
            return None
        self._doubt_fences(ticks)
        if self._unsure or self._last == "\\":
            self._unsure = True
            return ticks, held[:ticks]
        line, newline, _ = held[:_LONGEST_CODE].partition("\n")
        closing = re.search(rf"(?<!`)`{{{ticks}}}(?!`)", line[ticks:])
        end = ticks + closing.end() if closing else 0
        if closing and (end < len(line) or newline or final):
            if "|" not in line[:end]:
                return end, line[:end]
        elif not newline and not final and len(held) < _LONGEST_CODE:
            return None
        self._unsure = True
        return ticks, held[:ticks]

    def _opening(self, *, final: bool) -> tuple[int, str] | None:
        """Handles the first line of fenced code at the beginning of a line."""
        found = _FENCE.match(self._held[:_LONGEST_CODE])
        if found is None:
            begun = _BEGUN_FENCE.fullmatch(self._held)
            waits = begun is not None and not final and len(self._held) < _LONGEST_CODE
            return None if waits else NO_FENCE
        if found["mark"][0] == "`" and "`" in found["info"]:
            return NO_FENCE
        self._fence = (found["mark"], len(found["indent"]))
        self._unsure = False
        return found.end(), found.group()

    def _code_line(self, *, final: bool) -> tuple[int, str] | None:
        """Handles a line inside fenced code.

        In a list a less indented line ends the code; the list's indent is unknown, so after such a
        line the filter recognises no more fences.
        """
        assert self._fence is not None  # noqa: S101  (the caller asked)
        mark, indent = self._fence
        end = self._held.find("\n") + 1
        line = self._held[:end] if end else self._held
        if not self._line:
            content = line.rstrip("\r\n").strip(" \t")
            if not (end or final or content.strip("`~") or len(line) >= _LONGEST_CODE):
                return None
            left = line.expandtabs(4)
            left_by = len(left) - len(left.lstrip(" "))
            closes = content.startswith(mark) and not content.strip(mark[0])
            if content and indent and (left_by < indent or (closes and left_by > _MOST_INDENT)):
                self._fence, self._no_fences = None, True
                return 0, ""
            if closes and left_by <= _MOST_INDENT:
                self._fence = None
        return len(line), line


NO_FENCE: Final = (-1, "")


def stands_in(address: str, entries: Iterable[Entry]) -> bool:
    """Returns whether one of these sources contains an address as a whole."""
    return any(_holds(text, address) for entry in entries for text in _texts(entry))


def _resolve_target(target: str) -> str:
    """Returns a target as Markdown renders it: without entities, escapes and blanks."""
    return "".join(_ESCAPED.sub(r"\1", html.unescape(target)).split())


def _lower_host(address: str) -> str:
    scheme, slashes, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{slashes}{host.lower()}{slash}{path}"


def _strip_punctuation(found: str) -> str:
    address = found.rstrip(_PUNCTUATION)
    closing = found[len(address) :]
    return (
        f"{address})"
        if closing.startswith(")") and address.count("(") > address.count(")")
        else address
    )


def _texts(entry: Entry) -> Iterable[str]:
    if isinstance(entry, PassageEntry):
        # Of what was said in conversations no link is carried on, for nobody vouches for it.
        if entry.passage.document.said is None:
            yield entry.passage.reading_text
        return
    yield entry.text
    if isinstance(entry, PageEntry):
        yield entry.url


def _holds(text: str, address: str) -> bool:
    pattern = rf"(?<![\w%/.-]){re.escape(address)}(?![\w%&=?#/~+-])"
    return address in text and re.search(pattern, text) is not None


def _has_host(address: str, hosts: Collection[str]) -> bool:
    if not hosts:
        return False
    try:
        parts = urlsplit(address.replace("\\", "/"))
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme.lower() not in ("http", "https") or not host or "@" in parts.netloc:
        return False
    return any(
        wanted in ("*", host) or (wanted.startswith("*.") and host.endswith(wanted[1:]))
        for wanted in hosts
    )
