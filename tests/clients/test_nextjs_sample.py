"""The how-to "Put a Next.js chat on it" shows the sample app as it is."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "nextjs-chat"
GUIDE = ROOT / "docs" / "how-to" / "nextjs-chat.md"

_SHOWN = re.compile(r"^`([^`\n]+)`\n\n```tsx?\n(.*?)```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^```(?:ts|tsx|js|jsx)$", re.MULTILINE)


def test_every_block_of_code_is_a_file_of_the_sample() -> None:
    shown = _SHOWN.findall(GUIDE.read_text())
    assert len(shown) == len(_CODE.findall(GUIDE.read_text()))
    for name, text in shown:
        assert text == (SAMPLE / name).read_text(), name


def test_every_file_with_code_is_shown() -> None:
    shown = {name for name, _ in _SHOWN.findall(GUIDE.read_text())}
    plain = {"app/layout.tsx"}
    found = {
        str(path.relative_to(SAMPLE))
        for folder in ("app", "lib")
        for path in (SAMPLE / folder).rglob("*.ts*")
    }
    assert shown == found - plain


def test_lock_files_name_no_download_addresses() -> None:
    for lock in (SAMPLE / "package-lock.json", Path(__file__).parent / "package-lock.json"):
        assert '"resolved"' not in lock.read_text(), str(lock)


def test_the_versions_that_are_tested_are_named() -> None:
    named = GUIDE.read_text()
    packages = (Path(__file__).parent / "package.json").read_text()
    for version in re.findall(r'"ai\d": "npm:ai@([\d.]+)"', packages):
        assert version in named
