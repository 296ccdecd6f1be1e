"""The evidence among recorded responses: resolved, settled for a day, one for each event.

Promises: only the raw score counts, never the one shown after an earlier tuning, so that a tuning
never learns from itself; every excluded response is counted under its reason. Leaves to others: the
analysis of the evidence (`guards.py`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from use_cases.advice.model import CalibrationVersion, OutcomeState, Scored
from use_cases.advice.tuning.tuning_report import Exclusion

FEWEST = 30
"""The fewest outcomes of a map. No more than common sense: evidence decides (`guards.py`)."""

SETTLED_AFTER = timedelta(days=1)
"""The least age of feedback, so that a correction of it comes first."""

NEW_OUTCOMES = 20
"""The fewest outcomes since the version in force: each test of the same outcomes is another chance
to be misled by them.
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows that count, oldest first, and the number of others, by reason."""

    rows: tuple[Scored, ...]
    excluded: dict[Exclusion, int]


def select_evidence(scored: Iterable[Scored], settled: datetime) -> Evidence:
    """Returns the rows that were right or wrong, by feedback given at `settled` or before."""
    excluded: Counter[Exclusion] = Counter()
    rows: list[Scored] = []
    for row in scored:
        reason = _excluded(row, settled)
        if reason is None:
            rows.append(row)
        else:
            excluded[reason] += 1
    rows.sort(key=lambda row: (row.created_at, row.response_id))
    return Evidence(tuple(rows), dict(excluded))


def one_per_event(rows: Sequence[Scored]) -> tuple[Scored, ...]:
    """Returns the first row of each event; rows are oldest first.

    The first one, because its user could not choose it: a repeated question may follow a
    displeasing answer or the end of the event.
    """
    first: dict[str, Scored] = {}
    for row in rows:
        first.setdefault(row.event, row)
    return tuple(first.values())


def new_since(rows: Iterable[Scored], version: CalibrationVersion | None) -> int | None:
    """Returns the number of outcomes, one per event, that no run up to the version in force could see;
    None without one.

    That run saw feedback up to `SETTLED_AFTER` before it; a rollback counts as a run, for otherwise
    the next tuning would undo it with the same outcomes.
    """
    if version is None:
        return None
    seen = version.created_at - SETTLED_AFTER
    new = [row for row in rows if row.feedback_at is not None and row.feedback_at > seen]
    return len(one_per_event(new))


def _excluded(row: Scored, settled: datetime) -> Exclusion | None:
    if row.outcome is OutcomeState.VOID:
        return Exclusion.VOID
    if not row.resolved:
        return Exclusion.PENDING
    if row.feedback_at is None:
        return Exclusion.UNDATED
    return Exclusion.RECENT if row.feedback_at > settled else None
