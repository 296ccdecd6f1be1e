"""What changes is told from what lasts by language alone."""

import re
from datetime import date
from pathlib import Path

import pytest

from use_cases.advice.search_rules.freshness import (
    FreshnessReading,
    Tense,
    read_sentence,
    text_rules,
    weigh,
)
from use_cases.kernel.text.rules import words_of

TODAY = date(2026, 3, 14)
QUESTIONS = Path(__file__).parent / "questions"


def fresh(question: str, *words: str) -> FreshnessReading:
    return weigh(read_sentence(question), TODAY, words)


@pytest.mark.parametrize(
    ("collection", "recall", "precision"),
    [
        ("plain", 0.99, 0.99),
        ("misleading", 0.94, 0.96),
        ("constructions", 0.7, 0.93),
        ("in_other_words", 0.85, 0.95),
    ],
)
def test_our_own_questions_are_told_apart(collection: str, recall: float, precision: float) -> None:
    text = (QUESTIONS / f"{collection}.txt").read_text()
    _, fast, never = [part.splitlines()[1:] for part in text.strip().split("\n\n# ")]
    found = [question for question in fast if fresh(question).is_time_sensitive]
    false = [question for question in never if fresh(question).is_time_sensitive]
    assert len(found) / len(fast) >= recall, set(fast) - set(found)
    assert len(found) / (len(found) + len(false)) >= precision, false


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        ("What is playing today?", "now"),
        ("How many points do they have in the table?", "count of what comes and goes"),
        ("What won at the last Berlin film festival?", "last of a series"),
        ("the latest phone", "current"),
        ("events this weekend", "this span of time"),
        ("Who scored two days ago?", "last or next span of time"),
        ("When did they last win?", "last of a series"),
        ("When is the next eclipse?", "next of a series"),
        ("How old is the actor who was in it?", "age"),
        ("How many days until Easter?", "countdown"),
        ("Who will succeed her?", "future"),
        ("How many goals has she scored?", "perfect tense"),
        ("Who is the wealthiest man in Spain?", "record or superlative"),
        ("What is the price of milk?", "amount"),
        ("Who won the championship?", "winner without a year"),
        ("Which club does she play for?", "tie between people or firms"),
        ("What happened in 2026?", "year"),
        ("the season 2025-26", "year"),
    ],
)
def test_each_class_of_change_is_heard(question: str, rule: str) -> None:
    reading = fresh(question)
    assert reading.is_time_sensitive
    assert rule in {reason.rule for reason in reading.reasons}


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        ("Who won the championship in 2015?", "past year"),
        ("What were the first top 10 songs in 2020?", "past year"),
        ("the season 2015-16", "past year"),
        ("What was the latest phone in 2019?", "past year"),
        ("Who was the first woman to win?", "first of its kind"),
        ("Who was the mayor?", "past tense"),
        ("What is the tallest mountain?", "nature or history"),
        ("What is the most popular song of the 1990s?", "dated past"),
        ("Who is the founder of the company?", "fixed fact"),
        ("What does it mean?", "definition or explanation"),
        ("What is 3 + 4?", "arithmetic"),
        ("How many players are on a hockey team?", "a kind, not one of it"),
        ("Which countries border Germany?", "geography"),
        ("Who is the king in the fairy tale?", "in a story"),
        ("Which of her plays is the longest?", "the longest of finished works"),
        ("Since what year has it been a state?", "beginning of what goes on"),
        ("What was the last film directed by him?", "last work of its maker"),
    ],
)
def test_each_class_of_lasting_facts_is_heard(question: str, rule: str) -> None:
    reading = fresh(question)
    assert not reading.is_time_sensitive
    assert rule in {objection.rule for objection in reading.objections}


@pytest.mark.parametrize(
    "question",
    [
        "Is it top-fermenting or bottom-fermenting?",
        "How does an electric current flow?",
        "Which star is next to the moon in the picture?",
        "What city stood in what is now Iraq?",
        "Who starred in The Last Samurai?",
        'Who sang "Yesterday"?',
        "What was her last name?",
        "What is still life painting?",
        "Which wonder is still standing?",
        "In which present-day country was she born?",
        "Who was the next king after him?",
        "Which city is currently the capital of the region?",
        "Which band recorded an album of rumours?",
    ],
)
def test_the_same_words_in_another_sense_are_not_heard(question: str) -> None:
    assert not fresh(question).is_time_sensitive


def test_a_span_since_a_past_year_goes_on() -> None:
    assert fresh("How many goals has she scored since 2015?").is_time_sensitive
    assert fresh("Which state has the highest rate since Jan 1, 2020?").is_time_sensitive
    assert not fresh("How many goals has she scored in 2015?").is_time_sensitive


def test_amounts_are_no_years() -> None:
    assert fresh("Is it worth 2000 dollars?").objections == ()
    assert fresh("from 2500 on").fired == ()


def test_reasons_come_first_and_the_strongest_first() -> None:
    reading = fresh("What is the latest record since the first one in 1990?")
    weights = [rule.weight for rule in reading.fired]
    assert weights == sorted(weights, key=lambda weight: (weight < 0, -abs(weight)))


@pytest.mark.parametrize(
    ("text", "tense"),
    [
        ("Who painted it?", Tense.PAST),
        ("How old is the man who was there?", Tense.PRESENT),
        ("What will happen?", Tense.FUTURE),
        ("the most viewed video", Tense.NONE),
    ],
)
def test_the_first_verb_tells_the_tense(text: str, tense: Tense) -> None:
    assert read_sentence(text).tense is tense


@pytest.mark.parametrize(
    ("text", "tense"),
    [
        ("Since he took over, how many matches has he lost?", Tense.PRESENT),
        ("My aunt asked who leads it", Tense.PRESENT),
        ("The man who found it: where was he born?", Tense.PAST),
        ("Which club won it, and who is its captain?", Tense.PAST),
    ],
)
def test_what_is_said_before_the_question_is_not_its_tense(text: str, tense: Tense) -> None:
    assert read_sentence(text).tense is tense


def test_a_long_text_is_read_at_both_ends() -> None:
    assert fresh("the latest phone " + "x " * 5000).is_time_sensitive
    assert fresh("x " * 5000 + "the latest phone").is_time_sensitive


def test_profile_words_match_whole() -> None:
    assert fresh("his snap-count", "snap count").is_time_sensitive
    assert not fresh("his snapcounter", "snap count").is_time_sensitive
    assert not fresh("anything", "", " ").is_time_sensitive


def test_every_rule_has_a_name_of_its_own_and_a_sentence() -> None:
    rules = text_rules()
    assert len({rule.written.name for rule in rules}) == len(rules)
    assert all(re.fullmatch(r"[A-Z].+\.", rule.written.reason) for rule in rules)


def test_longer_words_are_tried_first() -> None:
    assert words_of("head, head coach") == "(?:head[ -]coach|head)"
