"""Why a list, a search or an answer is empty, in a sentence for the person who asked."""

from backend.cli import terminal
from backend.container import Container


async def explain_nothing(candor: Container, category: str | None) -> None:
    """Say whether nothing is stored, or the category is wrong, or there is just no such thing."""
    held = await candor.library.statistics()
    if not held.documents:
        terminal.talk("Begin with: candor ingest samples/documents")
    elif category is not None and category not in held.categories:
        known = ", ".join(sorted(held.categories))
        terminal.talk(f"There is no category {category!r}. There are: {known}.")
    else:
        terminal.talk("Nothing was found.")
