"""A person's chats: list, show, read, rename, delete, and stop a running answer."""

from use_cases.chat.errors import TitleInvalid
from use_cases.chat.model import Chat, Message, Mode
from use_cases.chat.ports import Chats
from use_cases.kernel.model import Caller, Page, require_limit
from use_cases.kernel.ports import ConversationTraces
from use_cases.kernel.runs.inflight import InFlight

LARGEST_PAGE = 200
MOST_MESSAGES = 1000
LONGEST_TITLE = 200


class ManageChats:
    """The caller's chats."""

    def __init__(
        self, *, chats: Chats, inflight: InFlight, conversation_traces: ConversationTraces
    ) -> None:
        self._chats = chats
        self._inflight = inflight
        self._traces = conversation_traces

    async def list(
        self,
        caller: Caller,
        *,
        user_id: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> Page[Chat]:
        """Returns at most `limit` chats, the last used first; `before` is the id of the last one seen.

        `user_id` restricts a caller who owns all to one user's. Raises `InvalidInput` for a limit
        outside 1 to `LARGEST_PAGE`, and `ChatNotFound` when `before` is no chat of the caller's.
        """
        require_limit(limit, LARGEST_PAGE)
        return await self._chats.chats(caller, user_id=user_id, limit=limit, before=before)

    async def show(self, caller: Caller, chat_id: str) -> Chat:
        """Returns a chat. Raises `ChatNotFound`, also for another person's."""
        return await self._chats.chat(caller, chat_id)

    async def read(
        self, caller: Caller, chat_id: str, *, limit: int = 200, before: str | None = None
    ) -> Page[Message]:
        """Returns the last `limit` messages (before the message `before`), oldest first.

        Raises `InvalidInput` for a limit outside 1 to `MOST_MESSAGES`, `ChatNotFound`, and
        `MessageNotFound` when `before` is not on the shown branch.
        """
        require_limit(limit, MOST_MESSAGES)
        return await self._chats.messages(caller, chat_id, limit=limit, before=before)

    async def change(
        self, caller: Caller, chat_id: str, *, title: str | None = None, mode: Mode | None = None
    ) -> Chat:
        """Returns the chat with its new title or mode; None: as it is.

        Raises `TitleInvalid`, `ChatNotFound` and `ConversationLocked`.
        """
        if title is not None:
            title = " ".join(title.encode("utf-8", "ignore").decode().replace("\0", "").split())
            if not 1 <= len(title) <= LONGEST_TITLE:
                raise TitleInvalid(f"A title needs 1 to {LONGEST_TITLE} characters.")
        return await self._chats.change(caller, chat_id, title=title, mode=mode)

    async def delete(self, caller: Caller, chat_id: str) -> None:
        """Removes a chat with its messages and recorded answers, and stops a running answer first.

        Raises `ChatNotFound`.
        """
        chat = await self._chats.chat(caller, chat_id)
        self._inflight.cancel(chat.chat_id)  # one of another process sees that its chat is gone
        await self._chats.delete(caller, chat.chat_id)
        await self._traces.forget(chat.chat_id)

    async def stop(self, caller: Caller, chat_id: str) -> bool:
        """Stops the running answer, and says whether there was one. What it said so far is kept, marked
        interrupted. Raises `ChatNotFound`.
        """
        chat = await self._chats.chat(caller, chat_id)
        return await self._inflight.stop(chat.chat_id)
