"""The rows of a report, and their number by outcome.

Promises: only right and wrong are forecasts; pending and void responses are counted and left out.
Leaves to others: the figures (`use_cases/kernel/statistics`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from use_cases.advice.confidence.report_model import Counts, ReportRequest, Which, Window
from use_cases.advice.model import OutcomeState, ResponseFilter, Scored
from use_cases.kernel.model_names import full_name
from use_cases.kernel.statistics.forecasts import Forecast


def response_filter(request: ReportRequest, profile: str | None, since: datetime) -> ResponseFilter:
    """Return the filter of a request's responses."""
    return ResponseFilter(
        since=since,
        profile=profile,
        model=full_name(request.model) if request.model else None,
        prompt_version=request.prompt_version,
    )


def window(
    rows: Sequence[Scored], request: ReportRequest, days_back: int, now: datetime, *, recorded: int
) -> Window:
    """Return the window of the report; `recorded` counts its responses without a confidence, too."""
    return Window(
        days_back=days_back,
        since=now - timedelta(days=days_back),
        until=now,
        which=request.which,
        counts=counts(rows),
        # One may be recorded while the rows are read.
        unsure=max(0, recorded - len(rows)),
    )


def counts(rows: Sequence[Scored]) -> Counts:
    """Count rows by outcome."""
    right = sum(row.right for row in rows)
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
        events=len({row.event for row in rows if row.resolved}),
        coverage=resolved / (len(rows) - void) if len(rows) > void else None,
    )


def forecasts(rows: Iterable[Scored], which: Which) -> list[Forecast]:
    """Return the resolved rows as forecasts."""
    return [row.forecast(confidence(row, which)) for row in rows if row.resolved]


def confidence(row: Scored, which: Which) -> int:
    """Return the shown or the stated confidence in basis points."""
    return row.stated if which is Which.STATED else row.calibrated
