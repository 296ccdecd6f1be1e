"""The page of commands, from their own help."""

import re
from collections.abc import Iterator

from typer.testing import CliRunner

from backend.cli.main import COMMANDS, app, load
from backend.errors import EXIT_CODE_MEANINGS
from backend.reference.markdown import page, table

_WIDTH = 88

_INTRODUCTION = """Results go to stdout, everything else (progress, notes, errors) to stderr, so a
result can be piped. `--json` makes the result one JSON value. Text that begins with a dash follows
`--`. Colours appear only on a terminal, and never with `NO_COLOR`. `candor --install-completion`
teaches the shell to complete commands and options."""


def commands_page() -> str:
    """Return docs/reference/cli.md."""
    exits = [(str(int(code)), meaning) for code, meaning in EXIT_CODE_MEANINGS.items()]
    parts = [_INTRODUCTION, "## Exit codes", table(("Exit", "Meaning"), exits)]
    for words in ((), *_commands()):
        parts.append(f"## `{' '.join(('candor', *words))}`")
        parts.append(f"```text\n{_help(words)}\n```")
    return page("Command line", *parts)


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
