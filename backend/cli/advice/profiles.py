"""`candor profiles`: list, show or check the domains of advice."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from use_cases.advice.errors import ProfileBroken

if TYPE_CHECKING:
    from use_cases.advice.check_profiles import ProfileCheck
    from use_cases.advice.profile import Profile

app = command_app()

Name = Annotated[str, typer.Argument(metavar="PROFILE", help="Its name.")]


@app.callback(
    invoke_without_command=True,
    epilog=examples(
        "candor profiles",
        "candor profiles show fantasy-nfl",
        "candor profiles check fantasy-nfl --period 10",
    ),
)
def profiles(context: typer.Context, as_json: AsJson = False) -> None:
    """List, show or check the domains of advice.

    Your own domains are YAML files in PROFILES_PATH, one each. Without a command it lists all.
    """
    if context.invoked_subcommand is None:
        _list(as_json=as_json)


@app.command("list")
def list_profiles(as_json: AsJson = False) -> None:
    """List the domains of advice."""
    _list(as_json=as_json)


@app.command("show", epilog=examples("candor profiles show fantasy-nfl --json"))
def show_profile(profile: Name, as_json: AsJson = False) -> None:
    """Show a profile."""

    async def work(candor: Container) -> ExitCode:
        from dataclasses import asdict

        found = candor.advice.read_profiles.show(profile)
        if as_json:
            terminal.data_json(asdict(found))
        else:
            _show(found)
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command(
    "check",
    epilog=examples(
        "candor profiles check fantasy-nfl",
        'candor profiles check fantasy-nfl --option "Ada Quick" --period 10',
    ),
)
def check_profile(
    profile: Name,
    option: Annotated[str | None, typer.Option(help="Try its queries with this option.")] = None,
    period: Annotated[int | None, typer.Option(help="Try them for this period.")] = None,
    today: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Try them as of this day.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try each part of a profile on the loaded tables.

    The exit code is 1 when a part is broken.
    """

    async def work(candor: Container) -> ExitCode:
        found = await candor.advice.read_profiles.check(
            profile, option=option, period=period, today=today.date() if today else None
        )
        if as_json:
            terminal.data_json(_check_json(found))
        else:
            _show_check(found)
        return ExitCode.DONE if found.ok else ExitCode.FAILED

    run(work, as_json=as_json)


def _list(*, as_json: bool) -> None:
    async def work(candor: Container) -> ExitCode:
        rows = [_line(candor, name) for name in candor.advice.read_profiles.names()]
        unusable = candor.advice.read_profiles.unusable()
        if as_json:
            keys = ("profile", "state", "title", "description")
            listed = [dict(zip(keys, row, strict=True)) for row in rows]
            none = [{"name": name, "reason": reason} for name, reason in unusable.items()]
            terminal.data_json({"profiles": listed, "unusable": none})
        else:
            rows += [(name, "unusable", "", reason) for name, reason in unusable.items()]
            terminal.data(terminal.columns(("PROFILE", "STATE", "TITLE", "DESCRIPTION"), rows))
        return ExitCode.DONE

    run(work, as_json=as_json)


def _line(candor: Container, name: str) -> tuple[str, str, str, str]:
    try:
        found = candor.advice.read_profiles.show(name)
    except ProfileBroken as broken:
        return name, "broken", "", broken.detail
    used = "default" if name == candor.settings.advice_profile else "ready"
    return name, used, found.title, found.description


def _show(found: "Profile") -> None:
    terminal.data(f"{found.profile_id} ({found.version}): {found.title}\n{found.description}")
    tables = ", ".join(found.tables) or "none"
    search = "where the question needs it" if found.web_search else "never"
    terminal.data(f"\nTables: {tables}\nPrompts: {', '.join(found.prompts)}\nWeb search: {search}")
    for name, part in (
        ("Entities", found.entities),
        ("Period", found.period),
        ("Comparison", found.comparison),
        ("Outcome", found.outcome),
    ):
        terminal.data(f"{name}: {'yes' if part else 'none'}")
    scale = found.phrases
    rows = [
        (each.phrase, f"{each.starts / 100:g}% to {scale.ends(each) / 100:g}%")
        for each in scale.phrases
    ]
    terminal.data("\n" + terminal.columns(("PHRASE", "RIGHT IN"), rows))
    if found.disclaimer:
        terminal.data(f"\n{found.disclaimer}")


def _show_check(found: "ProfileCheck") -> None:
    with_what = ", ".join(
        f"{name} {value}"
        for name, value in (("option", found.option), ("period", found.period))
        if value is not None
    )
    tried = f" with {with_what}" if with_what else ""
    if not found.parts:
        terminal.data(
            f"{found.profile.profile_id} can be used. It has no tables and no queries to try."
        )
        return
    terminal.data(f"{found.profile.profile_id}{tried}, as of {found.today}\n")
    rows = [
        (part.part, "ok" if part.ok else "FAILED", f"{part.milliseconds} ms", part.detail)
        for part in found.parts
    ]
    terminal.data(terminal.columns(("PART", "", "TIME", "RESULT"), rows))


def _check_json(found: "ProfileCheck") -> dict[str, object]:
    return {
        "profile": found.profile.profile_id,
        "ok": found.ok,
        "option": found.option,
        "period": found.period,
        "today": found.today,
        "parts": [
            {
                "part": part.part,
                "ok": part.ok,
                "detail": part.detail,
                "milliseconds": part.milliseconds,
            }
            for part in found.parts
        ],
    }
