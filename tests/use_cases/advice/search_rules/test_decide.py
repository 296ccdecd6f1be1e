"""The six decisions, their order, and that each explains itself; what a person says about searching,
and where it counts.
"""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thoroughness import examples
from use_cases.advice.errors import SearchOverrideAlone, SearchOverrideConflict
from use_cases.advice.search_rules.decide import SearchPolicy, decide, read_override
from use_cases.advice.search_rules.verdict import (
    ActiveEntity,
    QueryClassification,
    SearchDecision,
    SearchOverride,
    SearchRules,
)
from use_cases.kernel.errors import InvalidInput

TODAY = date(2026, 3, 14)
FANTASY = SearchRules(fresh_words=("start or sit", "waiver", "questionable", "snap count"))
ACTIVE = SearchRules(active_entities=(ActiveEntity("Ann Smith", "listed as limited on Friday"),))
STALE = SearchRules(stale_entities=(ActiveEntity("Ann Smith", "last game loaded is of week 3"),))


@pytest.mark.parametrize(
    ("question", "decision"),
    [
        ("Is player X injured?", SearchDecision.MANDATORY),
        ("Who is the mayor of Springfield?", SearchDecision.MANDATORY),
        ("Who painted the ceiling?", SearchDecision.DEFAULT_NO),
        ("What are the rules of chess?", SearchDecision.DEFAULT_NO),
        ("Write a haiku about the latest spring.", SearchDecision.DEFAULT_NO),
        ("Translate this into French: the weather is nice today", SearchDecision.DEFAULT_NO),
        ("Summarise today's news.", SearchDecision.MANDATORY),
        ("hello", SearchDecision.DEFAULT_NO),
        ("", SearchDecision.DEFAULT_NO),
    ],
)
def test_the_rules_decide_by_the_text(question: str, decision: SearchDecision) -> None:
    verdict = decide(question, today=TODAY)
    assert verdict.system_rules_decision is verdict.final_decision is decision
    assert verdict.final_reasoning
    assert verdict.should_search is (decision is SearchDecision.MANDATORY)


def test_the_analysis_names_the_words() -> None:
    analysis = decide("Is player X injured?", today=TODAY).analysis
    assert analysis.is_time_sensitive
    assert analysis.time_sensitive_keywords == ("injured",)
    assert analysis.query_classification is QueryClassification.INTERROGATIVE


@pytest.mark.parametrize("question", ["A questionable one", "WAIVER targets", "His snap-count?"])
def test_words_of_the_profile_are_fresh(question: str) -> None:
    assert decide(question, today=TODAY).final_decision is SearchDecision.DEFAULT_NO
    assert decide(question, FANTASY, today=TODAY).final_decision is SearchDecision.MANDATORY


def test_an_active_entity_is_searched_for() -> None:
    verdict = decide("Ann Smith or Bo Jones", ACTIVE, today=TODAY)
    assert verdict.final_decision is SearchDecision.MANDATORY
    assert verdict.analysis.active_entity_reasons == ("Ann Smith: listed as limited on Friday",)
    assert verdict.wants_fresh_facts


def test_a_question_about_stale_data_is_searched_by_default() -> None:
    asked = decide("Which role suits Ann Smith better?", STALE, today=TODAY)
    assert asked.final_decision is SearchDecision.DEFAULT_YES
    assert asked.should_search
    told = decide("Ann Smith suits me.", STALE, today=TODAY)
    assert told.final_decision is SearchDecision.DEFAULT_NO
    dated = decide("What did Ann Smith score in 2019?", STALE, today=TODAY)
    assert dated.final_decision is SearchDecision.DEFAULT_NO


@pytest.mark.parametrize(
    ("rules", "policy"),
    [
        (SearchRules(search_allowed=False), SearchPolicy()),
        (SearchRules(), SearchPolicy(server_allows=False)),
        (SearchRules(), SearchPolicy(budget_spent=True)),
    ],
)
def test_a_policy_beats_the_wish_to_search(rules: SearchRules, policy: SearchPolicy) -> None:
    verdict = decide("/search who is the mayor?", rules, today=TODAY, policy=policy)
    assert verdict.query == "who is the mayor?"
    assert verdict.user_override is SearchOverride.YES
    assert verdict.system_rules_decision is SearchDecision.DISALLOWED
    assert verdict.final_decision is SearchDecision.DISALLOWED
    assert not verdict.should_search
    assert verdict.wants_fresh_facts


def test_a_wish_not_to_search_beats_everything_and_hides_nothing() -> None:
    verdict = decide("Is player X injured? /nosrch", today=TODAY)
    assert verdict.system_rules_decision is SearchDecision.MANDATORY
    assert verdict.final_decision is SearchDecision.USER_OVERRIDE_NO
    assert not verdict.should_search
    forbidden = decide("mayor? /nosrch", today=TODAY, policy=SearchPolicy(server_allows=False))
    assert forbidden.system_rules_decision is SearchDecision.DISALLOWED
    assert forbidden.final_decision is SearchDecision.USER_OVERRIDE_NO


def test_a_wish_to_search_is_followed() -> None:
    verdict = decide("Who painted the ceiling?", today=TODAY, override="/search")
    assert verdict.system_rules_decision is SearchDecision.DEFAULT_NO
    assert verdict.final_decision is SearchDecision.USER_OVERRIDE_YES
    assert verdict.should_search
    assert verdict.trace[0].rule == "override"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("is ann.smith+x@example.org current?", "e-mail address"),
        ("is ann@mail.x.example current?", "e-mail address"),
        ("is jörg@exämple.de current?", "e-mail address"),
        ("who owns +49 30 1234 5678 now", "phone number"),
        ("who owns (555) 010-9999 now", "phone number"),
        ("latest on 4111 1111 1111 1111", "payment card number"),
        ("latest on DE89 3704 0044 0532 0130 00", "bank account"),
        ("latest on de89370400440532013000", "bank account"),
        ("latest on BE68 5390 0754 7034 news", "bank account"),
        ("who has 078-05-1120 today", "social security number"),
        ("what is sk-abcdefghijklmnopqrstuv today", "key"),
        ("password: hunter2222 latest", "password"),
    ],
)
def test_private_data_stay_here_and_are_not_repeated(text: str, kind: str) -> None:
    verdict = decide(text, today=TODAY, override="/search")
    assert verdict.final_decision is SearchDecision.DISALLOWED
    found = next(rule for rule in verdict.trace if rule.rule == "private data")
    assert found.matched == kind


@pytest.mark.parametrize(
    "text",
    [
        "who won the 2010-2011 season",
        "what is 4111 1111 1111 1112",
        "follow @someone on the web",
        "is 1234567890 prime",
        "in the years 1990 2000 2010",
        "my password is long",
    ],
)
def test_ordinary_numbers_and_signs_are_not_private(text: str) -> None:
    rules = {rule.rule for rule in decide(text, today=TODAY).trace}
    assert "private data" not in rules


@settings(max_examples=examples(100))
@given(st.text(max_size=600), st.sampled_from([None, "/search", "/nosrch"]))
def test_any_text_gets_the_same_explained_decision_each_time(
    text: str, override: str | None
) -> None:
    try:
        verdict = decide(text, FANTASY, today=TODAY, override=override)
    except InvalidInput:
        assert "/search" in text.lower() or "/nosrch" in text.lower()
        return
    assert verdict.trace
    assert verdict == decide(text, FANTASY, today=TODAY, override=override)


@given(
    st.lists(
        st.sampled_from(
            [
                "who",
                "is",
                "the",
                "a",
                "last",
                "next",
                "how",
                "many",
                "has",
                "won",
                "2015",
                "/search",
                '"',
            ]
        ),
        max_size=40,
    )
)
def test_any_order_of_telling_words_is_decided(words: list[str]) -> None:
    try:
        assert decide(" ".join(words), today=TODAY).trace
    except InvalidInput:
        assert "/search" in words


@pytest.mark.parametrize(
    ("message", "question", "wish"),
    [
        ("/search who won?", "who won?", SearchOverride.YES),
        ("who won? /search", "who won?", SearchOverride.YES),
        ("/nosrch\nwho won?", "who won?", SearchOverride.NO),
        ("who won? /NoSrch  \n", "who won?", SearchOverride.NO),
        ("/SEARCH who won?", "who won?", SearchOverride.YES),
        ("/search /search who won? /search", "who won?", SearchOverride.YES),
        ("what does /search do?", "what does /search do?", None),
        ('"/search" is a word', '"/search" is a word', None),
        ('what is "/nosrch"', 'what is "/nosrch"', None),
        ("`/search`", "`/search`", None),
        ("> you wrote /search", "> you wrote /search", None),
        ("/searching for gold", "/searching for gold", None),
        ("see /nosrch.", "see /nosrch.", None),
        ("path/search", "path/search", None),
        ("  no override ", "  no override ", None),
        ("", "", None),
    ],
)
def test_only_a_bare_first_or_last_word_counts(
    message: str, question: str, wish: SearchOverride | None
) -> None:
    assert read_override(message) == (question, wish)


@pytest.mark.parametrize(
    ("message", "field", "wish"),
    [
        ("who won?", "/search", SearchOverride.YES),
        ("who won?", " /NOSRCH ", SearchOverride.NO),
        ("who won?", None, None),
        ("who won?", "  ", None),
        ("/search who won?", "/search", SearchOverride.YES),
    ],
)
def test_the_field_says_it_too(
    message: str, field: str | None, wish: SearchOverride | None
) -> None:
    assert read_override(message, field) == ("who won?", wish)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("/search who won?", "/nosrch"),
        ("/search who won? /nosrch", None),
        ("/search /nosrch who won?", None),
        ("who won? /search /nosrch", None),
        ("/search /nosrch", None),
    ],
)
def test_both_at_once_is_an_error(message: str, field: str | None) -> None:
    with pytest.raises(SearchOverrideConflict):
        read_override(message, field)


@pytest.mark.parametrize("message", ["/search", " /nosrch ", "/search /search"])
def test_an_override_needs_a_question(message: str) -> None:
    with pytest.raises(SearchOverrideAlone):
        read_override(message)


@pytest.mark.parametrize("field", ["search", "/no", "yes", "/search now"])
def test_an_unknown_field_is_refused_with_a_hint(field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_override("who won?", field)
    assert "/nosrch" in caught.value.hint
