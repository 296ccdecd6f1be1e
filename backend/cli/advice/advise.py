"""`candor advise`: recommend one of several options, with a confidence; written as it arrives, stopped by
Ctrl-C, in text form (choice, reasoning, confidence, alternatives, sources).

Separate from `advise`, because importing the agent's events takes seconds, and `--help` needs none.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import anyio
import typer
from pydantic_ai.messages import FunctionToolCallEvent

from backend.cli.chat.answer_view import exit_code_of, show_sources, usage_of
from backend.cli.command_run import CommandApp, Shown
from backend.cli.nouns import Model, QuestionWords, dollars
from backend.cli.terminal import terminal
from backend.cli.terminal.terminal import Interrupts, interrupts
from backend.composition.container import Container
from backend.errors import ExitCode, InternalError
from backend.schemas.advice_schemas import RecordedAdvice
from use_cases.advice.errors import ResponseNotFound
from use_cases.advice.giving.events import (
    AdviceBegun,
    AdviceEvent,
    AdviceRecorded,
    AdviceReplaced,
    AlternativeGiven,
    ConfidenceGiven,
    TextGiven,
)
from use_cases.advice.giving.preparation import NO_WEB, NO_WEB_FOR_STALE
from use_cases.advice.model import (
    Advice,
    AdviceQuestion,
    Alternative,
    BaseRate,
    Confidence,
    ConversationMessage,
    Freshness,
    OutcomeState,
    Response,
    Speaker,
)
from use_cases.advice.profile import CERTAIN, PLAIN_LABEL
from use_cases.advice.web.search_tool import WEB_TOOL
from use_cases.kernel.model import LOCAL
from use_cases.kernel.runs.surroundings import closing

_REPLACED = {
    "invalid_first_attempt": "The text above was invalid, so the model was asked again:",
    "withdrawn": "The text above is withdrawn, because no retrieved source supports it.",
    "content_filter": "The provider's content filter stopped the question.",
}


class AdviceDisplay:
    """Displays the events of advice. `live`: a person watches, so text is written as it arrives."""

    def __init__(self, *, live: bool) -> None:
        self.response: Response | None = None
        self.response_id: str | None = None
        self.option_label = PLAIN_LABEL
        self._live = live
        self._field: str | None = None
        self._alternatives = False
        self._stream = terminal.Stream()

    def show(self, event: AdviceEvent) -> None:
        """Shows one event."""
        match event:
            case AdviceBegun():
                self.response_id, self.option_label = event.response_id, event.option_label
            case AdviceRecorded():
                self.response = event.response
            case _ if self._live:
                self._write(event)
            case _:
                pass

    def end_line(self) -> None:
        """Ends the current line."""
        if self._field is not None:
            self._stream.end_line()
            self._field = None

    def _write(self, event: AdviceEvent) -> None:
        match event:
            case TextGiven():
                self._text(event)
            case ConfidenceGiven():
                self._line(f"\n{confidence_line(event.confidence)}")
            case AlternativeGiven():
                heading = "" if self._alternatives else "\nAlternatives\n"
                self._alternatives = True
                self._line(f"{heading}{alternative_line(event.alternative)}")
            case AdviceReplaced():
                self.end_line()
                terminal.talk(f"note: {_REPLACED.get(event.reason, 'The text above is replaced:')}")
                show_advice(event.advice)
            case FunctionToolCallEvent():
                self.end_line()
                terminal.talk(f"… {event.part.tool_name} {event.part.args_as_json_str()}")
            case _:
                pass

    def _text(self, event: TextGiven) -> None:
        if self._field not in (None, event.field):
            self.end_line()
            terminal.data("")
        self._field = event.field
        self._stream.write(event.text)

    def _line(self, text: str) -> None:
        self.end_line()
        terminal.data(text)
        terminal.flush()


async def take_advice(
    candor: Container, question: AdviceQuestion, shown: AdviceDisplay, interrupts: Interrupts
) -> Response | None:
    """Asks, shows the events, and returns the recorded response.

    Ctrl-C cancels the run and its call to the provider; the text up to then is recorded and
    returned, marked interrupted. None: stopped before anything was recorded. Raises the errors of
    `GiveAdvice.stream`.
    """
    try:
        with anyio.CancelScope() as scope, interrupts.calling(scope.cancel):
            async with closing(candor.advice.give_advice.stream(question, caller=LOCAL)) as events:
                async for event in events:
                    shown.show(event)
    finally:
        shown.end_line()
    if shown.response is None and shown.response_id is not None:
        shown.response = await _recorded(candor, shown.response_id)
    if shown.response is None and not scope.cancelled_caught:
        raise InternalError("The advice ended without a record.")
    return shown.response


def advice_exit_code(response: Response | None) -> ExitCode:
    """Returns the exit code of advice. None: it was stopped before it began."""
    if response is None or response.interrupted:
        return ExitCode.INTERRUPTED
    return exit_code_of(response.advice.outcome)


async def _recorded(candor: Container, response_id: str) -> Response | None:
    try:
        return await candor.advice.read_advice.show(LOCAL, response_id)
    except ResponseNotFound:
        return None


_FRESHNESS = {
    Freshness.VERIFIED: "Fresh facts were needed and looked up.",
    Freshness.UNVERIFIED: "note: The question needs fresh facts, and none {}: recent changes are not considered.",
}


def show_advice_summary(response: Response, *, live: bool) -> None:
    """Shows the sources, notices and model below advice; `live`: the advice is on the screen already,
    else it is shown first.
    """
    if not live:
        show_advice(response.advice)
    show_sources(response.advice.sources)
    terminal.flush()
    if not live:
        for call in response.tool_calls:
            terminal.talk(f"… {call.name} {call.arguments}")
    for notice in response.notices:
        terminal.talk(f"note: {notice}")
    told = not {NO_WEB, NO_WEB_FOR_STALE}.isdisjoint(response.notices)
    if response.freshness in _FRESHNESS and not told:
        terminal.talk(_FRESHNESS[response.freshness].format(_missing(response)))
    cost = "" if response.cost is None else f" · {dollars(response.cost)}"
    terminal.talk(f"\n{response.model} · {response.latency_ms / 1000:.1f} s{cost}")
    if response.advice.confidence is not None and response.outcome is OutcomeState.PENDING:
        terminal.talk(f"Record whether it was right: candor feedback {response.response_id} right")


def _missing(response: Response) -> str:
    """Returns the reason for missing fresh facts: none could be found, or none were looked up."""
    tried = any(call.name == WEB_TOOL for call in response.tool_calls)
    return "could be found" if tried else "were looked up"


async def recorded_advice(candor: Container, response_id: str) -> Shown:
    """Returns recorded advice as it was given, with its outcome and what it was given with.

    Raises `ResponseNotFound`.
    """
    found = await candor.advice.read_advice.show(LOCAL, response_id)
    label = candor.advice.read_profiles.option_label(found.profile)

    def write() -> None:
        terminal.data(f"{found.question}\n")
        show_advice(found.advice)
        show_sources(found.advice.sources)
        for notice in found.notices:
            terminal.talk(f"note: {notice}")
        terminal.data("")
        terminal.data(terminal.record(_about(found)))

    return Shown(RecordedAdvice.of_response(found, option_label=label), write)


def _about(found: Response) -> Sequence[tuple[str, str]]:
    """Returns what is recorded beside the advice."""
    confidence = found.advice.confidence
    notes = f": {found.feedback_notes}" if found.feedback_notes else ""
    ends = f", until {found.event_ends}" if found.event_ends else ""
    such = f"candor confidence report --profile {found.profile} --model {found.model}"
    return (
        ("Outcome", found.outcome.value + notes if confidence else found.advice.outcome.value),
        ("Asked", f"{found.created_at.astimezone():%Y-%m-%d %H:%M %Z}, by {found.door}"),
        *([("Event", found.event_key + ends)] if found.event_key else []),
        ("Profile", found.profile),
        ("Model", found.model),
        ("Prompt version", found.prompt_version),
        ("Its text", f"candor prompts show {found.prompt_version}"),
        *([("Correction", confidence.version_id)] if confidence and confidence.version_id else []),
        *([("Right so often", such)] if confidence else []),
        *usage_of(found),
    )


def show_advice(advice: Advice) -> None:
    """Shows the whole advice, without its sources."""
    terminal.data(advice.main_advice)
    if advice.reasoning:
        terminal.data(f"\n{advice.reasoning}")
    terminal.data(f"\n{confidence_line(advice.confidence)}")
    if advice.alternatives:
        terminal.data("\nAlternatives")
    for alternative in advice.alternatives:
        terminal.data(alternative_line(alternative))


def confidence_line(confidence: Confidence | None) -> str:
    """Returns `Likely (about 7 in 10): 66 of 100; the model stated 80`."""
    if confidence is None:
        return "No confidence: there was nothing to choose by."
    said = f"{confidence.phrase}: {_of_hundred(confidence.calibrated)} of 100"
    if confidence.base_rate is not None:
        said += _base_rate(confidence.base_rate)
    if confidence.stated != confidence.calibrated:
        said += f"; the model stated {_of_hundred(confidence.stated)}"
    return said + ("; worded with care, because fresh facts are missing" * confidence.capped)


def _base_rate(rate: BaseRate) -> str:
    low, high = (round(100 * end) for end in rate.interval)
    return f", the base rate ({rate.right} of {rate.n} right, 95% interval {low} to {high})"


def alternative_line(alternative: Alternative) -> str:
    """Returns an option that was not chosen, and the reason."""
    return f"  {alternative.option}: {alternative.reason}"


def _of_hundred(basis_points: int) -> str:
    """Returns 66, or 66.5: no more digits than needed."""
    return f"{basis_points * 100 / CERTAIN:.1f}".removesuffix(".0")


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
    from backend.cli.advice.advise import (
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
