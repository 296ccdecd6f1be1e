"""What the written pages say exists: links, commands, options, settings, error codes."""

import re
from pathlib import Path

import pytest

from backend.cli.main import COMMANDS
from backend.reference.errors import errors
from backend.settings.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
GUIDES = sorted(
    [*(ROOT / "docs" / "how-to").glob("*.md"), *(ROOT / "docs" / "tutorial").glob("*.md")]
)
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(path: Path, kind: str) -> list[str]:
    return [text for found, text in BLOCK.findall(path.read_text()) if found == kind]


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text()):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", GUIDES, ids=name)
def test_commands_in_guides_exist(path: Path) -> None:
    reference = (ROOT / "docs/reference/cli.md").read_text()
    for block in blocks(path, "sh"):
        for command, words in re.findall(r"(?:^|[;&|!] ?)candor (\w+)(.*)", block, re.MULTILINE):
            assert command in COMMANDS, command
            section = reference.split(f"## `candor {command}", 1)[1]
            for option in re.findall(r" (--[a-z-]+)", words.split("#")[0]):
                assert option in section, f"candor {command} {option}"


@pytest.mark.parametrize("path", GUIDES, ids=name)
def test_settings_in_guides_exist(path: Path) -> None:
    known = {field.upper() for field in Settings.model_fields}
    for block in blocks(path, "ini"):
        for variable in re.findall(r"^([A-Z][A-Z_]+)=", block, re.MULTILINE):
            assert variable in known, variable


def test_codes_in_the_troubleshooting_guide_exist() -> None:
    text = (ROOT / "docs/how-to/troubleshoot-an-error.md").read_text()
    known = {error.code for error in errors()} | {"request_id", "date_origin"}
    for line in text.splitlines():
        if line.startswith("| `"):
            assert re.match(r"\| `(?:note: )?(\w+)", line)
            code = line.split("`")[1].split(":")[0]
            assert code in known | {"note"}, code


def test_the_map_names_every_guide() -> None:
    text = (ROOT / "docs/README.md").read_text()
    for path in GUIDES:
        assert str(path.relative_to(ROOT / "docs")) in text
