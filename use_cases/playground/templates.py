"""The values of a case in the messages of a prompt.

The plain syntax: `{{name}}` stands for a value, `{{a.b.0}}` for a part of an object or list. A name is
letters, digits, `_`, `-` and single blanks; blanks inside the braces do not count. A value whose own
name has dots comes before a part with that path. `{{{{` is the text `{{`; any other brace is text, so
`escape_braces` doubles each `{{` and closing braces need nothing. What stands between two pairs of
braces on one line and is no name is an error, because it would be a typing mistake that reaches the
model as it is.

Strings appear verbatim, numbers, booleans, objects and lists as JSON, null as nothing.

Promises: one pass. A template is cut into texts and names once, before any value is known, and the
values are joined between the texts, so that nothing in a value is ever read as a template. All missing
and unused variables and all of another type are named in one error.
Leaves to others: mustache and Jinja2 (the port `TemplateEngine`).
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from pydantic import JsonValue

from use_cases.kernel.prompts.content import (
    PromptContent,
    PromptMessage,
    Syntax,
    Variable,
    VariableType,
)
from use_cases.kernel.text.plain_text import part_of, value_text
from use_cases.playground.errors import TemplateInvalid, VariablesInvalid
from use_cases.playground.ports import TemplateEngine

_PLACEHOLDER = re.compile(r"\{\{\{\{|\{\{([^{}\n]*)\}\}")
_NAME = re.compile(r"[\w-]+(?:[. ][\w-]+)*")
_SHOWN = 60  # characters of a wrong placeholder


def render_messages(
    content: PromptContent,
    values: Mapping[str, JsonValue],
    engine: TemplateEngine | None = None,
    *,
    allow_unused: bool = False,
) -> list[PromptMessage]:
    """Returns the messages with the values, and the defaults of variables without one, in their places.

    `allow_unused`: values that the prompt does not use are no error, because the cases of a dataset
    serve several prompts and their assertions. Raises `VariablesInvalid`, `TemplateInvalid`.
    """
    if content.variables:
        defaults = {each.name: each.default for each in content.variables}
        values = {name: each for name, each in defaults.items() if each is not None} | dict(values)
    if content.variables or not allow_unused or content.syntax is not Syntax.PLAIN:
        check_variables(content, values, engine, allow_unused=allow_unused)
    render = render_text if content.syntax is Syntax.PLAIN else _renderer(content, engine)
    try:
        return [
            PromptMessage(message.role, render(message.content, values))
            for message in content.messages
        ]
    except VariablesInvalid:
        check_variables(
            content, values, engine, allow_unused=allow_unused
        )  # names those of all messages
        raise


def render_text(text: str, values: Mapping[str, JsonValue]) -> str:
    """Returns one text in the plain syntax with its values. Raises `VariablesInvalid`,
    `TemplateInvalid`.
    """
    head, parts = _compile(text)
    pieces = [head]
    for path, literal in parts:
        try:
            value = values[path] if path in values else part_of(values, path)
        except LookupError:
            raise _invalid([each for each, _ in parts if _lacks(values, each)], (), ()) from None
        pieces.append(value if isinstance(value, str) else value_text(value))
        pieces.append(literal)
    return "".join(pieces)


def escape_braces(text: str) -> str:
    """Returns the template in the plain syntax that renders as this text."""
    return text.replace("{{", "{{{{")


def variable_names(content: PromptContent, engine: TemplateEngine | None = None) -> frozenset[str]:
    """Returns the names of the variables that the messages use. Raises `TemplateInvalid`."""
    texts = [message.content for message in content.messages]
    if content.syntax is Syntax.PLAIN:
        return frozenset(path.split(".")[0] for path in _paths(texts))
    chosen = _engine(content, engine)
    return frozenset[str]().union(*(chosen.names(text, content.syntax) for text in texts))


def check_variables(
    content: PromptContent,
    values: Mapping[str, JsonValue],
    engine: TemplateEngine | None = None,
    *,
    allow_unused: bool = False,
) -> None:
    """Compares values with the variables of a prompt. Raises `VariablesInvalid` with all that differs."""
    texts = [message.content for message in content.messages]
    if content.syntax is Syntax.PLAIN:
        required = _paths(texts)
        used = required | {path.split(".")[0] for path in required}
    else:
        chosen = _engine(content, engine)
        required = set[str]().union(*(chosen.required(text, content.syntax) for text in texts))
        used = set[str]().union(*(chosen.names(text, content.syntax) for text in texts))
    missing = [path for path in required if _lacks(values, path)]
    declared = {each.name for each in content.variables}
    unused = [] if allow_unused else [name for name in values if name not in used | declared]
    wrong = [each for each in content.variables if each.name in values and _misfits(each, values)]
    if missing or unused or wrong:
        raise _invalid(missing, unused, wrong)


def _paths(texts: Iterable[str]) -> set[str]:
    return {path for text in texts for path, _ in _compile(text)[1]}


@lru_cache(maxsize=512)
def _compile(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Cuts a template into its first text and pairs: the path of a value, and the text behind it."""
    parts: list[tuple[str, str]] = []
    path, pending, end = "", "", 0
    for found in _PLACEHOLDER.finditer(text):
        pending += text[end : found.start()]
        end = found.end()
        if found[1] is None:
            pending += "{{"
            continue
        parts.append((path, pending))
        path, pending = found[1].strip(), ""
        if not _NAME.fullmatch(path):
            raise TemplateInvalid(
                f"{_short(found[0])} is no placeholder.",
                hint="A name is letters, digits, `_`, `-` and dots; write {{{{ for two braces as text.",
            )
    parts.append((path, pending + text[end:]))
    return parts[0][1], tuple(parts[1:])


def _lacks(values: Mapping[str, JsonValue], path: str) -> bool:
    if path in values:
        return False
    try:
        part_of(values, path)
    except LookupError:
        return True
    return False


_FITS: Mapping[VariableType, Callable[[JsonValue], bool]] = {
    VariableType.ANY: lambda _: True,
    VariableType.STRING: lambda value: isinstance(value, str),
    VariableType.NUMBER: lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool)
    ),
    VariableType.INTEGER: lambda value: (
        (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, float) and value.is_integer())
    ),
    VariableType.BOOLEAN: lambda value: isinstance(value, bool),
    VariableType.ARRAY: lambda value: isinstance(value, list),
    VariableType.OBJECT: lambda value: isinstance(value, dict),
}
_SCALARS = (VariableType.NUMBER, VariableType.INTEGER, VariableType.BOOLEAN)


def _misfits(variable: Variable, values: Mapping[str, JsonValue]) -> bool:
    """Returns whether a value has another type. A cell of a CSV file, which is text, counts as what it
    says.
    """
    value = values[variable.name]
    if isinstance(value, str) and variable.type in _SCALARS:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return True
    return not _FITS[variable.type](value)


def _invalid(
    missing: Sequence[str], unused: Sequence[str], wrong: Sequence[Variable]
) -> VariablesInvalid:
    faults = (
        [f"Without a value: {', '.join(sorted(set(missing)))}." if missing else ""]
        + [f"Not used by the prompt: {', '.join(sorted(unused))}." if unused else ""]
        + [f"{each.name} is no {each.type}." for each in wrong]
    )
    return VariablesInvalid(" ".join(filter(None, faults)))


def _renderer(
    content: PromptContent, engine: TemplateEngine | None
) -> Callable[[str, Mapping[str, JsonValue]], str]:
    chosen = _engine(content, engine)
    return lambda text, values: chosen.render(text, values, content.syntax)


def _engine(content: PromptContent, engine: TemplateEngine | None) -> TemplateEngine:
    if engine is None:
        raise TemplateInvalid(
            f"The prompt is written in {content.syntax}, which cannot be used here.",
            hint="Write it in the plain syntax: {{name}}.",
        )
    return engine


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
