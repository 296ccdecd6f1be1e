"""The part of the registry that runs read, in memory; and a default model for runs of a real store."""

from datetime import UTC, datetime

from backend.composition.container import Container
from backend.settings.settings import Settings
from use_cases.kernel.prompts.prompt_registry import Active, ModelDefault

_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class FixedPrompts:
    """The same for every purpose; nothing by default, so that what is built in is used."""

    def __init__(self, active: Active | None = None) -> None:
        self.now = active or Active()

    async def active(self, purpose: str, model_purpose: str) -> Active:
        """What is active now."""
        return self.now


async def store_default(purpose: str, model: str, settings: Settings | None = None) -> None:
    """Make this the stored default model of a purpose; by default in the test's own folder."""
    async with Container(settings or Settings()) as candor:
        await candor.prompt_registry.set_default(
            purpose, ModelDefault(purpose=purpose, model=model, author="anna", updated_at=_NOON)
        )
