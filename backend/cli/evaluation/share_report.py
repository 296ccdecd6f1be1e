"""`candor eval share`: make, list and revoke links to the report of a run."""

from enum import StrEnum
from typing import Annotated

import typer

from backend.cli.nouns import Columns, table
from backend.cli.runs.recorded_runs import RunId
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from use_cases.kernel.model import LOCAL
from use_cases.playground.model import Redaction, ReportLink


class Part(StrEnum):
    """A part of a report that a link may leave out."""

    OUTPUTS = "outputs"
    VARIABLES = "variables"
    REASONS = "reasons"
    PROMPTS = "prompts"


_LINKS: Columns[ReportLink] = (
    ("LINK", lambda one: one.link_id),
    ("CREATED", lambda one: one.created_at),
    ("EXPIRES", lambda one: one.expires_at),
    ("STATE", lambda one: "revoked" if one.revoked_at else ""),
    ("WITHOUT", lambda one: [part for part in Part if getattr(one.redaction, part)]),
)


async def share_report(
    candor: Container,
    run_id: RunId,
    without: Annotated[
        list[Part] | None,
        typer.Option("--without", help="Leave out a part; repeat the option for several."),
    ] = None,
    days: Annotated[
        float | None,
        typer.Option("--days", help="How long the link lasts. Unset: 30."),
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="List the links instead.")] = False,
    revoke: Annotated[
        str | None, typer.Option("--revoke", metavar="LINK", help="Revoke a link instead.")
    ] = None,
) -> ExitCode:
    """Make a link to the report of a run, and show it once.

    Everyone who has the link can read the page from the running server, without a key.
    """
    reports = candor.playground.share_reports
    if revoke is not None:
        ended = await reports.revoke(LOCAL, run_id, revoke)
        terminal.data(f"Revoked {ended.link_id}")
    elif list_all:
        links = await reports.list(LOCAL, run_id)
        if links:
            terminal.data(table(_LINKS, links))
        else:
            terminal.talk("There are no links to this run.")
    else:
        parts = {each.value: True for each in without or ()}
        made = await reports.share(LOCAL, run_id, Redaction(**parts), days=days)
        terminal.data(f"/reports/{made.token}")
        terminal.talk(f"{made.link.link_id}, until {made.link.expires_at:%Y-%m-%d %H:%M} UTC")
    return ExitCode.DONE
