"""The text and JSON forms of replays."""

from collections.abc import Sequence

from backend.cli.confidence.report_view import report_json
from backend.cli.terminal import terminal
from use_cases.advice.backtest.replay import Figures, Replay
from use_cases.advice.tuning.tuning_report import TuningStatus
from use_cases.kernel.statistics.figures import Statistic


def show_replays(replays: Sequence[Replay]) -> None:
    """Show the scores of the test weeks, then for each adviser its tunings and its bands before and
    after.
    """
    first = replays[0]
    terminal.data(
        f"{first.cases:,} cases, {first.void:,} void (a tie, or one did not play); "
        f"learned from {first.trained.scores.n:,}, tried on {first.after.scores.n:,}\n"
    )
    rows = [_row(name, figures) for name, figures in _lines(replays)]
    rows += [
        (f"always {value:.0%}", "", f"{score:.4f}", "", "", "")
        for value, score in first.constants.items()
    ]
    header = ("ADVISER", "CONFIDENCE", "BRIER", "95% INTERVAL", "CAL. ERROR", "BY CHANCE")
    terminal.data(terminal.columns(header, rows))
    for replay in replays:
        terminal.data(f"\n{replay.adviser.value}: {_tunings(replay)}")
        terminal.data(terminal.columns(_BANDS, _bands(replay)))


def picture_title(replay: Replay) -> str:
    """Return the title of a replay's picture."""
    return f"Start or sit: the {replay.adviser.value} adviser, tuned"


def replays_json(replays: Sequence[Replay]) -> list[dict[str, object]]:
    """Return all figures of all replays."""
    return [
        {
            "adviser": replay.adviser.value,
            "cases": replay.cases,
            "void": replay.void,
            "pending": replay.pending,
            "constants": {str(value): score for value, score in replay.constants.items()},
            "trained": _figures_json(replay.trained),
            "before": _figures_json(replay.before),
            "after": _figures_json(replay.after),
            "tunings": [
                {
                    "before_week": each.before_period,
                    "status": each.result.status.value,
                    "outcomes": each.result.n,
                    "reasons": [reason.guard.value for reason in each.result.reasons],
                    "summary": each.result.summary,
                }
                for each in replay.tunings
            ],
        }
        for replay in replays
    ]


_BANDS = ("STATED", "N", "RIGHT", "SHOWN BEFORE", "SHOWN AFTER")


def _lines(replays: Sequence[Replay]) -> list[tuple[str, Figures]]:
    return [
        line
        for replay in replays
        for line in (
            (replay.adviser.value, replay.before),
            (f"{replay.adviser.value}, tuned", replay.after),
        )
    ]


def _row(name: str, figures: Figures) -> tuple[str, ...]:
    scores, errors = figures.scores, figures.calibration.errors
    between = (
        "" if scores.brier.interval is None else "{:.4f} to {:.4f}".format(*scores.brier.interval)
    )
    return (
        name,
        _share(scores.mean_probability),
        _value(scores.brier.value),
        between,
        _value(errors.ece),
        _value(errors.ece_expected),
    )


def _bands(replay: Replay) -> list[tuple[str, ...]]:
    """Return the share right at each stated confidence, and the shown confidence before and after."""
    return [
        (
            band.label,
            f"{band.n:,}",
            f"{band.rate:.1%}",
            f"{band.mean:.1%}",
            "" if after is None else f"{after:.1%}",
        )
        for band, after in zip(replay.before_bands, replay.mean_after, strict=True)
        if band.rate is not None and band.mean is not None
    ]


def _tunings(replay: Replay) -> str:
    applied = [
        each.before_period
        for each in replay.tunings
        if each.result.status is TuningStatus.TUNING_APPLIED
    ]
    tried = f"tuned {len(applied)} times of {len(replay.tunings)} tries"
    if applied:
        return f"{tried}, before week {', '.join(map(str, applied))}"
    last = replay.tunings[-1].result if replay.tunings else None
    reasons = " ".join(dict.fromkeys(each.detail for each in last.reasons)) if last else ""
    rate = _share(replay.trained.scores.rate)
    return f"{tried}. {reasons} Base rate of the training cases: {rate}."


def _figures_json(figures: Figures) -> dict[str, object]:
    return report_json(figures.scores, figures.calibration)


def _share(figure: Statistic) -> str:
    return "" if figure.value is None else f"{figure.value:.1%}"


def _value(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
