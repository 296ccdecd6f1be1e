"""The tool that compares the options of a decision by what is known of them beforehand.

Promises values straight from the tables, as a source that can be cited, and a chance for each
option that is fitted only to what was decided before the period in question. What cannot be
compared is a sentence to the model, and a notice to the reader where something is missing or
broken; never an error that ends the advice. Leaves the queries to `weighing`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic_ai import RunContext, ToolReturn

from use_cases.advice.comparison.option_values import (
    Asked,
    Hindrance,
    hindrances_of,
    statement,
    values_of,
    weighed,
)
from use_cases.advice.dependencies import AdviceDeps
from use_cases.advice.options import Compared, NotCompared
from use_cases.advice.profile import CERTAIN, ComparisonRule
from use_cases.advice.profiles.entities import suggestion
from use_cases.advice.profiles.queries import QueryTrouble, require_tables
from use_cases.advice.profiles.seasons import not_held
from use_cases.advice.profiles.tokens import folded
from use_cases.kernel.citations import source_text
from use_cases.kernel.model import Rows
from use_cases.kernel.text.markdown import rows_as_markdown

MOST_OPTIONS = 10

_LONGEST_NAME = 60


class _NothingToCompare(Exception):
    """There is nothing wrong, and nothing to compare either."""


async def compare_options(
    ctx: RunContext[AdviceDeps], options: list[str] | None = None, period: int | None = None
) -> ToolReturn[str]:
    """Compare options by what is known of them, and get the chance that each comes out ahead.

    Args:
        options: Names of the options; leave out to compare those that the question names.
        period: Number of the period (such as the week); leave out for the one in question.
    """
    deps = ctx.deps
    try:
        return await _compared(deps, options, deps.period if period is None else period)
    except _NothingToCompare as nothing:
        return _not_compared(deps, str(nothing))
    except QueryTrouble as trouble:
        _tell(deps, str(trouble))
        return _not_compared(deps, str(trouble))


def in_words(compared: Compared) -> str:
    """How often the better value came out ahead before, and what that makes of these options."""
    if not compared.cases:
        return "No pair was decided before, so no chance can be told."
    before = f" before {compared.when}" if compared.when else ""
    share = "; ".join(
        f"{option.option} {round(option.chance * 100 / CERTAIN)} in 100"
        for option in compared.options
        if option.chance is not None
    )
    return (
        f"Of {compared.cases:,} pairs decided{before}, the one with {compared.better} {compared.label} came out "
        f"ahead in {compared.won:,}. A curve fitted to them gives the chance to come out "
        f"ahead: {share}."
    )


async def _compared(
    deps: AdviceDeps, options: list[str] | None, period: int | None
) -> ToolReturn[str]:
    rule = await _rule(deps, period)
    names = await _names(deps, options)
    asked = Asked(deps.profile, rule, period, deps.today, deps.season.name)
    hindered = await _hindered(deps, asked, names)
    values, rows = await values_of(deps.data, asked, names, hindered)
    for name in (name for name, value in values.items() if value is None):
        _tell(deps, f"There are no {rule.label} of {name}{_in(asked.when)}.")
    _check(asked, values, hindered)
    try:
        compared = await weighed(deps.data, asked, values)
        # What is said of pairs decided before is of this source, too.
        rows = replace(rows, sql=statement(asked, names, hindered)) if compared.cases else rows
    except QueryTrouble as trouble:
        _tell(deps, str(trouble))
        compared = Compared(
            rule.label,
            asked.unweighed(values),
            0,
            None,
            period,
            when=asked.when,
            lower_wins=rule.lower_wins,
        )
    options_told = [
        replace(each, availability=hindered[each.option].reason)
        if each.option in hindered
        else each
        for each in compared.options
    ]
    return _cited(deps, replace(compared, options=options_told, frame=deps.frame), rows)


async def _hindered(
    deps: AdviceDeps, asked: Asked, names: Sequence[str]
) -> Mapping[str, Hindrance]:
    """What the tables know against the options' taking part, told to the reader."""
    try:
        hindered = await hindrances_of(deps.data, asked, names)
    except QueryTrouble as trouble:
        _tell(deps, str(trouble))
        return {}
    for name, hindrance in hindered.items():
        _tell(deps, f"{name}{_in(asked.when)}: {hindrance.reason}.")
    return hindered


def _check(
    asked: Asked, values: Mapping[str, float | None], hindered: Mapping[str, Hindrance]
) -> None:
    """Raises `_NothingToCompare` unless two options have a value, and the best one takes part."""
    known = {name: value for name, value in values.items() if value is not None}
    when = _in(asked.when)
    told = " ".join(f"{name}{when}: {each.reason}." for name, each in hindered.items())
    if len(known) < 2:
        single = "".join(f" {name} has {value:g}." for name, value in known.items())
        raise _NothingToCompare(
            f"Fewer than two of the options have {asked.rule.label}{when}: {', '.join(values)}."
            f"{single} {told}".rstrip()
        )
    absent = [name for name, each in hindered.items() if each.value is not None]
    if not set(known) - set(absent):
        raise _NothingToCompare(f"None of the options takes part{when}. {told}")
    best = asked.sorted(known)[0][1]
    if best not in {known[name] for name in set(known) - set(absent)}:
        raise _NothingToCompare(f"No option that takes part{when} promises anything. {told}")


async def _rule(deps: AdviceDeps, period: int | None) -> ComparisonRule:
    """How options are compared; raises when they cannot be."""
    profile = deps.profile
    if deps.season.missing:
        raise _NothingToCompare(deps.season.missing)
    if profile.comparison is None:
        raise _NothingToCompare(
            f"The profile {profile.profile_id} knows no figures by which options could be compared."
        )
    require_tables(profile, deps.tables)
    if profile.period is not None and period is None:
        word = profile.period.word
        held = f" The tables hold the season {deps.season.name}." if deps.season.name else ""
        raise _NothingToCompare(
            f"It is not clear which {word} this is about; name it, such as “{word} 5”.{held}"
        )
    # Where the model names another period than the question, the tables must hold that one.
    if profile.period is not None and period is not None and period != deps.period:
        missing = await not_held(profile.period, period, deps.data)
        if missing:
            raise _NothingToCompare(missing)
    return profile.comparison


async def _names(deps: AdviceDeps, options: list[str] | None) -> Sequence[str]:
    """The options as the tables name them, each once; raises when there are not two."""
    if options is None:
        found = [entity.name for entity in deps.named]
    else:
        found = [await _known_as(deps, option) for option in options[:MOST_OPTIONS]]
    names = list(dict.fromkeys(name for name in found if name is not None))[:MOST_OPTIONS]
    if len(names) < 2:
        named = f"only {names[0]} is" if names else "none is"
        told = f"A comparison needs two options that the tables know, and {named} named."
        # Among what was noticed is who could not be told from others of the same name.
        raise _NothingToCompare(" ".join([told, *deps.notices]))
    return names


async def _known_as(deps: AdviceDeps, option: str) -> str | None:
    for entity in deps.named:
        if folded(option) in (folded(entity.name), folded(entity.said)):
            return entity.name
    if deps.entities is None or deps.profile.entities is None:
        return option
    name = await deps.entities.known_as(deps.profile, option)
    if name is None:
        said = option[:_LONGEST_NAME]
        near = suggestion(await deps.entities.similar(deps.profile, option))
        _tell(deps, f"The tables know no {deps.profile.option_label} {said!r}, or several.{near}")
    return name


def _cited(deps: AdviceDeps, compared: Compared, rows: Rows) -> ToolReturn[str]:
    """Note what was compared; its rows become a source, where they come from a table."""
    text = deps.secrets.clean(f"{rows_as_markdown(rows)}\n\n{in_words(compared)}")
    if rows.tables:
        entry = deps.ledger.add_rows(rows, text)
        compared = replace(compared, number=entry.number)
        text = deps.secrets.clean(source_text.rows(entry))
    deps.compared.append(compared)
    return ToolReturn(text, metadata=compared)


def _not_compared(deps: AdviceDeps, reason: str) -> ToolReturn[str]:
    clean = deps.secrets.clean(reason)
    return ToolReturn(clean, metadata=NotCompared(clean))


def _tell(deps: AdviceDeps, notice: str) -> None:
    clean = deps.secrets.clean(notice)
    if clean not in deps.notices:
        deps.notices.append(clean)


def _in(when: str) -> str:
    return f" in {when}" if when else ""
