"""`candor advise`: recommend one of several options, with a confidence."""

from datetime import datetime
from typing import Annotated

import anyio
import typer

from backend.cli.command_run import CommandApp, Shown
from backend.cli.nouns import Model, QuestionWords
from backend.cli.terminal import terminal
from backend.cli.terminal.interrupts import interrupts
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.schemas.advice_schemas import RecordedAdvice
from use_cases.advice.model import AdviceQuestion, ConversationMessage, Speaker

app = CommandApp()


@app.add(
    None,
    'candor advise "Start Ada Quick or Ben Swift in week 10?" --profile fantasy-nfl',
    'candor advise "Lease or buy the van?" --search',
    'candor advise "Start Ada Quick or Ben Swift?" -p fantasy-nfl --offline --json',
    'echo "Captain Noor Vale or Tom Reed?" | candor advise - -p fantasy-fpl',
    offline=True,
)
async def advise(
    candor: Container,
    question: QuestionWords,
    profile: Annotated[
        str | None,
        typer.Option("--profile", "-p", help="The domain, as `candor profiles` lists them."),
    ] = None,
    model: Model = None,
    prompt_type: Annotated[
        str | None,
        typer.Option("--prompt-type", help="Another of the profile's prompts than `default`."),
    ] = None,
    search: Annotated[
        bool | None,
        typer.Option(
            "--search/--no-search",
            help="Search the web, or do not search it, for this question; as /search and /nosrch.",
        ),
    ] = None,
    event_key: Annotated[
        str | None,
        typer.Option(
            help="The event that decides whether the advice was right. Unset: the profile's."
        ),
    ] = None,
    event_ends: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The event's last day; no outcome is accepted before it. Unset: the profile's.",
        ),
    ] = None,
    as_json: bool = False,
) -> Shown | ExitCode:
    """Recommend one of several options, with a confidence.

    The advice is recorded. `candor feedback` records whether it was right, and `candor confidence
    report` shows whether such confidence is calibrated.

    Exit codes: 0 advised, 3 nothing to choose by, 4 question declined, 130 stopped with Ctrl-C (the
    part given so far is recorded).
    """
    asked = AdviceQuestion(
        conversation=(ConversationMessage(Speaker.USER, question[0]),),
        profile=profile,
        model=model,
        prompt_type=prompt_type,
        search_override=None if search is None else "/search" if search else "/nosrch",
        event_key=event_key,
        event_ends=None if event_ends is None else event_ends.date(),
    )
    # The agent's events take seconds to import: not for --help.
    from backend.cli.advice.advise_turn import (
        AdviceDisplay,
        advice_exit_code,
        show_advice_summary,
        take_advice,
    )

    live = terminal.on_terminal() and not as_json
    with anyio.CancelScope() as scope, interrupts(scope.cancel) as taken:
        shown = AdviceDisplay(live=live)
        given = await take_advice(candor, asked, shown, taken)
        code = advice_exit_code(given)
        if given is None:
            terminal.talk("Stopped.")
            return code
        return Shown(
            RecordedAdvice.of_response(given, option_label=shown.option_label),
            lambda: show_advice_summary(given, live=live),
            code,
        )
    return ExitCode.INTERRUPTED
