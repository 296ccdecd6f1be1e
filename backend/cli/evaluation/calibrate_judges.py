"""`candor eval calibrate`: how far the judges of a run agree with people, and what follows from it."""

from typing import TYPE_CHECKING

from backend.cli.command_run import Shown
from backend.cli.runs.recorded_runs import RunId
from backend.cli.terminal import terminal
from backend.composition.container import Container
from use_cases.kernel.model import LOCAL

if TYPE_CHECKING:
    from use_cases.playground.evaluations.judge_calibration import JudgeCalibration


async def calibrate_judges(candor: Container, run_id: RunId) -> Shown:
    """Compare the judges of a run with what people said, and correct the pass rates by them."""
    from backend.schemas.playground_runs import JudgeCalibrationReply  # not for --help

    found = await candor.playground.cell_feedback.calibrations(LOCAL, run_id)

    def write() -> None:
        if not found:
            terminal.talk(f"No model has judged an answer of {run_id}.")
        for place, each in enumerate(found):
            if place:
                terminal.data("")
            _show(each, run_id)

    return Shown({"calibrations": [JudgeCalibrationReply.told(each) for each in found]}, write)


def _show(found: "JudgeCalibration", run_id: str) -> None:
    from backend.reports import calibration_words as words

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
