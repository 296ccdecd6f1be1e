"""`candor eval feedback`: say whether answers of a run that a model judged are good."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from backend.cli.command_run import run
from backend.cli.runs.recorded_runs import RunId
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ConfirmationNeeded, ExitCode
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted
from use_cases.kernel.text.value_text import value_text

if TYPE_CHECKING:
    from use_cases.playground.evaluations.cell_feedback import AnswerToJudge, GiveCellFeedback

_KEYS = "p pass, f fail, s skip, b back, q quit"


def judge_answers(
    run_id: RunId,
    place: Annotated[
        int | None,
        typer.Argument(min=0, help="The place of one result. Unset: a sample, one by one."),
    ] = None,
    verdict: Annotated[
        Literal["pass", "fail"] | None, typer.Argument(help="The verdict on it.")
    ] = None,
    assertion: Annotated[
        str | None,
        typer.Option(help="Only answers judged by this one, such as llm-rubric. Unset: all."),
    ] = None,
    sample: Annotated[
        int,
        typer.Option(
            min=1, max=1000, help="How many, half of them passed by the judge and half failed."
        ),
    ] = 50,
    seed: Annotated[int, typer.Option(help="Another number draws another sample.")] = 0,
    person: Annotated[
        str, typer.Option("--as", metavar="NAME", help="The person who says so.")
    ] = LOCAL.user_id,
    notes: Annotated[str, typer.Option(help="A note to keep with the verdict on one.")] = "",
) -> None:
    """Judge answers that a model judged, without seeing its verdict; `candor eval calibrate` uses yours.

    Each verdict is stored at once, so you can quit and go on later. A later one replaces your earlier one
    on the same answer.
    """
    if (place is None) != (verdict is None):
        raise typer.BadParameter("Give the place of a result and pass or fail, or neither.")

    async def work(candor: Container) -> ExitCode:
        from use_cases.playground.evaluations.cell_feedback import GivenCellFeedback

        feedback = candor.playground.cell_feedback
        if place is not None:
            given = GivenCellFeedback(
                passed=verdict == "pass",
                assertion=assertion or "",
                note=notes,
                person=person,
            )
            found = await feedback.give(LOCAL, run_id, place, given)
            terminal.data(f"{found.assertion} of result {place}: {verdict} by {found.person}")
            return ExitCode.DONE
        answers = await feedback.sample(
            LOCAL, run_id, person=person, assertion=assertion, size=sample, seed=seed
        )
        if not terminal.is_interactive():
            raise ConfirmationNeeded(
                "Verdicts are keys pressed at a terminal, and there is none.",
                hint=f"Name a result: candor eval feedback {run_id[:60]} 0 pass",
            )
        await _ask(feedback, run_id, person, answers)
        return ExitCode.DONE

    run(work)


async def _ask(
    feedback: "GiveCellFeedback", run_id: str, person: str, answers: "Sequence[AnswerToJudge]"
) -> None:
    """Show one answer after the other, from the first that has no verdict."""
    from use_cases.playground.evaluations.cell_feedback import GivenCellFeedback  # not for --help

    given = {at: each.feedback.passed for at, each in enumerate(answers) if each.feedback}
    at = next((at for at in range(len(answers)) if at not in given), len(answers))
    while at < len(answers):
        answer = answers[at]
        _show(answer, f"{at + 1} of {len(answers)}", given.get(at))
        match _key():
            case "q":
                break
            case "b":
                at = max(0, at - 1)
                continue
            case "s":
                pass
            case key:
                verdict = GivenCellFeedback(
                    passed=key == "p",
                    assertion=answer.assertion,
                    person=person,
                    output_digest=answer.output_digest,
                )
                await feedback.give(LOCAL, run_id, answer.place, verdict)
                given[at] = key == "p"
        at += 1
    terminal.talk(f"{len(given)} of {counted(len(answers), 'answer')} judged.")
    if len(given) < len(answers):
        terminal.talk(f"Go on with: candor eval feedback {run_id}")
    terminal.talk(f"See what they say: candor eval calibrate {run_id}")


def _key() -> str:
    terminal.talk(_KEYS)
    while (key := terminal.read_key()) not in "pfsbq" or not key:
        pass
    return key


def _show(answer: "AnswerToJudge", place: str, passed: bool | None) -> None:

    before = "" if passed is None else f", judged {'pass' if passed else 'fail'}"
    inputs = [(name, value_text(value)) for name, value in answer.inputs.variables.items()]
    if answer.inputs.expected is not None:
        inputs.append(("expected", value_text(answer.inputs.expected)))
    terminal.data(f"\n── {place}{before} (result {answer.place})")
    if inputs:
        terminal.data(terminal.record(inputs))
    terminal.data(f"\nOUTPUT\n{answer.output}")
    terminal.data(f"\nCRITERION\n{answer.criterion}\n")
    terminal.flush()
