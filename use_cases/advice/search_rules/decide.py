"""Decides about a web search for a question: one pure function, six decisions, a trace of every reason.

The order, first match wins: 1 what the person said (`read_override`); 2 policy, which a wish to
search does not beat; 3 the answer goes stale, or something named is in motion; 4 facts that last
and tasks that need none; 5 a question about something known here with stale data; 6 no. Both the
rules' decision and the final one are reported. No I/O, no clock: today's date is given.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from use_cases.advice.errors import SearchOverrideAlone, SearchOverrideConflict
from use_cases.advice.search_rules.freshness import FreshnessReading, Sentence, read_sentence, weigh
from use_cases.advice.search_rules.privacy import private_data
from use_cases.advice.search_rules.verdict import (
    ActiveEntity,
    FiredRule,
    QueryAnalysis,
    QueryClassification,
    SearchDecision,
    SearchOverride,
    SearchRules,
    SearchVerdict,
)
from use_cases.kernel.errors import InvalidInput

NO_RULES = SearchRules()
"""Only the general rules of language."""


@dataclass(frozen=True, slots=True)
class SearchPolicy:
    """The server's bounds at this moment, beside the profile."""

    server_allows: bool = True
    """False: web search is switched off for everyone."""
    budget_spent: bool = False
    """True: there is no search left for this caller or period."""


OPEN_POLICY = SearchPolicy()
"""Searching is allowed."""

_WORD = "|".join(override.value for override in SearchOverride)
_FIRST = re.compile(rf"\A(?:\s*(?:{_WORD})(?=\s|\Z))+\s*", re.IGNORECASE)
# Applied to the reversed text: a search for the end of a text from each of its places is quadratic.
_LAST = re.compile(rf"\A(?:\s*(?:{_WORD[::-1]})(?=\s|\Z))+\s*", re.IGNORECASE)


def decide(
    query: str,
    rules: SearchRules = NO_RULES,
    *,
    today: date,
    override: str | None = None,
    policy: SearchPolicy = OPEN_POLICY,
) -> SearchVerdict:
    """Decides about one message.

    `override` is the request's field: `/search`, `/nosrch` or none. Raises
    `SearchOverrideConflict`, `SearchOverrideAlone` or `InvalidInput` for overrides that cannot be
    understood, and nothing else, whatever the text.
    """
    bare, wish = read_override(query, override)
    sentence = read_sentence(bare)
    freshness = weigh(sentence, today, rules.fresh_words)
    system, why, trace = _by_rules(bare, sentence, freshness, rules, policy)
    final, final_why = _with_wish(system, why, wish)
    return SearchVerdict(
        query=bare,
        user_override=wish,
        system_rules_decision=system,
        system_rules_reasoning=why,
        final_decision=final,
        final_reasoning=final_why,
        analysis=_analysis(sentence, freshness, rules),
        trace=(*_wished(wish), *trace),
    )


def read_override(query: str, field: str | None = None) -> tuple[str, SearchOverride | None]:
    """Returns the query without its override words, and what the person wants.

    In a message only the first and the last word count, as they stand, in any case; a word in quotes,
    in the middle, or on a quoted line (`> …`) is text. A message with both is refused: a guess would
    be wrong half of the time.

    Raises `SearchOverrideConflict` when both are said, `SearchOverrideAlone` when nothing else is,
    `InvalidInput` for a field that is neither. A blank field is none.
    """
    wanted = set[SearchOverride]()
    if field is not None and field.strip():
        wanted.add(_of_field(field))
    rest, said = _strip(query)
    wanted |= said
    if len(wanted) > 1:
        raise SearchOverrideConflict(
            "The request says both /search and /nosrch; it is not known which one is meant."
        )
    if said and not rest:
        raise SearchOverrideAlone("The message holds a search override and no question.")
    return rest, next(iter(wanted), None)


def _by_rules(
    query: str,
    sentence: Sentence,
    freshness: FreshnessReading,
    rules: SearchRules,
    policy: SearchPolicy,
) -> tuple[SearchDecision, str, Sequence[FiredRule]]:
    seen = (*_in_motion(rules.active_entities, "active entity"), *freshness.fired)
    forbidden = _forbidden(query, rules, policy)
    if forbidden:
        why = " ".join(dict.fromkeys(rule.reason for rule in forbidden))
        return SearchDecision.DISALLOWED, why, (*forbidden, *seen)
    if rules.active_entities or freshness.is_time_sensitive:
        return SearchDecision.MANDATORY, _why_mandatory(rules.active_entities, freshness), seen
    if freshness.objections:
        lasting = freshness.objections[0]
        return SearchDecision.DEFAULT_NO, f'{lasting.reason} ("{lasting.matched}")', seen
    stale = tuple(_in_motion(rules.stale_entities, "stale data"))
    if stale and sentence.classification is QueryClassification.INTERROGATIVE:
        names = ", ".join(rule.matched for rule in stale)
        why = f"The question is about something known here whose data are stale: {names}."
        return SearchDecision.DEFAULT_YES, why, (*seen, *stale)
    nothing = FiredRule("nothing fresh", "", "Nothing in the text asks for fresh facts.")
    return SearchDecision.DEFAULT_NO, nothing.reason, (*seen, *stale, nothing)


def _forbidden(query: str, rules: SearchRules, policy: SearchPolicy) -> tuple[FiredRule, ...]:
    stated = (
        (policy.server_allows, "server policy", "Web search is switched off on this server."),
        (rules.search_allowed, "profile policy", "The profile does not search the web."),
        (not policy.budget_spent, "budget", "The budget for web searches is spent."),
    )
    policies = (FiredRule(rule, "", reason) for allowed, rule, reason in stated if not allowed)
    return (*policies, *private_data(query))


def _why_mandatory(active: Sequence[ActiveEntity], freshness: FreshnessReading) -> str:
    said = list[str]()
    if freshness.is_time_sensitive:
        words = ", ".join(f'"{word}"' for word in _keywords(freshness))
        said.append(f"{freshness.reasons[0].reason} ({words})")
    said += [f"{entity.name}: {entity.reason}" for entity in active]
    return " ".join(said)


def _with_wish(
    system: SearchDecision, why: str, wish: SearchOverride | None
) -> tuple[SearchDecision, str]:
    if wish is SearchOverride.NO:
        return SearchDecision.USER_OVERRIDE_NO, "The person asked not to search (/nosrch)."
    if wish is None:
        return system, why
    if system is SearchDecision.DISALLOWED:
        return system, f"The person asked to search (/search), which a policy forbids. {why}"
    return SearchDecision.USER_OVERRIDE_YES, "The person asked to search (/search)."


def _analysis(sentence: Sentence, freshness: FreshnessReading, rules: SearchRules) -> QueryAnalysis:
    return QueryAnalysis(
        is_time_sensitive=freshness.is_time_sensitive,
        has_active_entities=bool(rules.active_entities),
        time_sensitive_keywords=_keywords(freshness) if freshness.is_time_sensitive else (),
        active_entity_reasons=tuple(f"{e.name}: {e.reason}" for e in rules.active_entities),
        query_classification=sentence.classification,
    )


def _keywords(freshness: FreshnessReading) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule.matched for rule in freshness.reasons if rule.matched))


def _wished(wish: SearchOverride | None) -> tuple[FiredRule, ...]:
    if wish is None:
        return ()
    return (FiredRule("override", wish.value, "The person said whether to search."),)


def _in_motion(entities: Sequence[ActiveEntity], rule: str) -> tuple[FiredRule, ...]:
    return tuple(FiredRule(rule, entity.name, entity.reason) for entity in entities)


def _of_field(field: str) -> SearchOverride:
    try:
        return SearchOverride(field.strip().lower())
    except ValueError:
        raise InvalidInput(
            f"{field.strip()[:40]!r} is no search override.",
            hint="Send /search to search, /nosrch not to, or leave the field out.",
        ) from None


def _strip(query: str) -> tuple[str, set[SearchOverride]]:
    """Returns the query without override words, and those. Repeated ones go too: none may reach the model."""
    said = ""
    if first := _FIRST.match(query):
        said, query = first[0], query[first.end() :]
    if not _is_quoted(query) and (last := _LAST.match(query[::-1])):
        cut = len(query) - last.end()
        said, query = f"{said} {query[cut:]}", query[:cut]
    return query, {SearchOverride(word) for word in said.lower().split()}


def _is_quoted(query: str) -> bool:
    return query.rstrip().rpartition("\n")[2].lstrip().startswith(">")
