"""The page of settings, and `.env.example`, from the fields of `Settings`."""

from collections.abc import Sequence
from enum import Enum
from typing import Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from backend.reference.markdown_text import page, table
from backend.settings.settings import GROUPS

_INTRODUCTION = """Candor reads each setting from the environment, then from `.env` in the working
directory, then takes the default. An empty value counts as unset. A value that cannot be used ends
the start with `error[settings_invalid]`, which names the variable and never its value. Paths are
relative to the working directory."""

_ENV_HEAD = """# Settings of Candor. Copy this file to .env and change what you need; every line is optional.
# docs/reference/settings.md has the same as a page. Made from the code by `make docs`.
"""


def settings_page() -> str:
    """Returns docs/reference/settings.md."""
    parts = [_INTRODUCTION]
    for heading, fields in _groups():
        rows = [
            (f"`{name.upper()}`", _default(field), _allowed(field), field.description or "")
            for name, field in fields
        ]
        parts += [f"## {heading}", table(("Variable", "Default", "Values", "Meaning"), rows)]
    return page("Settings", *parts)


def env_example() -> str:
    """Returns .env.example: every variable, commented out, with its default."""
    lines = [_ENV_HEAD]
    for heading, fields in _groups():
        lines.append(f"\n## {heading}\n")
        for name, field in fields:
            lines.append(f"# {field.description}")
            lines.append(f"# {name.upper()}={_env_value(field.default)}\n")
    return "\n".join(lines)


def _groups() -> Sequence[tuple[str, Sequence[tuple[str, FieldInfo]]]]:
    return [(group.heading, list(group.model_fields.items())) for group in GROUPS]


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
