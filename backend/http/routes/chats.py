"""Routes of the chat capability: a person's chats and their messages."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from backend.errors import NotJson, UserMismatch
from backend.http.content_type import JSON_ONLY
from backend.http.dependencies import Candor, Owner, Person, Router, acting_for
from backend.http.fields import Before, ChatId, ChatMode, FreeText, Limit, OwnerQuery
from backend.http.problems import documented
from backend.schemas.chats import Cancelled, Chat, ChatPage, MessagePage
from use_cases.chat.errors import ChatNotFound, MessageNotFound, TitleInvalid
from use_cases.kernel.errors import ConversationLocked, StorageBusy, TooLarge

router = Router(prefix="/chats", tags=["chat"])

_MOST_MESSAGES = 500


class ChatChange(BaseModel):
    """What changes of a chat; null: nothing does."""

    title: FreeText | None = Field(
        default=None, description="The title: 1 to 200 characters, as one line."
    )
    mode: ChatMode = None


@router.get("", responses=documented(ChatNotFound, UserMismatch))
async def list_chats(
    candor: Candor,
    person: Person,
    user_id: OwnerQuery = None,
    limit: Limit = 50,
    before: Before = None,
) -> ChatPage:
    """A user's chats, the last used first. Without a name: the caller's own, in local mode all."""
    caller = acting_for(person, user_id)
    found = await candor.chat.manage_chats.list(caller, user_id=user_id, limit=limit, before=before)
    return ChatPage.of_page(found, limit=limit, by="chat_id")


@router.get("/{chat_id}", responses=documented(ChatNotFound, UserMismatch))
async def show_chat(chat_id: ChatId, candor: Candor, owner: Owner) -> Chat:
    """One chat."""
    return Chat.of(await candor.chat.manage_chats.show(owner, chat_id))


@router.get(
    "/{chat_id}/messages", responses=documented(ChatNotFound, UserMismatch, MessageNotFound)
)
async def read_messages(
    chat_id: ChatId,
    candor: Candor,
    owner: Owner,
    limit: Annotated[
        int, Query(ge=1, le=_MOST_MESSAGES, description="The most to return: the last ones.")
    ] = 200,
    before: Before = None,
) -> MessagePage:
    """The last messages of a chat, oldest first; of several answers to a question, the last one."""
    found = await candor.chat.manage_chats.read(owner, chat_id, limit=limit, before=before)
    return MessagePage.of_page(chat_id, found, limit=limit)


@router.patch(
    "/{chat_id}",
    dependencies=[JSON_ONLY],
    responses=documented(
        ChatNotFound, ConversationLocked, UserMismatch, TitleInvalid, NotJson, TooLarge, StorageBusy
    ),
)
async def rename_chat(chat_id: ChatId, candor: Candor, owner: Owner, to: ChatChange) -> Chat:
    """Give a chat another title or mode."""
    found = await candor.chat.manage_chats.change(owner, chat_id, title=to.title, mode=to.mode)
    return Chat.of(found)


@router.delete(
    "/{chat_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(ChatNotFound, UserMismatch, StorageBusy),
)
async def delete_chat(chat_id: ChatId, candor: Candor, owner: Owner) -> None:
    """Remove a chat with its messages and recorded answers; a running answer is stopped first."""
    await candor.chat.manage_chats.delete(owner, chat_id)


@router.post("/{chat_id}/cancel", responses=documented(ChatNotFound, UserMismatch))
async def cancel_turn(chat_id: ChatId, candor: Candor, owner: Owner) -> Cancelled:
    """Stop the answer that is being written; what was said so far is kept, marked interrupted."""
    return Cancelled(cancelled=await candor.chat.manage_chats.stop(owner, chat_id))
