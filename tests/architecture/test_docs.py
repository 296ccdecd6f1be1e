"""What the written pages say exists: links, commands, options, settings, error codes."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.cli.program import COMMANDS
from backend.reference.reference_pages import errors
from backend.settings.settings import Settings
from use_cases.kernel.model import Scope

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


def test_the_guide_of_keys_names_every_scope() -> None:
    text = (ROOT / "docs/how-to/require-api-keys.md").read_text()
    assert [scope for scope in Scope if f"| `{scope}` |" not in text] == []


@pytest.mark.parametrize("path", [ROOT / "README.md", *GUIDES], ids=name)
def test_no_guide_takes_the_last_used_chat_for_the_one_that_it_imports(path: Path) -> None:
    for block in blocks(path, "sh"):
        assert "candor import" not in block or "conversations --json" not in block


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


ARCHITECTURE = (ROOT / "docs/explanation/architecture.md").read_text()
FLOORS = ("use_cases", "services", "backend")
SCREEN = (100, 50)
"""The columns and lines of a screen."""


def mapped() -> Iterator[str]:
    """The paths that the page of the architecture names: `{a,b}` is two, `<capability>` any."""
    for said in re.findall(rf"`((?:{'|'.join(FLOORS)}|tests|benchmarks)/[^` ]*)`", ARCHITECTURE):
        before, *choices, after = re.split(r"[{}]", said) if "{" in said else (said, "")
        for choice in choices[0].split(",") if choices else [""]:
            yield re.sub(r"<\w+>", "*", f"{before}{choice}{after}")


def test_the_map_of_the_house_names_only_what_exists() -> None:
    assert [path for path in mapped() if not any(ROOT.glob(path.rstrip("/")))] == []


def test_every_package_below_a_floor_is_on_the_map() -> None:
    named = {"/".join(path.split("/")[:2]) for path in mapped()}
    packages = (path.parent for floor in FLOORS for path in (ROOT / floor).glob("*/__init__.py"))
    assert sorted({name(package) for package in packages} - named) == []


def test_the_page_of_the_architecture_fits_two_screens_before_its_tables() -> None:
    columns, lines = SCREEN
    prose = ARCHITECTURE.split("\n|", 1)[0].splitlines()
    assert sum(len(textwrap.wrap(line, columns)) or 1 for line in prose) <= 2 * lines
