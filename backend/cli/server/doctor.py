"""`candor doctor`: check that everything Candor needs is present and works."""

from typing import Annotated

import typer

from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.doctor.diagnosis import examine
from backend.doctor.findings import Check, Level
from backend.errors import ExitCode

app = command_app()


Online = Annotated[
    bool,
    typer.Option(
        "--online",
        help="Also ask each configured provider one short question (this may cost a little).",
    ),
]


@app.command(epilog=examples("candor doctor", "candor doctor --online", "candor doctor --json"))
def doctor(online: Online = False, as_json: AsJson = False) -> None:
    """Check that everything Candor needs is present and works.

    Each check ends with ok, warn (it works, but something is missing) or fail. Exit code 1: a check
    failed. Without --online, Candor contacts no provider. With --online, it asks each model of
    CHAT_MODEL, one model of every other provider with a key, the remote embedding model and the
    reranker.
    """

    async def work(candor: Container) -> ExitCode:
        done: list[Check] = []
        async for check in examine(candor, online=online):
            done.append(check)
            if not as_json:
                _show(check)
        if as_json:
            terminal.data_json({"checks": [_json(check) for check in done]})
        failed = any(check.finding.level is Level.FAIL for check in done)
        return ExitCode.FAILED if failed else ExitCode.DONE

    run(work, as_json=as_json)


def _show(check: Check) -> None:
    finding = check.finding
    text = f"{finding.detail}\n{finding.hint}" if finding.hint else finding.detail
    terminal.data(terminal.beside(f"{finding.level:<5} {check.name:<19} ", text))


def _json(check: Check) -> dict[str, str]:
    finding = check.finding
    return {
        "name": check.name,
        "level": finding.level,
        "detail": finding.detail,
        "hint": finding.hint,
    }
