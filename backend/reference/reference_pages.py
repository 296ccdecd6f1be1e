"""The generated pages: commands from their own help, types of assertions, errors from every subclass of
`CandorError`, HTTP routes from the OpenAPI document, settings and `.env.example` from the fields of
`Settings`.
"""

import ast
import pkgutil
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from importlib import import_module
from inspect import cleandoc, getsource
from itertools import pairwise
from textwrap import dedent
from typing import Any, Literal, cast, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from typer.testing import CliRunner

import use_cases
from backend.cli.program import COMMANDS, app, load
from backend.composition.compose_playground import assertion_types, unsupported_types
from backend.composition.container import Container
from backend.errors import EXIT_CODE_MEANINGS, doors
from backend.http.app import create_app
from backend.http.server_pages import scopes_of
from backend.settings.group import SettingGroup
from backend.settings.settings import GROUPS, Settings
from use_cases.kernel.errors import CandorError

GENERATED = "<!-- Made from the code by `make docs`. Change the code, not this file. -->"


def page(title: str, *parts: str) -> str:
    """Returns a whole page."""
    return "\n\n".join([f"# {title}", GENERATED, *(part.strip() for part in parts)]) + "\n"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a table; line breaks and bars in cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


_WIDTH = 88

_OF_COMMANDS = """Results go to stdout, everything else (progress, notes, errors) to stderr, so a
result can be piped. `--json` makes the result one JSON value. Text that begins with a dash follows
`--`. Colours appear only on a terminal, and never with `NO_COLOR`. `candor --install-completion`
teaches the shell to complete commands and options."""

_ASSERTIONS = """The types of assertions that need no model. Each can be negated by `not-`.
[Evaluation](../explanation/evaluation.md#assertions) explains what passing, failing and an error
mean, and where a type differs from promptfoo's of the same name."""


def commands_page() -> str:
    """Returns docs/reference/cli.md."""
    exits = [(str(int(code)), meaning) for code, meaning in EXIT_CODE_MEANINGS.items()]
    parts = [_OF_COMMANDS, "## Exit codes", table(("Exit", "Meaning"), exits)]
    for words in ((), *_commands()):
        parts.append(f"## `{' '.join(('candor', *words))}`")
        parts.append(f"```text\n{_help(words)}\n```")
    return page("Command line", *parts)


def assertions_page() -> str:
    """Returns docs/reference/assertions.md."""
    rows = [(f"`{name}`", *rest) for name, *rest in assertion_types()]
    others = [(f"`{name}`", f"{hint[0].upper()}{hint[1:]}.") for name, hint in unsupported_types()]
    return page(
        "Assertions",
        _ASSERTIONS,
        table(("Type", "Value", "Threshold", "Meaning"), rows),
        "## Not supported",
        table(("Type of promptfoo", "Instead"), others),
    )


def _commands() -> Iterator[tuple[str, ...]]:
    for name in COMMANDS:
        yield (name,)
        for child in getattr(load(name), "commands", {}):
            yield (name, str(child))


def _help(words: tuple[str, ...]) -> str:
    result = CliRunner().invoke(
        app, [*words, "--help"], prog_name="candor", terminal_width=_WIDTH, color=False
    )
    return re.sub(r"[ \t]+$", "", result.stdout, flags=re.MULTILINE).strip()


_OF_ERRORS = """Every error that Candor raises on purpose has a code that stays. Over HTTP it is an
`application/problem+json` object, with `Retry-After` where the waiting time is known:

```json
{"type": "urn:candor:error:document_not_found", "title": "Document not found", "status": 404,
 "detail": "…", "code": "document_not_found", "hint": "`candor documents` lists the stored documents."}
```

A command writes `error[code]: detail` and `hint: …` to stderr (with `--json` the same object) and
ends with the exit code. Anything else that goes wrong is `internal_error`: it shows nothing of its
cause but a request id, under which the log has the traceback."""


def errors_page() -> str:
    """Returns docs/reference/errors.md."""
    rows = [
        (
            f"`{error.code}`",
            str(int(doors(error).status)),
            str(int(doors(error).exit_code)),
            _first_paragraph(error),
            error.default_hint,
        )
        for error in errors()
    ]
    exits = [(str(int(code)), meaning) for code, meaning in EXIT_CODE_MEANINGS.items()]
    return page(
        "Errors",
        _OF_ERRORS,
        "## Codes",
        table(("Code", "HTTP", "Exit", "Meaning", "What to do"), rows),
        "## Exit codes",
        table(("Exit", "Meaning"), exits),
    )


def errors() -> Sequence[type[CandorError]]:
    """Returns every error with a code of its own, by code."""
    for module in pkgutil.walk_packages(use_cases.__path__, "use_cases."):
        import_module(module.name)
    own = {kind for kind in _below(CandorError) if "code" in vars(kind)}
    return sorted(own, key=lambda kind: kind.code)


def _below(kind: type[CandorError]) -> Iterator[type[CandorError]]:
    for child in kind.__subclasses__():
        # A test may define errors too.
        if child.__module__.startswith(("use_cases.", "backend.")):
            yield child
            yield from _below(child)


def _first_paragraph(kind: type[CandorError]) -> str:
    return (kind.__doc__ or "").strip().split("\n\n")[0]


Node = Mapping[str, Any]

_OF_ROUTES = """`candor serve` (or `uvicorn backend.main:app`) answers on `http://127.0.0.1:8000`;
`/docs` shows the same routes on a page, with lines for curl, `/openapi.json` describes them for programs, `/` opens the
console in a browser and is a small welcome page for others. Every response carries `X-Request-ID`: the caller's own if it is a sane one. Errors are
`application/problem+json` (see [errors](errors.md)). Lists have bounds: `limit` and `offset`, or a
cursor `before`. With `AUTH_MODE=local` it answers this machine only, under the names of ALLOWED_HOSTS,
and needs no key; with `AUTH_MODE=required` every route but `/`, `/health`, `/health/live`, `/health/ready`, `/docs` and `/openapi.json`
needs an API key with the scope that is named, in `X-API-Key` or as `Authorization: Bearer`."""


def routes_page() -> str:
    """Returns docs/reference/http.md."""
    # Defaults only: what the machine at hand has set must not reach the page.
    settings = Settings.model_construct()
    document = create_app(settings, lambda: Container(settings)).openapi()
    parts = [_OF_ROUTES]
    for path, operations in cast("Node", document["paths"]).items():
        for method, operation in cast("Node", operations).items():
            parts += _route(document, method.upper(), path, cast("Node", operation))
    return page("HTTP", *parts)


def _route(document: Node, method: str, path: str, operation: Node) -> Sequence[str]:
    parts = [f"## `{method} {path}`", str(operation.get("description", ""))]
    if scopes := scopes_of(operation):
        parts.append(f"Scope of the API key: `{', '.join(scopes)}`")
    parameters = [_parameter(item) for item in operation.get("parameters", ())]
    if parameters:
        parts.append(table(("Parameter", "In", "Type", "Meaning"), parameters))
    if body := operation.get("requestBody"):
        for media, content in body["content"].items():
            fields = _fields(document, content["schema"])
            parts += [f"Body, `{media}`:", table(("Field", "Type", "Meaning"), fields)]
    answers = [_answer(status, item) for status, item in sorted(operation["responses"].items())]
    parts.append(table(("Status", "Answer"), answers))
    return parts


def _parameter(item: Node) -> tuple[str, ...]:
    schema = cast("Node", item["schema"])
    needed = " (required)" if item.get("required") else ""
    return (
        f"`{item['name']}`",
        f"{item['in']}{needed}",
        _kind(schema),
        str(item.get("description") or ""),
    )


def _fields(document: Node, schema: Node) -> Sequence[tuple[str, ...]]:
    found = _resolve(document, schema)
    needed = found.get("required", ())
    return [
        (
            f"`{name}`" + (" (required)" if name in needed else ""),
            _kind(field),
            str(field.get("description") or ""),
        )
        for name, field in found.get("properties", {}).items()
    ]


def _answer(status: str, item: Node) -> tuple[str, str]:
    contents = cast("Node", item.get("content", {}))
    names: list[str] = []
    for content in contents.values():
        schema = cast("Node", content.get("schema", {}))
        options = cast("Sequence[Node]", schema.get("anyOf", (schema,)))
        references = [
            str(option["$ref"]).rsplit("/", 1)[-1] for option in options if "$ref" in option
        ]
        codes = [f"`{code}`" for code in content.get("examples", {})]
        names += codes or [f"`{reference}`" for reference in references]
    said = str(item["description"]).replace("Successful Response", "Done").rstrip(".")
    return status, f"{said}: {', '.join(names)}" if names else said


def _kind(schema: Node) -> str:
    """Returns `integer, 1 to 200, default 50`."""
    options = cast("Sequence[Node]", schema.get("anyOf", ()))
    # An optional value is described by what it is when it is there.
    real = [option for option in options if option.get("type") != "null"]
    plain: Node = {**schema, **real[0]} if real else schema
    named = str(plain.get("$ref", "")).rsplit("/", 1)[-1]
    parts = [str(plain.get("type", plain.get("const", named or "value")))]
    if "enum" in plain or "const" in plain:
        parts = [", ".join(f"`{choice}`" for choice in plain.get("enum", [plain.get("const")]))]
    if "minimum" in plain and "maximum" in plain:
        parts.append(f"{plain['minimum']} to {plain['maximum']}")
    if "maxLength" in plain:
        parts.append(f"at most {plain['maxLength']} characters")
    if schema.get("default") is not None:
        parts.append(f"default {schema['default']}")
    return ", ".join(parts)


def _resolve(document: Node, schema: Node) -> Node:
    reference = schema.get("$ref")
    if not reference:
        return schema
    return cast("Node", document["components"]["schemas"][str(reference).rsplit("/", 1)[-1]])


_OF_SETTINGS = """Candor reads each setting from the environment, then from `.env` in the working
directory, then takes the default. An empty value counts as unset. A value that cannot be used ends
the start with `error[settings_invalid]`, which names the variable and never its value. Paths are
relative to the working directory."""

_ENV_HEAD = """# Settings of Candor. Copy this file to .env and change what you need; every line is optional.
# docs/reference/settings.md has the same as a page. Made from the code by `make docs`.
"""


def settings_page() -> str:
    """Returns docs/reference/settings.md."""
    parts = [_OF_SETTINGS]
    for heading, fields, meanings in _groups():
        rows = [
            (f"`{name.upper()}`", _default(field), _allowed(field), meanings[name])
            for name, field in fields
        ]
        parts += [f"## {heading}", table(("Variable", "Default", "Values", "Meaning"), rows)]
    return page("Settings", *parts)


def env_example() -> str:
    """Returns .env.example: every variable, commented out, with its default."""
    lines = [_ENV_HEAD]
    for heading, fields, meanings in _groups():
        lines.append(f"\n## {heading}\n")
        for name, field in fields:
            lines.append(f"# {meanings[name]}")
            lines.append(f"# {name.upper()}={_env_value(field.default)}\n")
    return "\n".join(lines)


def _groups() -> Sequence[tuple[str, Sequence[tuple[str, FieldInfo]], Mapping[str, str]]]:
    return [(group.heading, list(group.model_fields.items()), _meanings(group)) for group in GROUPS]


def _meanings(group: type[SettingGroup]) -> Mapping[str, str]:
    """Returns the docstring of each field: the text that follows it in the source."""
    (made,) = ast.parse(dedent(getsource(group))).body
    body = made.body if isinstance(made, ast.ClassDef) else []
    return {
        field.target.id: cleandoc(text.value.value)
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def _env_value(value: object) -> str:
    """Returns a default in the syntax of `.env`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(str(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, float):
        return f"{value:g}"
    return str(value.value if isinstance(value, Enum) else value)


def _default(field: FieldInfo) -> str:
    written = _env_value(field.default)
    return f"`{written}`" if written else "unset"


def _allowed(field: FieldInfo) -> str:
    kind = field.annotation
    if get_origin(kind) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{choice.value}`" for choice in kind)
    if kind is bool:
        return "`true`, `false`"
    if SecretStr in get_args(kind):
        return "secret"
    return _bounds(field) or "text"


def _bounds(field: FieldInfo) -> str:
    signs = [
        (Ge, "ge", "at least"),
        (Gt, "gt", "above"),
        (Le, "le", "at most"),
        (Lt, "lt", "below"),
    ]
    parts = [
        f"{words} {getattr(bound, attribute):g}"
        for kind, attribute, words in signs
        for bound in field.metadata
        if isinstance(bound, kind)
    ]
    return ", ".join(parts)
