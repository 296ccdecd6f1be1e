"""Small pieces of Markdown."""

from collections.abc import Sequence

GENERATED = "<!-- Made from the code by `make docs`. Change the code, not this file. -->"


def page(title: str, *parts: str) -> str:
    """Returns a whole page."""
    return "\n\n".join([f"# {title}", GENERATED, *(part.strip() for part in parts)]) + "\n"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a table; line breaks and bars in cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
