"""The commands that show and change the calibration in force: `status`, `tune`, `rollback`."""

from typing import Annotated

import typer

from backend.cli.command_run import Shown
from backend.cli.nouns import Columns, table
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.schemas.advice_figures import PhraseStatusReply, Tuning, Version
from use_cases.advice.confidence.report_model import PhraseStatus, TuningMode
from use_cases.advice.model import CalibrationVersion, TuningNote
from use_cases.advice.tuning.tuning_report import (
    Adjustment,
    GroupBaseRate,
    PhraseMap,
    PhraseSetting,
    TuningRequest,
    TuningResult,
)
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted

_SHOWN = 10
_AS_STATED = "confidence is shown as the model states it."
_MODES = {
    TuningMode.UNTUNED: "untuned",
    TuningMode.AUTOMATIC: "tuned",
    TuningMode.MANUAL: "rolled back",
}
_NOTES: Columns[TuningNote] = (
    ("WHEN", lambda one: one.created_at),
    ("TRIED", lambda one: one.action.value),
    ("BY", lambda one: one.author),
    ("WHY", lambda one: one.reason),
)
_VERSIONS: Columns[CalibrationVersion] = (
    ("VERSION", lambda one: one.version_id),
    ("SINCE", lambda one: one.created_at),
    ("HOW", lambda one: one.kind.value),
    ("BY", lambda one: one.author),
    ("OUTCOMES", lambda one: one.n),
    ("WHY", lambda one: one.reason),
)
_PHRASES: Columns[PhraseSetting] = (
    ("PHRASE", lambda one: one.phrase),
    ("RIGHT IN", lambda one: f"{one.min_score:.0%} to {one.max_score:.0%}"),
    ("STATED CONFIDENCE", lambda one: _stated(one.min_stated, one.max_stated)),
)
_ADJUSTMENTS: Columns[Adjustment] = (
    ("PHRASE", lambda one: one.phrase),
    ("FROM", lambda one: _score(one.old_threshold)),
    ("NOW FROM", lambda one: _score(one.new_threshold)),
    ("WHY", lambda one: one.reason),
)

Profile = Annotated[
    str | None, typer.Option("--profile", "-p", help="The domain. Unset: ADVICE_PROFILE.")
]


async def status(candor: Container, profile: Profile = None) -> Shown:
    """Show the phrases, the calibration in force, and its history."""
    found = await candor.advice.report_confidence.phrase_status(LOCAL, profile)
    return Shown(PhraseStatusReply.of(found), lambda: _show_status(found))


async def tune(
    candor: Container,
    profile: Profile = None,
    days: Annotated[
        int, typer.Option("--days", min=1, max=3650, help="Use outcomes of the last so many days.")
    ] = 365,
    apply: Annotated[
        bool, typer.Option("--apply", help="Put the correction in force if the evidence suffices.")
    ] = False,
) -> Shown:
    """Fit a correction of stated confidence to outcomes.

    Without --apply it is a dry run and changes nothing. A correction must improve the Brier score on
    outcomes it has not seen; otherwise it is not applied, which is no error, and the reasons are
    listed.
    """
    request = TuningRequest(profile=profile, days_back=days, dry_run=not apply)
    found = await candor.advice.tune_confidence.run(LOCAL, request)
    if profile is None and not found.n:
        only = f"Only outcomes of {found.profile} count here"
        terminal.talk(f"{only}: --profile names another domain, `candor profiles` lists them.")
    return Shown(Tuning.of(found), lambda: show_tuning(found))


async def rollback(
    candor: Container,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            "-p",
            help="The domain. Unset: that of VERSION; for `nothing`, the only one with a calibration "
            "in force; else ADVICE_PROFILE.",
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            help="The version to restore, or `nothing`. Unset: the one that the present one replaced.",
        ),
    ] = None,
) -> Shown:
    """Restore an earlier calibration, or none.

    A rollback is a version, too: a second one without --to takes back the first. To go back further,
    name the version with --to; `candor confidence status` lists them.
    """
    version = await candor.advice.roll_back_calibration.run(LOCAL, profile, to)

    def write() -> None:
        if version.maps:
            terminal.data(f"{version.version_id} is in force for {version.profile}.")
        else:
            terminal.data(f"No correction is in force for {version.profile}.")
        terminal.talk(version.reason)

    return Shown(Version.of(version), write)


def show_tuning(found: TuningResult) -> None:
    """Shows the evidence, the reasons against a correction, and the changes."""
    left_out = ", ".join(f"{n} {why.value.replace('_', ' ')}" for why, n in found.excluded.items())
    terminal.data(f"{found.profile}, last {counted(found.analyzed_period_days, 'day')}")
    evidence = f"Evidence: {counted(found.n, 'outcome')} of {counted(found.responses, 'response')}"
    terminal.data(evidence + (f" (left out: {left_out})" if left_out else ""))
    for reason in found.reasons:
        terminal.data(f"- {_of(reason.model, reason.prompt_version)}{reason.detail}")
    for base in found.base_rates:
        terminal.data(_base_rate(base))
    if found.effect is not None:
        effect = found.effect
        # The evidence counts an event once; each correction is tried on its own advice on it.
        several = ", an event once for each correction" if len(found.maps) > 1 else ""
        terminal.data(
            f"Brier score on outcomes not seen: {effect.brier_change:+.4f} "
            f"({effect.low:+.4f} to {effect.high:+.4f}), {effect.n:,} outcomes{several}"
        )
    for fitted in found.maps:
        about = fitted.model, fitted.prompt_version
        adjustments = [
            each
            for each in found.suggested_adjustments
            if (each.model, each.prompt_version) == about
        ]
        if adjustments:
            terminal.data(f"\n{_heading(*about)}\n{table(_ADJUSTMENTS, adjustments)}")
    terminal.data(f"\n{found.summary}")


def _show_status(found: PhraseStatus) -> None:
    by_rate = ", a base rate is in force" if found.base_rates else ""
    terminal.data(f"{found.profile}: {_MODES[found.mode]}{by_rate}")
    for phrases in found.phrases:
        terminal.data("\n" + _phrases(phrases, alone=len(found.phrases) == 1))
    if found.base_rates:
        terminal.data("\nIn place of stated confidence that does not separate right from wrong:")
        for base in found.base_rates:
            terminal.data(_base_rate(base))
    elif found.version is None:
        terminal.data(f"\nNothing was tuned: {_AS_STATED}")
    elif not found.version.maps:
        terminal.data(f"\nNo correction is in force: {_AS_STATED}")
    versions = [found.version, *found.previous] if found.version else list(found.previous)
    if versions:
        terminal.data("\n" + table(_VERSIONS, versions[:_SHOWN]))
    if found.notes:
        terminal.data("\n" + table(_NOTES, found.notes[:_SHOWN]))
    # The first ones are about the base rates, which are shown above.
    for warning in found.warnings[len(found.base_rates) :]:
        terminal.talk(f"note: {warning}")


def _base_rate(base: GroupBaseRate) -> str:
    return (
        f"- {_of(base.model, base.prompt_version)}The base rate is {base.probability:.0%} "
        f"({base.right} of {base.n} right, 95% interval {base.interval[0]:.0%} to "
        f"{base.interval[1]:.0%}): {base.phrase}."
    )


def _phrases(found: PhraseMap, *, alone: bool) -> str:
    heading = "Every response" if alone else _heading(found.model, found.prompt_version)
    if found.stated_from is not None and found.stated_to is not None:
        heading += f" (fitted on stated {found.stated_from:.2f} to {found.stated_to:.2f})"
    return f"{heading}\n{table(_PHRASES, found.phrases)}"


def _stated(low: float | None, high: float | None) -> str:
    return "never" if low is None or high is None else f"{low:.2f} to {high:.2f}"


def _heading(model: str | None, prompt_version: str | None) -> str:
    """Returns the model and prompt version that a map is for."""
    return _of(model, prompt_version).removesuffix(": ") or "Every other response"


def _of(model: str | None, prompt_version: str | None) -> str:
    parts = [part for part in (model, prompt_version) if part]
    return f"{' · '.join(parts)}: " if parts else ""


def _score(threshold: float | None) -> str:
    return "never" if threshold is None else f"{threshold:.2f}"
