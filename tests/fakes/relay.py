"""Running answers on their way to other processes, in memory."""

from collections.abc import Collection, Sequence
from datetime import datetime

from tests.fakes.leases import InMemoryLeases
from use_cases.chat.ports import Wish


class InMemoryRelay:
    """Port `Relay`. `written` counts what a store would have to write."""

    def __init__(self, leases: InMemoryLeases) -> None:
        self._leases = leases
        self._wishes: dict[str, set[Wish]] = {}
        self._pieces: dict[str, dict[int, str | None]] = {}
        self.written = 0

    async def running(self, chat_id: str, now: datetime) -> str | None:
        """The turn that holds this chat."""
        held = self._leases.held.items()
        return next((key for key, one in held if one.name == chat_id and one.until > now), None)

    async def ask(self, turn_id: str, wish: Wish, now: datetime) -> None:
        """Note a wish."""
        self.written += 1
        self._wishes.setdefault(turn_id, set()).add(wish)

    async def asked(self, turn_ids: Collection[str]) -> Sequence[tuple[str, Wish]]:
        """What is wished of these turns."""
        return [(turn, wish) for turn in turn_ids for wish in self._wishes.get(turn, ())]

    async def write(self, turn_id: str, place: int, text: str | None) -> None:
        """Keep a piece."""
        self.written += 1
        self._pieces.setdefault(turn_id, {})[place] = text

    async def read(self, turn_id: str, after: int) -> Sequence[str | None]:
        """The pieces after this place."""
        pieces = sorted(self._pieces.get(turn_id, {}).items())
        return [text for place, text in pieces if place > after]

    async def forget(self, turn_id: str) -> None:
        """Forget the turn."""
        self._pieces.pop(turn_id, None)
        self._wishes.pop(turn_id, None)
