"""Is one contestant better than another, over the tasks that both cleaned?

Promises: a task counts once, however many repeats it has; tasks are compared pair by pair, which shows
smaller differences than two averages with their intervals. Leaves to others: averages (`leaderboard.py`).
"""

from collections.abc import Mapping, Sequence

from use_cases.kernel.statistics.paired_comparison import (
    Bounds,
    Comparison,
    PairedItem,
    compare_variants,
)

TaskValues = Mapping[str, Sequence[float | None]]
"""The values of one metric for each repeat, by the id of the task; None where there is none."""


def compare_contestants(
    baseline: TaskValues,
    candidate: TaskValues,
    *,
    more_is_better: bool = True,
    bounds: Bounds | None = (0.0, 1.0),
) -> Comparison:
    """Compare the candidate with the baseline by one metric: the paired bootstrap over tasks.

    `bounds` are the metric's least and largest value, None where it has none. Where less is better, all
    values are negated, so that a difference above 0 is always for the better.
    """
    sign = 1 if more_is_better else -1
    if bounds and not more_is_better:
        bounds = -bounds[1], -bounds[0]
    items = [
        PairedItem(*(_signed(side[task], sign) for side in (baseline, candidate)))
        for task in baseline
        if task in candidate
    ]
    return compare_variants(items, bounds=bounds)


def _signed(values: Sequence[float | None], sign: int) -> tuple[float | None, ...]:
    return tuple(None if value is None else sign * value for value in values)
