"""The values of options before a period, and the chances that follow from them.

Promises: one query for all values, written such that a person can run it again, and a fit to pairs
of before the period only. An option that does not take part (a bye) counts with the value that the
profile gives it. A query that fails or gives wrong rows is a `QueryTrouble`.

The chance that the option with the higher value comes out ahead is a function of the gap:
P(higher wins) = 1 / (1 + exp(-slope * gap)). No gap is even odds, and both options are treated
alike. A normal prior draws the slope towards 0, so that few pairs claim little, and the slope is
never negative: a measure that once pointed the wrong way is no evidence for its opposite.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, isfinite, sqrt

from use_cases.advice.model import Comparison, OptionValue
from use_cases.advice.profile import CERTAIN, ComparisonRule, Profile
from use_cases.advice.profiles.queries import QueryTrouble, ask, bare, inline_values
from use_cases.kernel.model import Rows, Scalar
from use_cases.kernel.ports import StructuredData
from use_cases.kernel.statistics.logistic_regression import LogisticLine, Point, Prior, fit_line

_PAST = ("gap", "cases", "higher_won")

PRIOR_DEVIATION = 0.5
"""The prior's standard deviation of the slope, for a gap of typical size (the root of the mean
square).
"""

_NO_GAP_COUNTS = LogisticLine(0.0, 0.0)
_PRIOR = Prior(_NO_GAP_COUNTS, 1 / PRIOR_DEVIATION**2)


@dataclass(frozen=True, slots=True)
class Decided:
    """`cases` decided pairs with this gap, of which the higher one won `higher_won` (half a tie)."""

    gap: float
    cases: float
    higher_won: float


def fit_slope(decided: Sequence[Decided]) -> float:
    """Returns the most probable slope per unit of the gap; 0 without a pair to learn from.

    Maximises sum(won * log p + (cases - won) * log(1 - p)) - (slope * scale)^2 / (2 * deviation^2),
    which has one maximum.
    """
    cases = sum(row.cases for row in decided)
    scale = sqrt(sum(row.cases * row.gap**2 for row in decided) / cases) if cases else 0.0
    if not scale:
        return 0.0
    points = [Point(row.gap / scale, row.cases, row.higher_won) for row in decided]
    fitted = fit_line(points, _NO_GAP_COUNTS, _PRIOR, keep_intercept=True)
    return max(0.0, fitted.line.slope) / scale if fitted else 0.0


def chances(values: Sequence[float], slope: float) -> Sequence[float]:
    """Returns each option's probability to come out ahead of all others (Bradley and Terry 1952, and
    Luce 1959 for more than two): exp(slope * value), in parts of their sum.
    """
    highest = max(values, default=0.0)
    weights = [exp(slope * (value - highest)) for value in values]
    return [weight / sum(weights) for weight in weights]


@dataclass(frozen=True, slots=True)
class ComparisonRequest:
    """The rule, period and day (YYYY-MM-DD) of a comparison.

    `season` names the season of the period; empty where that is not known.
    """

    profile: Profile
    rule: ComparisonRule
    period: int | None
    today: str
    season: str = ""

    @property
    def when(self) -> str:
        """The period in words, such as "week 10" or "week 10 of 2026"; empty without one."""
        rule = self.profile.period
        of = f" of {self.season}" if self.season else ""
        return f"{rule.word} {self.period}{of}" if rule and self.period is not None else ""

    @property
    def query_values(self) -> Mapping[str, Scalar]:
        """The values of the queries' parameters."""
        return {"period": self.period, "today": self.today}

    def without_chances(self, values: Mapping[str, float | None]) -> Sequence[OptionValue]:
        """Returns the options by their values alone, the best first."""
        return [OptionValue(name, value) for name, value in self.sorted(values)]

    def sorted(self, values: Mapping[str, float | None]) -> Sequence[tuple[str, float | None]]:
        """Returns the values, the best first, unknown ones last."""
        sign = 1 if self.rule.lower_wins else -1
        return sorted(values.items(), key=lambda item: (item[1] is None, sign * (item[1] or 0.0)))


@dataclass(frozen=True, slots=True)
class Hindrance:
    """The reason against an option's taking part; `value`, where there is one, replaces the
    option's own.
    """

    reason: str
    value: float | None = None


async def find_hindrances(
    data: StructuredData, request: ComparisonRequest, names: Sequence[str]
) -> Mapping[str, Hindrance]:
    """Returns the hindrances that the tables hold, by option; none for options without a row."""
    sql = request.rule.availability_sql
    found: dict[str, Hindrance] = {}
    part = "comparison.availability_sql"
    for name in names if sql is not None else ():
        rows = await ask(data, part, bare(sql or ""), {**request.query_values, "option": name})
        columns = [column.casefold() for column in rows.columns]
        if missing := [each for each in ("reason", "value") if each not in columns]:
            raise QueryTrouble(f"The profile's {part} gives no column `{missing[0]}`.")
        reason, value = columns.index("reason"), columns.index("value")
        values = [number for row in rows.rows if (number := _number(row[value], part)) is not None]
        reasons = dict.fromkeys(str(row[reason]) for row in rows.rows if row[reason])
        if reasons:
            found[name] = Hindrance("; ".join(reasons), min(values, default=None))
    return found


async def option_values(
    data: StructuredData,
    request: ComparisonRequest,
    names: Sequence[str],
    hindered: Mapping[str, Hindrance] | None = None,
) -> tuple[Mapping[str, float | None], Rows]:
    """Returns each option's value, None where there is none, and the rows of the query."""
    part = "comparison.value_sql"
    sql = f"WITH {_compared_sql(request, names, hindered)} SELECT * FROM compared"  # noqa: S608  (the profile's own)
    rows = await ask(data, part, sql)
    return {str(row[0]): _number(row[1], part) for row in rows.rows}, rows


def statement(
    request: ComparisonRequest,
    names: Sequence[str],
    hindered: Mapping[str, Hindrance] | None = None,
) -> str:
    """Returns one statement that gives the options' values, the number of earlier decided pairs, and
    the number that the higher one won: for people to run again.
    """
    past = inline_values(request.rule.past_sql, request.query_values)
    return (
        f"WITH {_compared_sql(request, names, hindered)},\ndecided_before AS ({past}\n) SELECT compared.*, "  # noqa: S608  (the profile's own)
        "(SELECT sum(cases) FROM decided_before) AS pairs_decided_before, "
        "(SELECT sum(higher_won) FROM decided_before) AS won_by_the_higher FROM compared"
    )


async def with_chances(
    data: StructuredData, request: ComparisonRequest, values: Mapping[str, float | None]
) -> Comparison:
    """Returns the options with their chances, the best first; without chances where no pair was
    decided.
    """
    decided = list(
        _decided_pairs(
            await ask(data, "comparison.past_sql", request.rule.past_sql, request.query_values)
        )
    )
    cases = round(sum(row.cases for row in decided))
    won = round(sum(row.higher_won for row in decided))
    known = {name: value for name, value in values.items() if value is not None}
    better = [-value if request.rule.lower_wins else value for value in known.values()]
    slope = fit_slope(_count_the_better(decided, request.rule))
    shares = chances(better, slope) if cases else ()
    chance = dict(zip(known, map(_to_basis_points, shares), strict=False))
    return Comparison(
        label=request.rule.label,
        options=[
            OptionValue(name, value, chance.get(name)) for name, value in request.sorted(values)
        ],
        cases=cases,
        period=request.period,
        higher_won=won,
        when=request.when,
        lower_wins=request.rule.lower_wins,
    )


def _compared_sql(
    request: ComparisonRequest, names: Sequence[str], hindered: Mapping[str, Hindrance] | None
) -> str:
    """Returns the options with their values and hindrances as a table expression."""
    columns = [request.profile.option_label, request.rule.label] + ["availability"] * bool(hindered)
    each = (
        f"SELECT {', '.join([_quote(name), *_cells(request, name, hindered or {})])}"
        for name in names
    )
    return f"compared ({', '.join(map(_quote_name, columns))}) AS ({' UNION ALL '.join(each)})"


def _cells(
    request: ComparisonRequest, name: str, hindered: Mapping[str, Hindrance]
) -> Sequence[str]:
    query_values = {**request.query_values, "option": name}
    value = f"({inline_values(request.rule.value_sql, query_values)}\n)"
    if not hindered:
        return (value,)
    if name not in hindered:
        return value, "NULL"
    against = f"({inline_values(request.rule.availability_sql or '', query_values)}\n)"
    return (
        f"coalesce((SELECT min(value) FROM {against}), {value})",  # noqa: S608  (the profile's own)
        f"(SELECT group_concat(DISTINCT reason) FROM {against})",  # noqa: S608
    )


def _decided_pairs(rows: Rows) -> Iterator[Decided]:
    part = "comparison.past_sql"
    columns = [column.casefold() for column in rows.columns]
    if missing := [name for name in _PAST if name not in columns]:
        raise QueryTrouble(f"The profile's {part} gives no column `{missing[0]}`.")
    if rows.truncated:
        raise QueryTrouble(
            f"The profile's {part} gives more than {len(rows.rows)} rows; let it group by a rounded gap."
        )
    places = [columns.index(name) for name in _PAST]
    for row in rows.rows:
        gap, cases, won = (_number(row[place], part) or 0.0 for place in places)
        if gap < 0 or not 0 <= won <= cases:
            raise QueryTrouble(
                f"The profile's {part} gives gap {gap:g} with {won:g} of {cases:g} cases won."
            )
        yield Decided(gap, cases, won)


def _count_the_better(decided: Sequence[Decided], rule: ComparisonRule) -> Sequence[Decided]:
    """Returns the pairs with the better one's wins in the place of the higher one's."""
    if not rule.lower_wins:
        return decided
    return [replace(row, higher_won=row.cases - row.higher_won) for row in decided]


def _number(value: Scalar, part: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, str) or not isfinite(value):
        raise QueryTrouble(f"The profile's {part} gives {value!r}, which is no number.")
    return float(value)


def _to_basis_points(chance: float) -> int:
    """Returns a chance in basis points, never certain: the curve does not cover every cause."""
    return min(CERTAIN - 1, max(1, round(chance * CERTAIN)))


def _quote(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _quote_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
