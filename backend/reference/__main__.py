"""`python -m backend.reference` writes the generated files; `--check` only compares them."""

import sys
from collections.abc import Mapping
from pathlib import Path

from backend.reference.reference_pages import (
    assertions_page,
    commands_page,
    env_example,
    errors_page,
    routes_page,
    settings_page,
)

ROOT = Path(__file__).parents[2]


def main(arguments: list[str]) -> int:
    """Writes the files; with `--check` exits with 1 and names each file that differs."""
    stale = [path for path, text in pages().items() if _read(path) != text]
    if "--check" in arguments:
        for path in stale:
            sys.stderr.write(f"{path} is out of date: run `make docs`\n")
        return 1 if stale else 0
    for path in stale:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(pages()[path], encoding="utf-8")
        sys.stderr.write(f"wrote {path}\n")
    return 0


def pages() -> Mapping[str, str]:
    """Returns the content of each file by its path below the repository's root."""
    return {
        ".env.example": env_example(),
        "docs/reference/settings.md": settings_page(),
        "docs/reference/http.md": routes_page(),
        "docs/reference/cli.md": commands_page(),
        "docs/reference/errors.md": errors_page(),
        "docs/reference/assertions.md": assertions_page(),
    }


def _read(path: str) -> str | None:
    file = ROOT / path
    return file.read_text(encoding="utf-8") if file.is_file() else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
