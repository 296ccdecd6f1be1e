"""`candor eval feedback` and `calibrate`: people judge answers that a model judged, and how far both agree."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from backend.cli.command_run import Shown
from backend.cli.runs.recorded_runs import RunId
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ConfirmationNeeded, ExitCode
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted
from use_cases.kernel.text.plain_text import value_text

if TYPE_CHECKING:
    from use_cases.playground.evaluations.cell_feedback import AnswerToJudge, GiveCellFeedback

_KEYS = "p pass, f fail, s skip, b back, q quit"


async def judge_answers(
    candor: Container,
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
) -> ExitCode:
    """Judge answers that a model judged, without seeing its verdict; `candor eval calibrate` uses yours.

    Each verdict is stored at once, so you can quit and go on later. A later one replaces your earlier one
    on the same answer.
    """
    if (place is None) != (verdict is None):
        raise typer.BadParameter("Give the place of a result and pass or fail, or neither.")

    feedback = candor.playground.cell_feedback
    if place is not None:
        found = await feedback.give(
            LOCAL,
            run_id,
            place,
            passed=verdict == "pass",
            assertion=assertion or "",
            note=notes,
            person=person,
        )
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


async def _ask(
    feedback: "GiveCellFeedback", run_id: str, person: str, answers: "Sequence[AnswerToJudge]"
) -> None:
    """Shows one answer after the other, from the first that has no verdict."""
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
                await feedback.give(
                    LOCAL,
                    run_id,
                    answer.place,
                    passed=key == "p",
                    assertion=answer.assertion,
                    person=person,
                    output_digest=answer.output_digest,
                )
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


if TYPE_CHECKING:
    from use_cases.playground.evaluations.judge_calibration import JudgeCalibration


async def calibrate_judges(candor: Container, run_id: RunId) -> Shown:
    """Compare the judges of a run with what people said, and correct the pass rates by them."""
    from backend.schemas.playground_schemas import JudgeCalibrationReply  # not for --help

    found = await candor.playground.cell_feedback.calibrations(LOCAL, run_id)

    def write() -> None:
        if not found:
            terminal.talk(f"No model has judged an answer of {run_id}.")
        for place, each in enumerate(found):
            if place:
                terminal.data("")
            _show_calibration(each, run_id)

    return Shown({"calibrations": [JudgeCalibrationReply.told(each) for each in found]}, write)


def _show_calibration(found: "JudgeCalibration", run_id: str) -> None:
    from backend.reports import verdict_words as words

    agreement = found.agreement
    terminal.data(words.judge_name(found))
    fields = [("labelled", f"{agreement.labels.n:,}")]
    if agreement.labels.n:
        fields += [
            ("kappa", words.number(agreement.kappa)),
            ("sensitivity", f"{words.share(agreement.sensitivity)} of good answers pass"),
            ("specificity", f"{words.share(agreement.specificity)} of bad answers fail"),
        ]
    terminal.data(terminal.record(fields))
    rows = [
        (
            each.variant,
            f"{each.labelled:,} of {each.judged:,}",
            words.share(each.stated),
            words.share(each.corrected),
        )
        for each in found.rates
    ]
    header = ("VARIANT", "LABELLED", "PASS RATE [95%]", "CORRECTED [95%]")
    terminal.data("\n" + terminal.columns(header, rows))
    if found.pairs:
        people = [
            (
                f"{each.one} and {each.other}",
                f"{each.same:,} of {each.both:,}",
                words.number(each.kappa),
            )
            for each in found.pairs
        ]
        terminal.data("\n" + terminal.columns(("PEOPLE", "SAME LABEL", "KAPPA [95%]"), people))
    terminal.flush()
    for caution in words.judge_cautions(found):
        terminal.talk(f"note: {caution}")
    terminal.data("\n" + words.judge_finding(found))
    terminal.flush()
    if found.finding == "too_few_labels":
        terminal.talk(f"Judge answers yourself with: candor eval feedback {run_id}")
