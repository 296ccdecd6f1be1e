"""`candor doctor`: check that everything Candor needs is present and works."""

from typing import Annotated

import typer

from backend.cli.command_run import CommandApp, Shown
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.doctor.diagnosis import examine
from backend.doctor.findings import Check, Level
from backend.errors import ExitCode

app = CommandApp()


Online = Annotated[
    bool,
    typer.Option(
        "--online",
        help="Also ask each configured provider one short question (this may cost a little).",
    ),
]


@app.add(None, "candor doctor", "candor doctor --online", "candor doctor --json")
async def doctor(candor: Container, online: Online = False, as_json: bool = False) -> Shown:
    """Check that everything Candor needs is present and works.

    Each check ends with ok, warn (it works, but something is missing) or fail. Exit code 1: a check
    failed. Without --online, Candor contacts no provider. With --online, it asks each model of
    CHAT_MODEL, one model of every other provider with a key, the remote embedding model and the
    reranker.
    """
    done: list[Check] = []
    async for check in examine(candor, online=online):
        done.append(check)
        if not as_json:
            _show(check)
    failed = any(check.finding.level is Level.FAIL for check in done)
    code = ExitCode.FAILED if failed else ExitCode.DONE
    return Shown({"checks": [_record(check) for check in done]}, lambda: None, code)


def _show(check: Check) -> None:
    finding = check.finding
    text = f"{finding.detail}\n{finding.hint}" if finding.hint else finding.detail
    terminal.data(terminal.beside(f"{finding.level:<5} {check.name:<19} ", text))


def _record(check: Check) -> dict[str, str]:
    found = check.finding
    return {
        "name": check.name,
        "level": found.level,
        "detail": found.detail,
        "hint": found.hint,
    }
