"""The reason for an empty list, search or answer, in a sentence for the user."""

from pathlib import Path

from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.settings.settings import Settings

_BEFORE = Path("var")
"""The former data folder of an installation without a checkout."""


async def explain_nothing(candor: Container) -> None:
    """Explain an empty result: an empty library, or no match."""
    if not await explain_not_found(candor):
        terminal.talk("Nothing was found.")


async def explain_not_found(candor: Container) -> bool:
    """Explain an empty library, with its place. Return whether it is empty."""
    if (await candor.knowledge.manage_documents.count()).documents:
        return False
    explain_empty_library(candor.settings)
    return True


def explain_empty_library(settings: Settings, *, what: str = "documents") -> None:
    """Explain that nothing is stored, with the place and the first step."""
    terminal.talk(f"No {what} in {settings.knowledge_path}.")
    _name_other(settings, settings.knowledge_path.name)
    terminal.talk(
        "Start with: candor ingest FOLDER (`candor samples` puts some to try into ./samples)"
    )


def explain_empty_store(settings: Settings, *, what: str, begin: str) -> None:
    """Explain that there is nothing of this kind, with the place and the first step."""
    terminal.talk(f"No {what} in {settings.store_place}. Start with: {begin}")
    _name_other(settings, "candor.sqlite")


def _name_other(settings: Settings, name: str) -> None:
    """Name a database in the former folder, if there is one that is not in use."""
    other = _BEFORE / name
    elsewhere = settings.data_path.resolve() != _BEFORE.resolve()
    if settings.data_dir is None and elsewhere and other.is_file():
        terminal.talk(f"There is one in {other}; DATA_DIR=var uses it.")
