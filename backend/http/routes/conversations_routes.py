"""Routes of conversations, imported or begun here: list, show, change, remove, export, search."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from backend.errors import NotJson
from backend.http.dependencies import (
    JSON_ONLY,
    Before,
    Candor,
    FreeText,
    Importer,
    Limit,
    Moment,
    Router,
    ThingId,
)
from backend.http.problems import documented
from backend.pages import CONTENT_SECURITY_POLICY
from backend.processes.beside_requests import CONVERSATIONS, put
from backend.reports.conversation_page import (
    MEDIA_TYPES,
    SUFFIXES,
    page_end,
    page_start,
    written,
)
from backend.schemas.conversations_schemas import (
    ConversationPageReply,
    ConversationReply,
    ConversationResults,
    ConversationTreeReply,
)
from backend.stream.wire import json_of
from use_cases.conversations.errors import (
    ConversationMessageNotFound,
    ConversationNotFound,
    ConversationTitleInvalid,
)
from use_cases.conversations.model import ConversationFormat
from use_cases.conversations.search.model import (
    ContentType,
    SearchFilter,
    SortBy,
    SortDir,
    Status,
)
from use_cases.conversations.search.search_conversations import DEPTH, LARGEST_PAGE
from use_cases.kernel.errors import ConversationLocked, InvalidInput, StorageBusy, TooLarge

router = Router(tags=["conversations"])

_FILE: dict[str, Any] = {"content": {"application/json": {"schema": {"type": "object"}}}}


class ConversationChange(BaseModel):
    """The new title of a conversation, the branch that it shows, or both."""

    title: FreeText | None = Field(None, description="1 to 200 characters, as one line.")
    leaf_id: FreeText | None = Field(
        None, description="A message: the branch that it is on is shown, to its latest end."
    )


@router.get("/api/conversations", responses=documented(ConversationNotFound))
async def list_conversations(
    candor: Candor, importer: Importer, limit: Limit = 50, before: Before = None
) -> ConversationPageReply:
    """Your conversations, the last used first."""
    manage = candor.conversations.manage_conversations
    found = await manage.list(importer, limit=limit, before=before)
    return ConversationPageReply.of_page(found, limit=limit, by="chat_id")


@router.get("/api/conversations/{conversation_id}", responses=documented(ConversationNotFound))
async def show_conversation(
    conversation_id: ThingId, candor: Candor, importer: Importer
) -> ConversationTreeReply:
    """A conversation with all its messages as a tree, parents first."""
    found = await candor.conversations.manage_conversations.show(importer, conversation_id)
    return ConversationTreeReply.from_tree(found)


@router.patch(
    "/api/conversations/{conversation_id}",
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
    "/api/conversations/{conversation_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(ConversationNotFound, StorageBusy),
)
async def remove_conversation(conversation_id: ThingId, candor: Candor, importer: Importer) -> None:
    """Remove a conversation with all that hangs on it; a running answer ends without a record."""
    await candor.conversations.manage_conversations.remove(importer, conversation_id)


@router.get(
    "/api/conversations/{conversation_id}/export",
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
    versions, its project, its files by id, whose contents are at `/files/{file_id}/download`, and what is
    recorded of its answers.
    """
    manage = candor.conversations.manage_conversations
    if form is ConversationFormat.JSON:
        content = json_of(await candor.conversations.belongings.export(importer, conversation_id))
    else:
        found = await manage.show(importer, conversation_id)
        records = await manage.records(importer, conversation_id)
        title, pieces = found.conversation.title, written(found, records, form)
        content = "".join([page_start(form, title), *pieces, page_end(form)])
    headers = {
        "Content-Disposition": f'attachment; filename="conversation.{SUFFIXES[form]}"',
        "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; sandbox",
    }
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


_LONGEST_QUERY = 4_000
_Names = Annotated[list[Annotated[str, Query(max_length=200)]], Query(max_length=20)]


@router.get("/api/search", responses=documented(StorageBusy))
async def search_conversations(
    candor: Candor,
    caller: Importer,
    q: Annotated[
        FreeText,
        Query(min_length=1, max_length=_LONGEST_QUERY, description="Any text, or a share link."),
    ],
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="The most to return.")] = 20,
    offset: Annotated[int, Query(ge=0, le=4 * DEPTH, description="The number to skip.")] = 0,
    status: Annotated[
        Status, Query(description="`completed`: those that became a project.")
    ] = Status.ALL,
    sort_by: SortBy = SortBy.RELEVANCE,
    sort_dir: SortDir = SortDir.DESC,
    source: Annotated[_Names, Query(description="Such as `chatgpt`; `candor` is here.")] = [],  # noqa: B006
    content_type: Annotated[list[ContentType], Query(description="What the text is part of.")] = [],  # noqa: B006
    role: Annotated[_Names, Query(description="Such as `user` or `assistant`.")] = [],  # noqa: B006
    model: Annotated[_Names, Query(description="The model that answered.")] = [],  # noqa: B006
    since: Annotated[Moment | None, Query(description="Said then or later.")] = None,
    until: Annotated[Moment | None, Query(description="Said before then.")] = None,
) -> ConversationResults:
    """Texts of your conversations: by share link, by title, by words and by meaning."""
    only = SearchFilter(
        sources=source,
        content_types=content_type,
        roles=role,
        models=model,
        since=since,
        until=until,
        status=status,
    )
    found = await candor.conversations.search_conversations.search(
        caller, q, only, limit=limit, offset=offset, sort_by=sort_by, sort_dir=sort_dir
    )
    if not found.is_current:
        await put(candor, CONVERSATIONS)
    return ConversationResults.of_search(found)
