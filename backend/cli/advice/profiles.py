"""`candor profiles`: list, show or check the domains of advice."""

from typing import Annotated

import typer

from backend.cli.command_run import CommandApp, Shown
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from use_cases.advice.check_profiles import ProfileCheck
from use_cases.advice.errors import ProfileBroken
from use_cases.advice.profile import Profile

app = CommandApp()

_FIELDS = ("profile", "state", "title", "description")


@app.add(
    None,
    "candor profiles",
    "candor profiles fantasy-nfl",
    "candor profiles fantasy-nfl --check",
    'candor profiles fantasy-nfl --check --option "Ada Quick" --period 10',
)
async def profiles(
    candor: Container,
    profile: Annotated[str | None, typer.Argument(metavar="PROFILE", help="Its name.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Try each part of it on the loaded tables.")
    ] = False,
    option: Annotated[str | None, typer.Option(help="Try its queries with this option.")] = None,
    period: Annotated[int | None, typer.Option(help="Try them for this period.")] = None,
) -> Shown:
    """List, show or check the domains of advice.

    Your own domains are YAML files in PROFILES_PATH, one each. Without a PROFILE it lists all. With
    --check the exit code is 1 when a part is broken.
    """
    if profile is None:
        return _list(candor)
    if not check:
        shown = candor.advice.read_profiles.show(profile)
        return Shown(shown, lambda: _show(shown))
    found = await candor.advice.read_profiles.check(profile, option=option, period=period)
    value = {
        "profile": found.profile.profile_id,
        "ok": found.ok,
        "option": found.option,
        "period": found.period,
        "today": found.today,
        "parts": found.parts,
    }
    return Shown(value, lambda: _show_check(found), ExitCode.DONE if found.ok else ExitCode.FAILED)


def _list(candor: Container) -> Shown:
    listed = [_line(candor, name) for name in candor.advice.read_profiles.names()]
    unusable = candor.advice.read_profiles.unusable()
    rows = [*listed, *((name, "unusable", "", reason) for name, reason in unusable.items())]
    value = {
        "profiles": [dict(zip(_FIELDS, row, strict=True)) for row in listed],
        "unusable": [{"name": name, "reason": reason} for name, reason in unusable.items()],
    }
    return Shown(value, terminal.columns([name.upper() for name in _FIELDS], rows))


def _line(candor: Container, name: str) -> tuple[str, str, str, str]:
    try:
        found = candor.advice.read_profiles.show(name)
    except ProfileBroken as broken:
        return name, "broken", "", broken.detail
    used = "default" if name == candor.settings.advice_profile else "ready"
    return name, used, found.title, found.description


def _show(found: Profile) -> None:
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


def _show_check(found: ProfileCheck) -> None:
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
