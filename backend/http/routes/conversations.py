"""Routes of conversations, imported or begun here: list, show, change, remove, export."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from backend.errors import NotJson
from backend.http.content_type import JSON_ONLY
from backend.http.dependencies import Candor, Importer, Router
from backend.http.fields import Before, FreeText, Limit, ThingId
from backend.http.problems import documented
from backend.reports.conversation_page import (
    MEDIA_TYPES,
    SUFFIXES,
    page_end,
    page_start,
    written,
)
from backend.reports.page_frame import CONTENT_SECURITY_POLICY
from backend.schemas.conversations import (
    ConversationPageReply,
    ConversationReply,
    ConversationTreeReply,
)
from backend.stream.wire import json_of
from use_cases.conversations.errors import (
    ConversationMessageNotFound,
    ConversationNotFound,
    ConversationTitleInvalid,
)
from use_cases.conversations.model import ConversationFormat
from use_cases.kernel.errors import ConversationLocked, InvalidInput, StorageBusy, TooLarge

router = Router(prefix="/api/conversations", tags=["conversations"])

_FILE: dict[str, Any] = {"content": {"application/json": {"schema": {"type": "object"}}}}


class ConversationChange(BaseModel):
    """The new title of a conversation, the branch that it shows, or both."""

    title: FreeText | None = Field(None, description="1 to 200 characters, as one line.")
    leaf_id: FreeText | None = Field(
        None, description="A message: the branch that it is on is shown, to its latest end."
    )


@router.get("", responses=documented(ConversationNotFound))
async def list_conversations(
    candor: Candor, importer: Importer, limit: Limit = 50, before: Before = None
) -> ConversationPageReply:
    """Your conversations, the last used first."""
    manage = candor.conversations.manage_conversations
    found = await manage.list(importer, limit=limit, before=before)
    return ConversationPageReply.of_page(found, limit=limit, by="chat_id")


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
        ConversationMessageNotFound,
        ConversationLocked,
        ConversationTitleInvalid,
        NotJson,
        TooLarge,
        StorageBusy,
    ),
)
async def change_conversation(
    conversation_id: ThingId, candor: Candor, importer: Importer, to: ConversationChange
) -> ConversationReply:
    """Give a conversation another title, or show another of its branches."""
    manage = candor.conversations.manage_conversations
    found = None
    if to.leaf_id is not None:
        found = await manage.switch(importer, conversation_id, to.leaf_id)
    if to.title is not None:
        found = await manage.rename(importer, conversation_id, to.title)
    if found is None:
        raise InvalidInput("Nothing is to change.", hint="Send `title`, `leaf_id` or both.")
    return ConversationReply.of(found)


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
    conversation_id: ThingId,
    candor: Candor,
    importer: Importer,
    form: Annotated[
        ConversationFormat, Query(alias="format", description="`json` is read back by an import.")
    ] = ConversationFormat.JSON,
) -> Response:
    """A conversation in the form `candor.conversation/1`, which an import reads back without loss, or its
    shown branch for a reader, as Markdown or HTML. `belongings` has its summary, its draft with all
    versions, its project and its files by id, whose contents are at `/files/{file_id}/download`.
    """
    manage = candor.conversations.manage_conversations
    if form is ConversationFormat.JSON:
        content = json_of(await candor.conversations.belongings.export(importer, conversation_id))
    else:
        found = await manage.show(importer, conversation_id)
        pieces = [page_start(form, found.conversation.title), *written(found, form), page_end(form)]
        content = "".join(pieces)
    headers = {
        "Content-Disposition": f'attachment; filename="conversation.{SUFFIXES[form]}"',
        "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; sandbox",
    }
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)
