"""`candor eval label`: label the answers of a run that a model judged, at a terminal or in a file."""

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backend.cli.command_run import run
from backend.cli.runs.byte_files import opened, write_pieces
from backend.cli.runs.recorded_runs import RunId
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ConfirmationNeeded, ExitCode
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted

if TYPE_CHECKING:
    from use_cases.playground.labelling.label_answers import AnswerToLabel, LabelAnswers

_KEYS = "p pass, f fail, s skip, b back, q quit"


def label_answers(
    run_id: RunId,
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
    labeller: Annotated[
        str, typer.Option("--as", metavar="NAME", help="The person who labels.")
    ] = LOCAL.user_id,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="Read labels from CSV, TSV, JSONL or JSON."),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Write the sample as CSV to fill in."),
    ] = None,
) -> None:
    """Label answers that a model judged, without seeing its verdict; `candor eval calibrate` uses them.

    Each label is stored at once, so you can quit and go on later. A label replaces your earlier one of
    the same answer. Wrong lines of a file are reported, the others stored, and the exit code is 1.
    """
    if source is not None and export is not None:
        raise typer.BadParameter("Use either --from or --export.")

    async def work(candor: Container) -> ExitCode:
        labels = candor.playground.label_answers
        if source is not None:
            return await _read(labels, run_id, source, labeller)
        if export is not None:
            pieces = labels.template(
                LOCAL, run_id, labeller=labeller, assertion=assertion, size=sample, seed=seed
            )
            async with aclosing(pieces):
                await write_pieces(pieces, export)
            terminal.talk(f"Fill in the column label (pass or fail) of {export}, then:")
            terminal.talk(f"candor eval label {run_id} --from {export}")
            return ExitCode.DONE
        answers = await labels.sample(
            LOCAL, run_id, labeller=labeller, assertion=assertion, size=sample, seed=seed
        )
        if not terminal.is_interactive():
            raise ConfirmationNeeded(
                "Labels are keys pressed at a terminal, and there is none.",
                hint="Write a file with --export, fill it in, and read it with --from.",
            )
        await _ask(labels, run_id, labeller, answers)
        return ExitCode.DONE

    run(work)


async def _read(labels: "LabelAnswers", run_id: str, source: Path, labeller: str) -> ExitCode:
    from use_cases.playground.ports import LabelFile  # not for --help

    with opened(source) as content:
        report = await labels.put(
            LOCAL,
            run_id,
            labels.read(LabelFile(source.name, content)),
            labeller=labeller,
            partly=True,
        )
    for error in report.first_errors:
        terminal.talk(f"line {error.line}: {error.message}")
    if report.errors > len(report.first_errors):
        terminal.talk(f"… and {report.errors - len(report.first_errors):,} more faulty lines.")
    terminal.data(f"{counted(report.stored, 'label')} stored.")
    return ExitCode.FAILED if report.errors else ExitCode.DONE


async def _ask(
    labels: "LabelAnswers", run_id: str, labeller: str, answers: "Sequence[AnswerToLabel]"
) -> None:
    """Show one answer after the other, from the first that has no label."""
    from use_cases.playground.labelling.label_records import GivenLabel  # not for --help

    given = {at: each.label.passed for at, each in enumerate(answers) if each.label}
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
                label = GivenLabel(
                    line=at + 1,
                    passed=key == "p",
                    place=answer.place,
                    assertion=answer.assertion,
                    output_digest=answer.output_digest,
                )
                await labels.put(LOCAL, run_id, [label], labeller=labeller)
                given[at] = key == "p"
        at += 1
    terminal.talk(f"{len(given)} of {counted(len(answers), 'answer')} labelled.")
    if len(given) < len(answers):
        terminal.talk(f"Go on with: candor eval label {run_id}")
    terminal.talk(f"See what they say: candor eval calibrate {run_id}")


def _key() -> str:
    terminal.talk(_KEYS)
    while (key := terminal.read_key()) not in "pfsbq" or not key:
        pass
    return key


def _show(answer: "AnswerToLabel", place: str, label: bool | None) -> None:
    from use_cases.kernel.text.value_text import value_text  # not for --help

    before = "" if label is None else f", labelled {'pass' if label else 'fail'}"
    inputs = [(name, value_text(value)) for name, value in answer.inputs.variables.items()]
    if answer.inputs.expected is not None:
        inputs.append(("expected", value_text(answer.inputs.expected)))
    terminal.data(f"\n── {place}{before}")
    if inputs:
        terminal.data(terminal.record(inputs))
    terminal.data(f"\nOUTPUT\n{answer.output}")
    terminal.data(f"\nCRITERION\n{answer.criterion}\n")
    terminal.flush()
