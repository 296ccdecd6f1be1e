"""`candor feedback`: record whether advice, or an answer of chat, was right."""

from enum import StrEnum
from typing import Annotated

import typer

from backend.cli.command_run import CommandApp, Shown
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.schemas.advice_schemas import FeedbackReply
from backend.schemas.chat_schemas import AnswerReply
from use_cases.advice.errors import ResponseNotFound
from use_cases.advice.model import OutcomeState
from use_cases.advice.ports import FeedbackResult
from use_cases.chat import model as chat
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import LOCAL

app = CommandApp()

_ANSWER = "ans_"
"""The beginning of the id of an answer of chat."""
LAST = "last"
"""The name of the newest advice or answer, whichever is newer."""


class OutcomeChoice(StrEnum):
    """The outcomes that a person can record."""

    RIGHT = "right"
    WRONG = "wrong"
    VOID = "void"


@app.add(
    None,
    "candor feedback last right",
    'candor feedback resp_01K9ZC3W5T0000000000000000 wrong --notes "He was benched."',
    "candor feedback last void",
    "candor feedback last --not-helpful",
    'candor feedback last wrong --expected "90 days" --document security-policy.md',
)
async def feedback(
    candor: Container,
    response: Annotated[
        str,
        typer.Argument(
            metavar="ANSWER", help="Its id, also that of advice; `last` for the newest of all."
        ),
    ],
    outcome: Annotated[
        OutcomeChoice | None,
        typer.Argument(help="The outcome; void: the event does not count, as in a tie."),
    ] = None,
    helpful: Annotated[
        bool | None,
        typer.Option("--helpful/--not-helpful", help="Whether it helped, apart from being right."),
    ] = None,
    expected: Annotated[
        str | None, typer.Option(help="The right answer, where one of chat is wrong.")
    ] = None,
    document: Annotated[
        str | None, typer.Option(metavar="NAME", help="The document that has the right answer.")
    ] = None,
    notes: Annotated[str | None, typer.Option(help="A note to keep with it.")] = None,
) -> Shown:
    """Record whether advice was right, or an answer of chat.

    A later outcome supersedes the earlier one; both stay in the history. Right and wrong are refused
    before the event's last day, unless that day is the profile's own and its tables show the event as
    decided; a day given with --event-ends always holds. Whether advice helped does not count for
    calibration.
    """
    state = None if outcome is None else OutcomeState(outcome.value)
    found = await _find_id(candor, response)
    if found.startswith(_ANSWER):
        if outcome in (None, OutcomeChoice.VOID) or helpful is not None:
            raise InvalidInput(
                "An answer of chat is right or wrong, with notes and a correction, and nothing else.",
                hint=f"Run: candor feedback {found[:60]} right",
            )
        judged = await candor.chat.judge_answer.run(
            LOCAL,
            found,
            outcome is OutcomeChoice.RIGHT,
            notes=notes,
            expected=expected,
            document=document,
        )
        return Shown(AnswerReply.of(judged), lambda: _show_judged(judged))
    if expected is not None or document is not None:
        raise InvalidInput(
            "Only an answer of chat is corrected.", hint="Keep the right choice with --notes."
        )
    give = candor.advice.give_feedback
    try:
        kept = await give.run(LOCAL, found, state, helpful=helpful, notes=notes)
    except ResponseNotFound:
        raise ResponseNotFound(
            f"There is no recorded answer or advice {found[:60]!r}.",
            hint="`candor answers` and `candor confidence recent` list the ids.",
        ) from None
    return Shown(FeedbackReply.of_result(kept), _summary(kept))


def _show_judged(judged: chat.Answer) -> None:
    terminal.data(f"{judged.answer_id}: {judged.feedback}, recorded.")
    if not judged.right:
        if not (judged.expected or judged.expected_document):
            terminal.talk("Say what is right: add --expected TEXT or --document NAME.")
        terminal.talk("Collect what went wrong: candor datasets from-answers --feedback wrong")


async def _find_id(candor: Container, named: str) -> str:
    if named != LAST:
        return named
    advice = await candor.advice.read_advice.list(LOCAL, limit=1)
    answers = await candor.chat.read_answers.list(LOCAL, limit=1)
    if answers and (not advice or answers[0].created_at > advice[0].created_at):
        return answers[0].answer_id
    if not advice:
        raise ResponseNotFound(
            "No answer and no advice is recorded yet.", hint='Ask: candor ask "…"'
        )
    return advice[0].response_id


def _summary(kept: FeedbackResult) -> str:
    given = kept.feedback
    judged = {True: "helpful", False: "not helpful", None: "noted"}[given.helpful]
    outcome = given.outcome.value if given.outcome else judged
    if kept.repeated:
        now = (
            ""
            if given.outcome in (None, kept.in_force)
            else f" The outcome in force is {kept.in_force.value}."
        )
        return f"{given.response_id}: {outcome}, already recorded.{now}"
    replaced = kept.superseded
    instead = f", instead of {replaced.outcome.value}" if replaced and replaced.outcome else ""
    return f"{given.response_id}: {outcome}{instead}, recorded."
