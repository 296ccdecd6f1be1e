"""The decision about a web search as JSON, with every rule that fired."""

from typing import Self

from pydantic import BaseModel, Field

from use_cases.advice.search_rules.verdict import (
    Decision,
    FiredRule,
    QueryClassification,
    SearchDecision,
    SearchOverride,
)


class PolicyPayload(BaseModel):
    """Both decisions: that of the rules, and the one that holds."""

    user_query: str
    conversation_context: str | None = None
    user_override: SearchOverride | None
    system_rules_decision: SearchDecision
    system_rules_reasoning: str
    final_decision: SearchDecision
    final_reasoning: str


class QueryAnalysis(BaseModel):
    """What the rules saw in the question."""

    is_time_sensitive: bool
    has_active_entities: bool
    time_sensitive_keywords: list[str]
    active_entity_reasons: list[str]
    query_classification: QueryClassification


class SearchDisciplineReply(BaseModel):
    """What would be done about a web search for this question, and why."""

    query: str = Field(description="As it was sent.")
    search_override: str | None = Field(description="As it was sent.")
    decision: SearchDecision
    reasoning: str
    should_search: bool
    policy_payload: PolicyPayload
    query_analysis: QueryAnalysis
    trace: list[FiredRule] = Field(description="Every rule that fired, in their order.")
    profile: str

    @classmethod
    def of(
        cls, decision: Decision, *, query: str, search_override: str | None, profile: str
    ) -> Self:
        """From a decision about this query."""
        seen = decision.analysis
        return cls(
            query=query,
            search_override=search_override,
            decision=decision.final_decision,
            reasoning=decision.final_reasoning,
            should_search=decision.should_search,
            policy_payload=PolicyPayload(
                user_query=decision.query,
                user_override=decision.user_override,
                system_rules_decision=decision.system_rules_decision,
                system_rules_reasoning=decision.system_rules_reasoning,
                final_decision=decision.final_decision,
                final_reasoning=decision.final_reasoning,
            ),
            query_analysis=QueryAnalysis(
                is_time_sensitive=seen.is_time_sensitive,
                has_active_entities=seen.has_active_entities,
                time_sensitive_keywords=list(seen.time_sensitive_keywords),
                active_entity_reasons=list(seen.active_entity_reasons),
                query_classification=seen.query_classification,
            ),
            trace=list(decision.trace),
            profile=profile,
        )
