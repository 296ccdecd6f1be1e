"""The tool that compares the options of a decision by their values beforehand.

Promises: values come straight from the tables, as a source that can be cited, and each chance is
fitted only to pairs that were decided before the period in question. A comparison that is
impossible is a sentence to the model, and a notice to the reader where something is missing or
broken; it never ends the advice with an error. Leaves the queries to `option_values.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic_ai import RunContext, ToolReturn

from use_cases.advice.advice_deps import AdviceDeps
from use_cases.advice.comparison.option_values import (
    ComparisonRequest,
    Hindrance,
    find_hindrances,
    option_values,
    statement,
    with_chances,
)
from use_cases.advice.model import Comparison, NoComparison
from use_cases.advice.profile import ComparisonRule
from use_cases.advice.profiles.entities import suggestion
from use_cases.advice.profiles.queries import QueryTrouble, require_tables
from use_cases.advice.profiles.question_period import missing_period
from use_cases.advice.profiles.tokens import fold_words
from use_cases.kernel.citations import source_text
from use_cases.kernel.citations.source_text import rows_as_markdown
from use_cases.kernel.model import Rows

MOST_OPTIONS = 10

_LONGEST_NAME = 60


class _NothingToCompare(Exception):
    """There is no fault, and nothing to compare either."""


async def compare_options(
    ctx: RunContext[AdviceDeps], options: list[str] | None = None, period: int | None = None
) -> ToolReturn[str]:
    """Compare options by what is known of them, and get the chance that each comes out ahead.

    Args:
        options: Names of the options; leave out to compare those that the question names.
        period: Number of the period (such as the week); leave out for the one in question.
    """
    deps = ctx.deps
    comparison = _compare(deps, options, deps.period if period is None else period)
    try:
        async with deps.ledger.in_order(comparison) as (compared, rows):
            return _cite(deps, compared, rows)
    except _NothingToCompare as nothing:
        return _no_comparison(deps, str(nothing))
    except QueryTrouble as trouble:
        _add_notice(deps, str(trouble))
        return _no_comparison(deps, str(trouble))


async def _compare(
    deps: AdviceDeps, options: list[str] | None, period: int | None
) -> tuple[Comparison, Rows]:
    rule = _rule(deps)
    names = await _names(deps, options)
    await _check_period(deps, period)
    request = ComparisonRequest(deps.profile, rule, period, deps.today, deps.season.name)
    hindered = await _report_hindrances(deps, request, names)
    values, rows = await option_values(deps.data, request, names, hindered)
    for name in (name for name, value in values.items() if value is None):
        _add_notice(deps, f"There are no {rule.label} of {name}{_in(request.when)}.")
    _check(request, values, hindered)
    try:
        compared = await with_chances(deps.data, request, values)
        # The sentence on earlier decided pairs has this source, too.
        rows = replace(rows, sql=statement(request, names, hindered)) if compared.cases else rows
    except QueryTrouble as trouble:
        _add_notice(deps, str(trouble))
        compared = Comparison(
            rule.label,
            request.without_chances(values),
            0,
            None,
            period,
            when=request.when,
            lower_wins=rule.lower_wins,
        )
    described = [
        replace(each, availability=hindered[each.option].reason)
        if each.option in hindered
        else each
        for each in compared.options
    ]
    return replace(compared, options=described, frame=deps.frame), rows


async def _report_hindrances(
    deps: AdviceDeps, request: ComparisonRequest, names: Sequence[str]
) -> Mapping[str, Hindrance]:
    """Returns the options' hindrances, and adds a notice on each for the reader."""
    try:
        hindered = await find_hindrances(deps.data, request, names)
    except QueryTrouble as trouble:
        _add_notice(deps, str(trouble))
        return {}
    for name, hindrance in hindered.items():
        _add_notice(deps, f"{name}{_in(request.when)}: {hindrance.reason}.")
    return hindered


def _check(
    request: ComparisonRequest,
    values: Mapping[str, float | None],
    hindered: Mapping[str, Hindrance],
) -> None:
    """Raises `_NothingToCompare` unless two options have a value, and the best one takes part."""
    known = {name: value for name, value in values.items() if value is not None}
    when = _in(request.when)
    reasons = " ".join(f"{name}{when}: {each.reason}." for name, each in hindered.items())
    if len(known) < 2:
        single = "".join(f" {name} has {value:g}." for name, value in known.items())
        raise _NothingToCompare(
            f"Fewer than two of the options have {request.rule.label}{when}: {', '.join(values)}."
            f"{single} {reasons}".rstrip()
        )
    absent = [name for name, each in hindered.items() if each.value is not None]
    if not set(known) - set(absent):
        raise _NothingToCompare(f"None of the options takes part{when}. {reasons}")
    best = request.sorted(known)[0][1]
    if best not in {known[name] for name in set(known) - set(absent)}:
        raise _NothingToCompare(f"No option that takes part{when} promises anything. {reasons}")


def _rule(deps: AdviceDeps) -> ComparisonRule:
    """Returns the comparison rule; raises when no options can be compared."""
    profile = deps.profile
    if profile.comparison is None:
        raise _NothingToCompare(
            f"The profile {profile.profile_id} knows no figures by which options could be compared."
        )
    require_tables(profile, deps.tables)
    return profile.comparison


async def _check_period(deps: AdviceDeps, period: int | None) -> None:
    """Raises `_NothingToCompare` for a period that is unknown, or not in the tables."""
    rule = deps.profile.period
    if deps.season.missing:
        raise _NothingToCompare(deps.season.missing)
    if rule is not None and period is None:
        word = rule.word
        held = f" The tables hold the season {deps.season.name}." if deps.season.name else ""
        raise _NothingToCompare(
            f"It is not clear which {word} this is about; name it, such as “{word} 5”.{held}"
        )
    # Where the model names another period than the question, the tables must hold that one.
    if rule is not None and period is not None and period != deps.period:
        missing = await missing_period(rule, period, deps.data)
        if missing:
            raise _NothingToCompare(missing)


async def _names(deps: AdviceDeps, options: list[str] | None) -> Sequence[str]:
    """Returns the options by their names in the tables, each once; raises when there are not two."""
    if options is None:
        found = [entity.name for entity in deps.named]
    else:
        found = [await _resolve(deps, option) for option in options[:MOST_OPTIONS]]
    names = list(dict.fromkeys(name for name in found if name is not None))[:MOST_OPTIONS]
    if len(names) < 2:
        named = f"only {names[0]} is" if names else "none is"
        reasons = f"A comparison needs two options that the tables know, and {named} named."
        # The notices include names that are ambiguous.
        raise _NothingToCompare(" ".join([reasons, *deps.notices]))
    return names


async def _resolve(deps: AdviceDeps, option: str) -> str | None:
    for entity in deps.named:
        if fold_words(option) in (fold_words(entity.name), fold_words(entity.said)):
            return entity.name
    if deps.entities is None or deps.profile.entities is None:
        return option
    name = await deps.entities.resolve(deps.profile, option)
    if name is None:
        said = option[:_LONGEST_NAME]
        near = suggestion(await deps.entities.similar(deps.profile, option))
        _add_notice(
            deps, f"The tables know no {deps.profile.option_label} {said!r}, or several.{near}"
        )
    return name


def _cite(deps: AdviceDeps, compared: Comparison, rows: Rows) -> ToolReturn[str]:
    """Records the comparison; its rows become a source, where they come from a table."""
    text = deps.secrets.clean(f"{rows_as_markdown(rows)}\n\n{'. '.join(compared.statements)}.")
    if rows.tables:
        entry = deps.ledger.add_rows(rows, text)
        compared = replace(compared, number=entry.number)
        text = deps.secrets.clean(source_text.rows(entry))
    deps.compared.append(compared)
    return ToolReturn(text, metadata=compared)


def _no_comparison(deps: AdviceDeps, reason: str) -> ToolReturn[str]:
    clean = deps.secrets.clean(reason)
    return ToolReturn(clean, metadata=NoComparison(clean))


def _add_notice(deps: AdviceDeps, notice: str) -> None:
    clean = deps.secrets.clean(notice)
    if clean not in deps.notices:
        deps.notices.append(clean)


def _in(when: str) -> str:
    return f" in {when}" if when else ""
