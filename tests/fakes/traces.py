"""Which conversations were forgotten."""


class Traces:
    """Port `ConversationTraces` that notes what it is asked for."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    async def forget(self, chat_id: str) -> None:
        """Note the conversation."""
        self.forgotten.append(chat_id)
