"""The port `TemplateEngine`: mustache in this process, Jinja2 in one of its own (`jinja_worker.py`).

A loop without an end and a text of a gigabyte can be stopped from outside only: within one process no
check runs while a filter or an empty loop does. The process starts with the first template, is kept
(a rendering costs about 0.2 ms then), and is replaced after a template that had to be stopped.

Promises: an answer or `TemplateInvalid` within `seconds` and the time of a start. Its methods block.

Mustache is without HTML escaping: what a prompt holds is no page. The language is that of
https://github.com/mustache/spec (interpolation, sections, inverted sections, comments, delimiters);
`{{name}}`, `{{{name}}}` and `{{&name}}` are the same here. Partials and lambdas would be code or files, and
are refused. A value is shown as in the plain syntax: strings as they are, others as JSON, null as nothing.
Promises: a bounded number of steps and characters, so that lists within lists end.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock, Timer
from typing import IO, TypeAlias, cast

from pydantic import JsonValue

from use_cases.kernel.prompts.content import Syntax
from use_cases.kernel.text.plain_text import part_of, value_text
from use_cases.playground.errors import TemplateInvalid

_INHERITED = ("SYSTEMROOT", "TMPDIR", "TMP", "TEMP", "LD_LIBRARY_PATH")
_START_SECONDS = 30.0


class JinjaProcess:
    """One process, for any thread; `seconds` is the limit of one template."""

    def __init__(self, seconds: float = 2.0) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def render(self, text: str, values: Mapping[str, JsonValue]) -> str:
        """Returns the template with its values. Raises `TemplateInvalid`."""
        return cast("str", self._ask({"text": text, "values": dict(values)})["text"])

    def names(self, text: str) -> tuple[frozenset[str], frozenset[str]]:
        """Returns the variables it reads and those that it requires. Raises `TemplateInvalid`."""
        answer = self._ask({"text": text})
        return (
            frozenset(cast("list[str]", answer["names"])),
            frozenset(cast("list[str]", answer["required"])),
        )

    def close(self) -> None:
        """Ends the process; the next template starts another."""
        with self._lock:
            self._end()

    def _ask(self, request: Mapping[str, JsonValue]) -> dict[str, object]:
        with self._lock:
            line = self._exchange(json.dumps(request).encode() + b"\n")
        if not line:
            raise TemplateInvalid("The template was stopped: it takes too long or too much memory.")
        answer = cast("dict[str, object]", json.loads(line))
        if "error" in answer:
            raise TemplateInvalid(f"The template fails: {answer['error']}")
        return answer

    def _exchange(self, request: bytes) -> bytes:
        """Returns the answer's line; empty when the process had to be stopped or ended itself."""
        if self._process is None or self._process.poll() is not None:
            self._start()
        line = self._read(request, self._seconds)
        if not line:
            self._end()
        return line

    def _start(self) -> None:
        self._end()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "services.templates.jinja_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,  # Ctrl-C in the terminal is for its parent alone
        )
        # Its imports may take longer than a template may.
        if not self._read(b"", _START_SECONDS):
            self._end()
            raise TemplateInvalid("The process that renders Jinja2 templates did not start.")

    def _read(self, request: bytes, seconds: float) -> bytes:
        """Sends a request and reads a line; empty when the process is killed at the end of the time."""
        process = cast("subprocess.Popen[bytes]", self._process)
        requests, answers = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        timer = Timer(seconds, process.kill)
        timer.start()
        try:
            requests.write(request)
            requests.flush()
            return answers.readline()
        except OSError:
            return b""
        finally:
            timer.cancel()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        cast("IO[bytes]", process.stdout).close()
        with suppress(OSError):  # half a request was still in the buffer
            cast("IO[bytes]", process.stdin).close()


def _environment() -> dict[str, str]:
    """Returns the module path and the system's own variables: no key, no setting."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)  # noqa: PTH100  (a list of strings)
    return {**kept, "PYTHONPATH": path}


MAX_CHARACTERS = 8 * 2**20
"""The limit of a rendered text."""

_MAX_STEPS = 1_000_000
_MAX_DEPTH = 50
_SILENT = ("!", "=")
_STANDALONE = ("#", "^", "/", *_SILENT)
_LINE_END = re.compile(r"[ \t]*(?:\r?\n|\Z)")
_BLANKS = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class _Tag:
    """A value (`kind` empty), a section (`#`) or an inverted section (`^`)."""

    kind: str
    name: str
    children: "list[_Node]" = field(default_factory=list["_Node"])


_Node: TypeAlias = str | _Tag


def render_mustache(text: str, values: Mapping[str, JsonValue]) -> str:
    """Returns the template with its values. Raises `TemplateInvalid`."""
    pieces: list[str] = []
    characters = 0
    for steps, piece in enumerate(_render(_parse(text), [dict(values)])):
        characters += len(piece)
        if steps > _MAX_STEPS or characters > MAX_CHARACTERS:
            raise TemplateInvalid("The template takes too long, or makes too long a text.")
        pieces.append(piece)
    return "".join(pieces)


def names_of(text: str) -> frozenset[str]:
    """Returns the names of all variables that it may read."""
    return frozenset(tag.name.split(".")[0] for tag, _ in _walk(_parse(text)) if tag.name != ".")


def required_by(text: str) -> frozenset[str]:
    """Returns the paths that it shows outside of any section: a section asks whether a value exists."""
    return frozenset(
        tag.name for tag, depth in _walk(_parse(text)) if not (depth or tag.kind or tag.name == ".")
    )


def _walk(nodes: Sequence[_Node], depth: int = 0) -> Iterator[tuple[_Tag, int]]:
    for node in nodes:
        if isinstance(node, _Tag):
            yield node, depth
            yield from _walk(node.children, depth + 1)


def _render(nodes: Sequence[_Node], stack: list[JsonValue]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
            continue
        value = _find(stack, node.name)
        if not node.kind:
            yield value_text(value)
        elif node.kind == "^":
            yield ""
            if _is_false(value):
                yield from _render(node.children, stack)
        elif not _is_false(value):
            for item in value if isinstance(value, list) else [value]:
                yield ""  # a step, also where the section is empty
                yield from _render(node.children, [*stack, item])


def _find(stack: Sequence[JsonValue], name: str) -> JsonValue:
    if name == ".":
        return stack[-1]
    first = name.split(".")[0]
    levels = (each for each in reversed(stack) if isinstance(each, dict) and first in each)
    try:
        return part_of(next(levels, dict[str, JsonValue]()), name)
    except LookupError:
        return None


def _is_false(value: JsonValue) -> bool:
    """Returns True for a section that is left out: for null, false, 0, "" and []; `{}` is a context."""
    return not value and value != {}


@lru_cache(maxsize=512)
def _parse(text: str) -> Sequence[_Node]:
    nodes: list[_Node] = []
    stack: list[tuple[_Tag, list[_Node]]] = []
    for literal, kind, inner, place in _pieces(text):
        if literal:
            nodes.append(literal)
        if kind == "/":
            if not stack or stack[-1][0].name != inner:
                raise TemplateInvalid(f"{place}: the section {inner!r} is closed and not open.")
            nodes = stack.pop()[1]
        elif kind not in _SILENT:
            tag = _Tag(kind, _name(inner, kind, place))
            nodes.append(tag)
            if kind:
                stack.append((tag, nodes))
                nodes = tag.children
            if len(stack) > _MAX_DEPTH:
                raise TemplateInvalid(f"{place}: sections are nested too deeply.")
    if stack:
        raise TemplateInvalid(f"The section {stack[-1][0].name!r} is never closed.")
    return nodes


def _pieces(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Yields each text with the tag behind it: its kind, what it holds, and its line."""
    opening, closing = "{{", "}}"
    at = 0
    while (start := text.find(opening, at)) >= 0:
        kind, inner, end = _tag_at(text, start, opening, closing)
        place = f"line {text.count(chr(10), 0, start) + 1}"
        literal = text[at:start]
        if kind in _STANDALONE and (line_end := _alone(text, start, end)) is not None:
            literal, end = literal.rstrip(" \t"), line_end
        yield literal, kind, inner, place
        if kind == "=":
            opening, closing = _delimiters(inner, place)
        at = end
    yield text[at:], "!", "", ""


def _tag_at(text: str, start: int, opening: str, closing: str) -> tuple[str, str, int]:
    """Returns the kind of the tag that begins here, what it holds, and its end."""
    inside = start + len(opening)
    sign = text[inside : inside + 1]
    triple = sign == "{" and opening == "{{"
    if triple or sign == "=":
        closing = "}" + closing if triple else "=" + closing
    kind = sign if sign and sign in "#^/!=&>{" else ""
    end = text.find(closing, inside + len(kind))
    if end < 0:
        line = text.count("\n", 0, start) + 1
        raise TemplateInvalid(f"line {line}: a tag is never closed with {closing}.")
    inner = text[inside + len(kind) : end].strip()
    return ("" if kind in "&{" else kind), inner, end + len(closing)


def _alone(text: str, start: int, end: int) -> int | None:
    """Returns where the next line begins if the tag is alone on its line."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    after = _LINE_END.match(text, end)
    return after.end() if after and _BLANKS.fullmatch(before) else None


def _delimiters(inner: str, place: str) -> tuple[str, str]:
    pair = inner.split()
    if len(pair) != 2 or "=" in inner:
        raise TemplateInvalid(f"{place}: delimiters are two words, as in {{{{=<% %>=}}}}.")
    return pair[0], pair[1]


def _name(inner: str, kind: str, place: str) -> str:
    if kind == ">":
        raise TemplateInvalid(f"{place}: partials ({inner!r}) are not supported.")
    if not inner:
        raise TemplateInvalid(f"{place}: a tag has no name.")
    return inner


class PromptTemplates:
    """Implementation of the port `TemplateEngine`. `seconds` is the limit of one Jinja2 template."""

    def __init__(self, seconds: float = 2.0) -> None:
        self._jinja = JinjaProcess(seconds)
        self._jinja_names = lru_cache(maxsize=512)(self._jinja.names)

    def names(self, text: str, syntax: Syntax) -> frozenset[str]:
        """Returns the names of the variables that a template uses. Raises `TemplateInvalid`."""
        return names_of(text) if syntax is Syntax.MUSTACHE else self._jinja_names(text)[0]

    def required(self, text: str, syntax: Syntax) -> frozenset[str]:
        """Returns those that must have a value. Raises `TemplateInvalid`."""
        return required_by(text) if syntax is Syntax.MUSTACHE else self._jinja_names(text)[1]

    def render(self, text: str, values: Mapping[str, JsonValue], syntax: Syntax) -> str:
        """Puts values into a template. Raises `TemplateInvalid`."""
        if syntax is Syntax.MUSTACHE:
            return render_mustache(text, values)
        return self._jinja.render(text, values)

    async def close(self) -> None:
        """Ends the process of Jinja2; the next template starts another."""
        self._jinja.close()
