"""The instructions by prompt type, and the name of their text."""

import re
from dataclasses import dataclass, replace

import pytest

from tests.use_cases.advice.advising import GENERAL
from use_cases.advice.errors import PromptTypeUnknown
from use_cases.advice.giving.agent import RULES, prompt_of


@dataclass
class Filed:
    """Port `Prompts`: one type."""

    prompt_type: str = "default"

    def prompt(self, prompt_type: str) -> str | None:
        """The instructions, for that type."""
        return "From the file." if prompt_type == self.prompt_type else None


def test_the_profile_gives_the_default() -> None:
    prompt = prompt_of(GENERAL)
    assert prompt.prompt_type == "default"
    assert prompt.text == f"You advise on decisions.\n\n{RULES}"


def test_the_file_comes_before_the_profile() -> None:
    assert prompt_of(GENERAL, prompts=Filed()).text == f"From the file.\n\n{RULES}"
    assert prompt_of(GENERAL, "short", prompts=Filed()).text.startswith("You advise in one")
    assert prompt_of(GENERAL, "own", prompts=Filed("own")).text.startswith("From the file.")


def test_the_system_prompt_comes_before_the_file_for_the_default_only() -> None:
    told = prompt_of(GENERAL, system_prompt="Be brief.", prompts=Filed())
    assert told.text == f"Be brief.\n\n{RULES}"
    assert prompt_of(GENERAL, "short", system_prompt="Be brief.").text.startswith("You advise in")


def test_an_unknown_type_is_refused_with_those_there_are() -> None:
    with pytest.raises(PromptTypeUnknown, match="poetic") as failed:
        prompt_of(GENERAL, "poetic")
    assert "default, short" in failed.value.hint


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_no_type_is_the_default(blank: str | None) -> None:
    assert prompt_of(GENERAL, blank) == prompt_of(GENERAL, "default")


def test_the_version_changes_with_all_that_is_told_and_with_nothing_else() -> None:
    version = prompt_of(GENERAL).version
    assert re.fullmatch(r"advice-1-[0-9a-f]{8}", version)
    assert prompt_of(GENERAL).version == version
    others = {
        prompt_of(GENERAL, "short").version,
        prompt_of(GENERAL, system_prompt="Be brief.").version,
        prompt_of(replace(GENERAL, version="v2")).version,
        prompt_of(replace(GENERAL, profile_id="other")).version,
    }
    assert len({version, *others}) == 5


def test_the_rules_give_no_number_that_a_model_could_echo() -> None:
    assert set(re.findall(r"\d+(?:[.,]\d+)?|%", RULES)) <= {"0", "1"}
