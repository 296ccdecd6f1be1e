"""The types of the search discipline: decisions, rules a profile adds, fired rules, the verdict.

Plain values without behaviour, except what follows from a value alone. The decision is left to
`decide.py`; the response of `POST /search-discipline` is made of a `SearchVerdict`.
"""

from dataclasses import dataclass
from enum import StrEnum


class SearchDecision(StrEnum):
    """The decision about a web search."""

    MANDATORY = "MANDATORY"
    """The answer goes stale, or the question is about something in motion: search."""
    DISALLOWED = "DISALLOWED"
    """A policy forbids it (server, profile, budget, private data): no search, wish or not."""
    USER_OVERRIDE_NO = "USER_OVERRIDE_NO"
    """The person said `/nosrch`."""
    USER_OVERRIDE_YES = "USER_OVERRIDE_YES"
    """The person said `/search`."""
    DEFAULT_NO = "DEFAULT_NO"
    """Nothing asks for a search."""
    DEFAULT_YES = "DEFAULT_YES"
    """A question about something that the tables know, but not of late."""

    @property
    def searches(self) -> bool:
        """True if this decision allows a web search."""
        return self in _SEARCHING


_SEARCHING = frozenset(
    {SearchDecision.MANDATORY, SearchDecision.USER_OVERRIDE_YES, SearchDecision.DEFAULT_YES}
)


class SearchOverride(StrEnum):
    """The person's wish about searching, in a field or as the message's first or last word."""

    NO = "/nosrch"
    YES = "/search"


class QueryClassification(StrEnum):
    """The form of a text."""

    INTERROGATIVE = "interrogative"
    IMPERATIVE = "imperative"
    DECLARATIVE = "declarative"


@dataclass(frozen=True, slots=True)
class ActiveEntity:
    """An entity named in the question, and why it counts (`listed as questionable today`)."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class SearchRules:
    """The rules that a domain profile adds. Tuples, so that equal rules are one key."""

    fresh_words: tuple[str, ...] = ()
    """Words and phrases of the domain whose answer goes stale, such as `waiver`; matched whole,
    in any case, with spaces and hyphens alike."""
    active_entities: tuple[ActiveEntity, ...] = ()
    """Entities found in the question about which something is happening: MANDATORY."""
    stale_entities: tuple[ActiveEntity, ...] = ()
    """Entities found in the question that the tables know, but not of late: DEFAULT_YES for a
    question."""
    search_allowed: bool = True
    """False: the profile never searches."""


@dataclass(frozen=True, slots=True)
class FiredRule:
    """One rule that applied, with the words that made it apply."""

    rule: str
    matched: str
    """The words as they stand in the question, lower-cased; for private data its kind only."""
    reason: str
    """One sentence."""
    weight: int = 0
    """How much it speaks for (positive) or against (negative) freshness; 0 for rules that decide
    by themselves."""


@dataclass(frozen=True, slots=True)
class QueryAnalysis:
    """The findings of the rules in the question, whatever was decided."""

    is_time_sensitive: bool
    has_active_entities: bool
    time_sensitive_keywords: tuple[str, ...]
    active_entity_reasons: tuple[str, ...]
    query_classification: QueryClassification


@dataclass(frozen=True, slots=True)
class SearchVerdict:
    """The verdict: what the rules say, what holds in the end, and why."""

    query: str
    """The question without its override word: what a model may see."""
    user_override: SearchOverride | None
    system_rules_decision: SearchDecision
    system_rules_reasoning: str
    final_decision: SearchDecision
    final_reasoning: str
    analysis: QueryAnalysis
    trace: tuple[FiredRule, ...]
    """Every rule that fired, in the order of the decision; never empty."""

    @property
    def should_search(self) -> bool:
        """True if the web is to be searched."""
        return self.final_decision.searches

    @property
    def wants_fresh_facts(self) -> bool:
        """True if the answer goes stale, searched or not: unsearched, its freshness is unverified."""
        return self.analysis.is_time_sensitive or self.analysis.has_active_entities
