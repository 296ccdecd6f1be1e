"""The part of the registry that runs read, in memory."""

from use_cases.kernel.prompts.registry import Active


class FixedPrompts:
    """The same for every purpose; nothing by default, so that what is built in is used."""

    def __init__(self, active: Active | None = None) -> None:
        self.now = active or Active()

    async def active(self, purpose: str, model_purpose: str) -> Active:
        """What is active now."""
        return self.now
