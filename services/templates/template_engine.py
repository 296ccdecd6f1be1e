"""The port `TemplateEngine`: mustache in this process, Jinja2 in one of its own.

Mustache is without HTML escaping: what a prompt holds is no page. The language is that of
https://github.com/mustache/spec (interpolation, sections, inverted sections, comments, delimiters);
`{{name}}`, `{{{name}}}` and `{{&name}}` are the same here. Partials and lambdas would be code or files, and
are refused. A value is shown as in the plain syntax: strings as they are, others as JSON, null as nothing.
Promises: a bounded number of steps and characters, so that lists within lists end.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from pydantic import JsonValue

from services.templates.jinja_process import JinjaProcess
from use_cases.kernel.prompts.content import Syntax
from use_cases.kernel.text.plain_text import part_of, value_text
from use_cases.playground.errors import TemplateInvalid

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
