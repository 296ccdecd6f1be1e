"""Why a list, a search or an answer is empty, in a sentence for the person who asked."""

from pathlib import Path

from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.settings.settings import Settings

_BEFORE = Path("var")
"""Where an installation without a checkout kept its data before each user had one folder."""


async def explain_nothing(candor: Container) -> None:
    """Say whether nothing is stored, or there is just no such thing."""
    if not await explain_not_found(candor):
        terminal.talk("Nothing was found.")


async def explain_not_found(candor: Container) -> bool:
    """Where the library is empty, say so and where it was looked for. Returns whether it is."""
    if (await candor.knowledge.manage_documents.count()).documents:
        return False
    explain_empty_library(candor.settings)
    return True


def explain_empty_library(settings: Settings, *, what: str = "documents") -> None:
    """Say that nothing is stored, where it was looked for, and how to begin."""
    terminal.talk(f"No {what} in {settings.knowledge_path}.")
    _name_other(settings, settings.knowledge_path.name)
    terminal.talk(
        "Start with: candor ingest FOLDER (`candor samples` puts some to try into ./samples)"
    )


def explain_empty_store(settings: Settings, *, what: str, begin: str) -> None:
    """Say that there is nothing of this kind, where it was looked for, and how to begin."""
    terminal.talk(f"No {what} in {settings.store_place}. Start with: {begin}")
    _name_other(settings, "candor.sqlite")


def _name_other(settings: Settings, name: str) -> None:
    """Name a database in the folder where one stands, if it is not the one in use."""
    other = _BEFORE / name
    elsewhere = settings.data_path.resolve() != _BEFORE.resolve()
    if settings.data_dir is None and elsewhere and other.is_file():
        terminal.talk(f"There is one in {other}; DATA_DIR=var uses it.")
