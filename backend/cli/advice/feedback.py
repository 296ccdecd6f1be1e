"""`candor feedback`: record whether advice, or an answer of chat, was right."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from use_cases.advice.errors import ResponseNotFound
from use_cases.advice.model import OutcomeState
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import LOCAL

if TYPE_CHECKING:
    from use_cases.advice.ports import FeedbackResult

app = command_app()

_ANSWER = "ans_"
"""The beginning of the id of an answer of chat."""
LAST = "last"
"""The name of the newest advice."""


class OutcomeChoice(StrEnum):
    """The outcomes that a person can record."""

    RIGHT = "right"
    WRONG = "wrong"
    VOID = "void"


@app.command(
    epilog=examples(
        "candor feedback last right",
        'candor feedback resp_01K9ZC3W5T0000000000000000 wrong --notes "He was benched."',
        "candor feedback last void",
        "candor feedback last --not-helpful",
        'candor feedback ans_01K9ZC3W5T0000000000000000 wrong --notes "It is 90 days."',
    )
)
def feedback(
    response: Annotated[
        str,
        typer.Argument(
            metavar="RESPONSE", help="Its id, `last` for the newest advice, or an answer's id."
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
    notes: Annotated[str | None, typer.Option(help="A note to keep with it.")] = None,
    key: Annotated[
        str | None,
        typer.Option(help="An id of your own: feedback sent twice under it counts once."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Record whether advice was right, or an answer of chat.

    A later outcome supersedes the earlier one; both stay in the history. Right and wrong are refused
    before the event's last day, unless that day is the profile's own and its tables show the event as
    decided; a day given with --event-ends always holds. Whether advice helped does not count for
    calibration.
    """
    state = None if outcome is None else OutcomeState(outcome.value)

    async def work(candor: Container) -> ExitCode:
        if response.startswith(_ANSWER):
            if outcome in (None, OutcomeChoice.VOID) or helpful is not None or key is not None:
                raise InvalidInput(
                    "An answer of chat is right or wrong, with notes, and nothing else.",
                    hint=f"Run: candor feedback {response[:60]} right",
                )
            return await _judge_answer(
                candor, response, outcome is OutcomeChoice.RIGHT, notes, as_json=as_json
            )
        response_id = await _find_id(candor, response)
        kept = await candor.advice.give_feedback.run(
            LOCAL, response_id, state, helpful=helpful, notes=notes, key=key
        )
        if as_json:
            from backend.schemas.advice_feedback import FeedbackReply  # not for --help

            terminal.data_json(FeedbackReply.of(kept).model_dump(mode="json"))
        else:
            terminal.data(_summary(kept))
        return ExitCode.DONE

    run(work, as_json=as_json)


async def _judge_answer(
    candor: Container, answer_id: str, right: bool, notes: str | None, *, as_json: bool
) -> ExitCode:
    judged = await candor.chat.judge_answer.run(LOCAL, answer_id, right, notes=notes)
    if as_json:
        from backend.schemas.chat import Answer  # not for --help

        terminal.data_json(Answer.of(judged).model_dump(mode="json"))
    else:
        terminal.data(f"{answer_id}: {'right' if right else 'wrong'}, recorded.")
    return ExitCode.DONE


async def _find_id(candor: Container, named: str) -> str:
    if named != LAST:
        return named
    page = await candor.advice.read_advice.list(LOCAL, limit=1)
    if not page:
        raise ResponseNotFound(
            "No advice is recorded yet.", hint='Ask for advice: candor advise "…"'
        )
    return page[0].response_id


def _summary(kept: "FeedbackResult") -> str:
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
