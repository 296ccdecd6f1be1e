"""What the tables know of options before a period, and the chances that follow from it.

Promises one query for all values, written such that a person can run it again, and a fit that sees
only pairs of before the period. An option that does not take part (a bye) counts with the value that
the profile gives it. A query that fails or gives what it must not is a `QueryTrouble`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

from use_cases.advice.comparison.chance_curve import Decided, chances, fit_slope
from use_cases.advice.options import Compared, Valued
from use_cases.advice.profile import CERTAIN, ComparisonRule, Profile
from use_cases.advice.profiles.queries import QueryTrouble, ask, bare, written_out
from use_cases.kernel.model import Rows, Scalar
from use_cases.kernel.ports import StructuredData

_PAST = ("gap", "cases", "higher_won")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared: by which rule, in which period, as of which day (YYYY-MM-DD).

    `season` names the season that the period is of; empty where that is not known.
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
    def given(self) -> Mapping[str, Scalar]:
        """The values of the queries' names."""
        return {"period": self.period, "today": self.today}

    def unweighed(self, values: Mapping[str, float | None]) -> Sequence[Valued]:
        """The options by their values alone, the best first."""
        return [Valued(name, value) for name, value in self.sorted(values)]

    def sorted(self, values: Mapping[str, float | None]) -> Sequence[tuple[str, float | None]]:
        """The values, the best first, unknown ones last."""
        sign = 1 if self.rule.lower_wins else -1
        return sorted(values.items(), key=lambda item: (item[1] is None, sign * (item[1] or 0.0)))


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What speaks against an option's taking part, in words; `value`, where there is one, counts in
    the place of the option's own.
    """

    reason: str
    value: float | None = None


async def hindrances_of(
    data: StructuredData, asked: Asked, names: Sequence[str]
) -> Mapping[str, Hindrance]:
    """What the tables know against each option's taking part; nothing for those without a row."""
    sql = asked.rule.availability_sql
    found: dict[str, Hindrance] = {}
    part = "comparison.availability_sql"
    for name in names if sql is not None else ():
        rows = await ask(data, part, bare(sql or ""), {**asked.given, "option": name})
        columns = [column.casefold() for column in rows.columns]
        if missing := [each for each in ("reason", "value") if each not in columns]:
            raise QueryTrouble(f"The profile's {part} gives no column `{missing[0]}`.")
        reason, value = columns.index("reason"), columns.index("value")
        values = [number for row in rows.rows if (number := _number(row[value], part)) is not None]
        reasons = dict.fromkeys(str(row[reason]) for row in rows.rows if row[reason])
        if reasons:
            found[name] = Hindrance("; ".join(reasons), min(values, default=None))
    return found


async def values_of(
    data: StructuredData,
    asked: Asked,
    names: Sequence[str],
    hindered: Mapping[str, Hindrance] | None = None,
) -> tuple[Mapping[str, float | None], Rows]:
    """Each option's value, None where there is none, and the rows that say so."""
    part = "comparison.value_sql"
    sql = f"WITH {_compared(asked, names, hindered)} SELECT * FROM compared"  # noqa: S608  (the profile's own)
    rows = await ask(data, part, sql)
    return {str(row[0]): _number(row[1], part) for row in rows.rows}, rows


def statement(
    asked: Asked, names: Sequence[str], hindered: Mapping[str, Hindrance] | None = None
) -> str:
    """One statement that gives the options' values and how many pairs were decided before, of which
    the higher won how many: for people to run again.
    """
    past = written_out(asked.rule.past_sql, asked.given)
    return (
        f"WITH {_compared(asked, names, hindered)},\ndecided_before AS ({past}\n) SELECT compared.*, "  # noqa: S608  (the profile's own)
        "(SELECT sum(cases) FROM decided_before) AS pairs_decided_before, "
        "(SELECT sum(higher_won) FROM decided_before) AS won_by_the_higher FROM compared"
    )


async def weighed(
    data: StructuredData, asked: Asked, values: Mapping[str, float | None]
) -> Compared:
    """The options with their chances, the best first; without chances where no pair was decided."""
    decided = list(
        _decided(await ask(data, "comparison.past_sql", asked.rule.past_sql, asked.given))
    )
    cases = round(sum(row.cases for row in decided))
    won = round(sum(row.higher_won for row in decided))
    known = {name: value for name, value in values.items() if value is not None}
    better = [-value if asked.rule.lower_wins else value for value in known.values()]
    slope = fit_slope(_by_the_better(decided, asked.rule))
    shares = chances(better, slope) if cases else ()
    chance = dict(zip(known, map(_basis_points, shares), strict=False))
    return Compared(
        label=asked.rule.label,
        options=[Valued(name, value, chance.get(name)) for name, value in asked.sorted(values)],
        cases=cases,
        period=asked.period,
        higher_won=won,
        when=asked.when,
        lower_wins=asked.rule.lower_wins,
    )


def _compared(asked: Asked, names: Sequence[str], hindered: Mapping[str, Hindrance] | None) -> str:
    """The options with their values as a table expression, and why one may not take part."""
    columns = [asked.profile.option_label, asked.rule.label] + ["availability"] * bool(hindered)
    each = (
        f"SELECT {', '.join([_text(name), *_cells(asked, name, hindered or {})])}" for name in names
    )
    return f"compared ({', '.join(map(_name, columns))}) AS ({' UNION ALL '.join(each)})"


def _cells(asked: Asked, name: str, hindered: Mapping[str, Hindrance]) -> Sequence[str]:
    given = {**asked.given, "option": name}
    value = f"({written_out(asked.rule.value_sql, given)}\n)"
    if not hindered:
        return (value,)
    if name not in hindered:
        return value, "NULL"
    against = f"({written_out(asked.rule.availability_sql or '', given)}\n)"
    return (
        f"coalesce((SELECT min(value) FROM {against}), {value})",  # noqa: S608  (the profile's own)
        f"(SELECT group_concat(DISTINCT reason) FROM {against})",  # noqa: S608
    )


def _decided(rows: Rows) -> Iterator[Decided]:
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


def _by_the_better(decided: Sequence[Decided], rule: ComparisonRule) -> Sequence[Decided]:
    """The pairs with what the better one won in the place of what the higher one won."""
    if not rule.lower_wins:
        return decided
    return [replace(row, higher_won=row.cases - row.higher_won) for row in decided]


def _number(value: Scalar, part: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, str) or not isfinite(value):
        raise QueryTrouble(f"The profile's {part} gives {value!r}, which is no number.")
    return float(value)


def _basis_points(chance: float) -> int:
    """Never certain: that a curve knows of nothing else does not mean that there is nothing."""
    return min(CERTAIN - 1, max(1, round(chance * CERTAIN)))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
