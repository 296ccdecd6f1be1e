"""Routes of conversations, imported or begun here: list, show, rename, remove, export."""

from http import HTTPStatus
from typing import Any

from fastapi.responses import Response
from pydantic import BaseModel, Field

from backend.errors import NotJson
from backend.http.content_type import JSON_ONLY
from backend.http.dependencies import Candor, Importer
from backend.http.fields import Before, FreeText, Limit, ThingId
from backend.http.problems import documented
from backend.http.router import Router
from backend.schemas.conversations import (
    ConversationPageReply,
    ConversationReply,
    ConversationTreeReply,
)
from backend.stream.wire import json_of
from use_cases.conversations.errors import ConversationNotFound, ConversationTitleInvalid
from use_cases.kernel.errors import ConversationLocked, StorageBusy, TooLarge

router = Router(prefix="/api/conversations", tags=["conversations"])

_FILE: dict[str, Any] = {"content": {"application/json": {"schema": {"type": "object"}}}}


class ConversationTitle(BaseModel):
    """The new title of a conversation."""

    title: FreeText = Field(description="1 to 200 characters, as one line.")


@router.get("", responses=documented(ConversationNotFound))
async def list_conversations(
    candor: Candor, importer: Importer, limit: Limit = 50, before: Before = None
) -> ConversationPageReply:
    """Your conversations, the last used first."""
    manage = candor.conversations.manage_conversations
    found = await manage.list(importer, limit=limit, before=before)
    return ConversationPageReply.of(found, limit=limit)


@router.get("/{conversation_id}", responses=documented(ConversationNotFound))
async def show_conversation(
    conversation_id: ThingId, candor: Candor, importer: Importer
) -> ConversationTreeReply:
    """A conversation with all its messages as a tree, parents first."""
    found = await candor.conversations.manage_conversations.show(importer, conversation_id)
    return ConversationTreeReply.from_tree(found)


@router.patch(
    "/{conversation_id}",
    dependencies=[JSON_ONLY],
    responses=documented(
        ConversationNotFound,
        ConversationLocked,
        ConversationTitleInvalid,
        NotJson,
        TooLarge,
        StorageBusy,
    ),
)
async def rename_conversation(
    conversation_id: ThingId, candor: Candor, importer: Importer, to: ConversationTitle
) -> ConversationReply:
    """Give a conversation another title."""
    manage = candor.conversations.manage_conversations
    return ConversationReply.of(await manage.rename(importer, conversation_id, to.title))


@router.delete(
    "/{conversation_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(ConversationNotFound, StorageBusy),
)
async def remove_conversation(conversation_id: ThingId, candor: Candor, importer: Importer) -> None:
    """Remove a conversation with all that hangs on it; a running answer ends without a record."""
    await candor.conversations.manage_conversations.remove(importer, conversation_id)


@router.get(
    "/{conversation_id}/export",
    response_class=Response,
    responses={200: _FILE, **documented(ConversationNotFound)},
)
async def export_conversation(
    conversation_id: ThingId, candor: Candor, importer: Importer
) -> Response:
    """A conversation in the form `candor.conversation/1`, which an import reads back without loss."""
    found = await candor.conversations.manage_conversations.export(importer, conversation_id)
    named = {"Content-Disposition": 'attachment; filename="conversation.json"'}
    return Response(json_of(found), media_type="application/json", headers=named)
