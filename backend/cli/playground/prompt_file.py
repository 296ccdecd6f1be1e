"""Reads a prompt from a file: the text of one message, or messages in JSON or YAML."""

import sys
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from use_cases.kernel.prompts.content import CONTENT, PromptContent, PromptMessage, Role
from use_cases.kernel.prompts.prompt_registry import PromptInvalid

_STRUCTURED = (".json", ".yaml", ".yml")
_FORM = (
    "A file has `messages` (`role`, `content`), and may have `variables`, `settings` and `syntax`."
)
_FIELDS = ("messages", "variables", "settings", "syntax")
_LARGEST = 4 * 2**20


def read_prompt(file: str, role: Role) -> PromptContent:
    """Returns the content of a file, `-` for stdin; a text is one message of this role.

    Raises `PromptInvalid`.
    """
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).expanduser().read_bytes()
        text = raw[: _LARGEST + 1].decode()
    except OSError as error:
        raise PromptInvalid(
            f"{file} cannot be read: {error.strerror}.", hint="Name a file, or `-` for stdin."
        ) from error
    except UnicodeDecodeError as error:
        raise PromptInvalid(f"{file} is not UTF-8.", hint="Save it as UTF-8.") from error
    if len(raw) > _LARGEST:
        raise PromptInvalid(f"{file} is larger than 4 MiB.")
    if Path(file).suffix.lower() not in _STRUCTURED:
        return PromptContent((PromptMessage(role, text.removesuffix("\n")),))
    return _structured(file, text)


def _structured(file: str, text: str) -> PromptContent:
    import yaml  # JSON is YAML; a command without a file needs no reader

    try:
        found: Any = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        place = str(getattr(error, "problem_mark", "")).strip().partition(", ")[2]
        raise PromptInvalid(f"{file} is no YAML{place and ': ' + place}.", hint=_FORM) from error
    form = cast("dict[object, object]", found if isinstance(found, dict) else {"messages": found})
    unknown = [str(name)[:60] for name in form if name not in _FIELDS]
    if unknown:
        raise PromptInvalid(f"{file}: {unknown[0]!r} is not understood.", hint=_FORM)
    try:
        return CONTENT.validate_python(form)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PromptInvalid(f"{file}: {place or 'the file'}: {first['msg']}.", hint=_FORM) from None
