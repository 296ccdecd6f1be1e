"""The pages of what a person types: commands, from their own help, and types of assertions."""

import re
from collections.abc import Iterator

from typer.testing import CliRunner

from backend.cli.program import COMMANDS, app, load
from backend.composition.compose_playground import assertion_types, unsupported_types
from backend.errors import EXIT_CODE_MEANINGS
from backend.reference.markdown_text import page, table

_WIDTH = 88

_INTRODUCTION = """Results go to stdout, everything else (progress, notes, errors) to stderr, so a
result can be piped. `--json` makes the result one JSON value. Text that begins with a dash follows
`--`. Colours appear only on a terminal, and never with `NO_COLOR`. `candor --install-completion`
teaches the shell to complete commands and options."""

_ASSERTIONS = """The types of assertions that need no model. Each can be negated by `not-`.
[Evaluation](../explanation/evaluation.md#assertions) explains what passing, failing and an error
mean, and where a type differs from promptfoo's of the same name."""


def commands_page() -> str:
    """Returns docs/reference/cli.md."""
    exits = [(str(int(code)), meaning) for code, meaning in EXIT_CODE_MEANINGS.items()]
    parts = [_INTRODUCTION, "## Exit codes", table(("Exit", "Meaning"), exits)]
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
