"""Every rule of language keeps to the examples beside it."""

import re
from collections.abc import Callable, Mapping

import pytest

from services.rules.rule_files import FOLDER, read_rules
from use_cases.advice.search_rules.freshness import SETS, read_sentence
from use_cases.kernel.text.prompt_injection import readings
from use_cases.kernel.text.rules import RuleSet, WrittenRule

NAMES = sorted(file.stem for file in FOLDER.glob("*.yaml"))
LONGEST_LINE = 110


def as_sentence(pattern: str, text: str) -> bool:
    return re.search(pattern, read_sentence(text).text) is not None


def in_any_reading(pattern: str, text: str) -> bool:
    flags = re.IGNORECASE | re.DOTALL
    return any(re.search(pattern, reading, flags) for reading in readings(text))


def as_whole_phrase(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def anywhere(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


READ: Mapping[str, Callable[[str, str], bool]] = {
    **dict.fromkeys(SETS, as_sentence),
    "refusals": in_any_reading,
    "prompt_injection": in_any_reading,
    "small_talk": as_whole_phrase,
    **dict.fromkeys(("questions", "values", "markup"), anywhere),
}
"""How the module that asks for a set reads a text."""

RULES = [
    pytest.param(name, found, rule, id=f"{name}: {rule.name}")
    for name in NAMES
    for found in [read_rules(name)]
    for rule in found.rules
]


@pytest.mark.parametrize(("name", "found", "rule"), RULES)
def test_a_rule_matches_its_examples_and_lets_the_others_pass(
    name: str, found: RuleSet, rule: WrittenRule
) -> None:
    pattern, matches = found.pattern(rule.pattern), READ[name]
    assert rule.matches
    assert [text for text in rule.matches if not matches(pattern, text)] == []
    assert rule.passes
    assert [text for text in rule.passes if matches(pattern, text)] == []
    assert re.fullmatch(r"[A-Z].+\.", rule.reason)
    if rule.needs:
        assert all(any(word in text.lower() for word in rule.needs) for text in rule.matches)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_can_be_reviewed(name: str) -> None:
    names = [rule.name for rule in read_rules(name).rules]
    assert len(set(names)) == len(names)
    lines = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > LONGEST_LINE] == []
