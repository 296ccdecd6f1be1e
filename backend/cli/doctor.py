"""`candor doctor`: check that everything Candor needs is there and sound."""

from backend.cli import terminal
from backend.cli.running import AsJson, command_app, examples, run
from backend.container import Container
from backend.doctor import Check, Level, examine
from backend.errors import ExitCode

app = command_app()


@app.command(epilog=examples("candor doctor", "candor doctor --json"))
def doctor(as_json: AsJson = False) -> None:
    """Check that everything Candor needs is there and sound.

    Each check is ok, warn (it works, with something missing) or fail. Exit code 1 when one fails.
    The chat model's provider is not asked anything; a remote embedding model is asked once.
    """

    async def work(candor: Container) -> ExitCode:
        done: list[Check] = []
        async for check in examine(candor):
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
    terminal.data(f"{finding.level:<5} {check.name:<19} {finding.detail}")
    if finding.hint:
        terminal.data(f"{'':<25} {finding.hint}")


def _json(check: Check) -> dict[str, str]:
    finding = check.finding
    return {
        "name": check.name,
        "level": finding.level,
        "detail": finding.detail,
        "hint": finding.hint,
    }
