"""An installation's own instructions."""

from pathlib import Path

import pytest

from services.profiles.profile_folders import FilePrompts
from use_cases.advice.errors import PromptFileBroken


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "prompts.yaml"
    file.write_text("default: |\n  Help.\nbrief: Help in a word.\n")
    return file


def test_each_type_has_its_text(file: Path) -> None:
    prompts = FilePrompts(file)

    assert prompts.prompt("default") == "Help."
    assert prompts.prompt("brief") == "Help in a word."
    assert prompts.prompt("other") is None


def test_a_changed_file_counts_at_once(file: Path) -> None:
    prompts = FilePrompts(file)
    assert prompts.prompt("default") == "Help."
    file.write_text("default: Advise well.\n")

    assert prompts.prompt("default") == "Advise well."


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("default: [a]\n", "default: it must be a text"),
        ("default: ' '\n", "default: it must be a text"),
        ("default: 'x\n", "line "),
        (f"default: {'x' * 20_001}\n", "longer than 20,000 characters"),
    ],
)
def test_a_broken_file_is_an_error(file: Path, text: str, wrong: str) -> None:
    file.write_text(text)

    with pytest.raises(PromptFileBroken, match=wrong):
        FilePrompts(file).prompt("default")


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PromptFileBroken, match="cannot be read"):
        FilePrompts(tmp_path / "none.yaml").prompt("default")
