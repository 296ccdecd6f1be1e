"""Which rows a report is about, and how many of each kind.

Promises: only right and wrong are forecasts; pending and void responses are counted and left out.
Leaves to others: the figures (`use_cases/advice/statistics`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from use_cases.advice.confidence.report_model import Counts, ReportWish, Which, Window
from use_cases.advice.model import OutcomeState, ResponseFilter, Scored
from use_cases.advice.profile import CERTAIN
from use_cases.kernel.model_names import full_name
from use_cases.kernel.statistics.forecasts import Forecast

_RESOLVED = (OutcomeState.RIGHT, OutcomeState.WRONG)


def wanted(wish: ReportWish, profile: str | None, since: datetime) -> ResponseFilter:
    """The responses a wish is about."""
    return ResponseFilter(
        since=since,
        profile=profile,
        model=full_name(wish.model) if wish.model else None,
        prompt_version=wish.prompt_version,
    )


def window(
    rows: Sequence[Scored], wish: ReportWish, days_back: int, now: datetime, *, recorded: int
) -> Window:
    """What the report is about; `recorded` counts its responses without a confidence, too."""
    return Window(
        days_back=days_back,
        since=now - timedelta(days=days_back),
        until=now,
        which=wish.which,
        counts=counts(rows),
        # One may be recorded while the rows are read.
        unsure=max(0, recorded - len(rows)),
    )


def counts(rows: Sequence[Scored]) -> Counts:
    """Rows by what became of them."""
    right = sum(row.outcome is OutcomeState.RIGHT for row in rows)
    wrong = sum(row.outcome is OutcomeState.WRONG for row in rows)
    void = sum(row.outcome is OutcomeState.VOID for row in rows)
    resolved = right + wrong
    return Counts(
        total=len(rows),
        resolved=resolved,
        right=right,
        wrong=wrong,
        void=void,
        pending=len(rows) - resolved - void,
        events=len({row.event_key or row.response_id for row in rows if row.outcome in _RESOLVED}),
        coverage=resolved / (len(rows) - void) if len(rows) > void else None,
    )


def forecasts(rows: Iterable[Scored], which: Which) -> list[Forecast]:
    """The resolved rows."""
    return [
        Forecast(
            confidence(row, which), row.outcome is OutcomeState.RIGHT, row.event_key, row.created_at
        )
        for row in rows
        if row.outcome in _RESOLVED
    ]


def confidence(row: Scored, which: Which) -> float:
    """What was shown, or what the model stated: 0 to 1."""
    return (row.stated if which is Which.STATED else row.calibrated) / CERTAIN
