"""Routes of imports: from a share link or a file, and from Slack by a program."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Annotated

from fastapi import Request
from fastapi.responses import Response
from pydantic import Field

from backend.errors import NotJson
from backend.http.content_type import JSON_ONLY
from backend.http.conversation_upload import (
    IMPORT_BODY,
    LinkImport,
    is_form,
    link_of,
    uploaded_file,
)
from backend.http.dependencies import Candor, Importer, Service
from backend.http.problems import documented
from backend.http.router import Router
from backend.schemas.conversations import StoredReply
from backend.stream.import_lines import ImportLines
from backend.stream.response import StreamedResponse
from use_cases.conversations.errors import (
    ConversationFormatUnknown,
    ConversationNotFound,
    ProviderBlocked,
    SharedChatNotFound,
    ShareLinkUnsupported,
)
from use_cases.conversations.model import (
    ConversationStored,
    DuplicateResolution,
    ImportChoice,
    ImportEvent,
)
from use_cases.conversations.share_links import share_link
from use_cases.kernel.errors import (
    InvalidInput,
    StorageBusy,
    TooLarge,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.kernel.model import Caller
from use_cases.kernel.runs.cancellation import closing

router = Router(prefix="/api/conversations", tags=["conversations"])


class SlackImport(LinkImport):
    """A share link that a person posted in Slack."""

    user_id: Annotated[str, Field(min_length=1, max_length=128)] = Field(
        description="The user whose conversation it becomes."
    )
    duplicate_resolution: DuplicateResolution = DuplicateResolution.UPDATE_EXISTING


@router.post(
    "/import",
    response_class=Response,
    openapi_extra=IMPORT_BODY,
    responses={
        200: {
            "description": "Lines of JSON, each `{type, data}`: `state`, `progress`, `conflict`, and at the end `done` or `error`.",
            "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
        },
        **documented(InvalidInput, ShareLinkUnsupported, NotJson, TooLarge),
    },
)
async def import_conversations(candor: Candor, importer: Importer, request: Request) -> Response:
    """Import the conversation of a share link, or all of a file.

    Each conversation is stored as soon as it is read; what is stored stays when the client leaves. A
    conversation that is here already is a `conflict`, unless the request says how to treat it.
    """
    importing = candor.conversations.import_conversations
    if is_form(request):
        events = _file_events(candor, importer, request)
    else:
        asked = await link_of(request)
        events = importing.stream_link(importer, share_link(asked.url), asked.choice)
    first = await anext(events)
    return StreamedResponse(first, events, ImportLines(), candor.settings.heartbeat_seconds)


async def _file_events(
    candor: Candor, importer: Caller, request: Request
) -> AsyncGenerator[ImportEvent]:
    async with uploaded_file(request) as file:
        importing = candor.conversations.import_conversations
        events = importing.stream(importer, file.path, file.options.choice, name=file.name)
        async with closing(events):
            async for event in events:
                yield event


@router.post(
    "/import-slack",
    dependencies=[JSON_ONLY],
    responses=documented(
        ShareLinkUnsupported,
        ConversationFormatUnknown,
        ConversationNotFound,
        ProviderBlocked,
        SharedChatNotFound,
        UpstreamFailed,
        UpstreamTimeout,
        NotJson,
        TooLarge,
        StorageBusy,
    ),
)
async def import_from_slack(candor: Candor, service: Service, asked: SlackImport) -> StoredReply:
    """Import the conversation of a share link for a user; only for keys of services."""
    caller = replace(service, user_id=asked.user_id, owns_all=False)
    link, choice = share_link(asked.url), _without_prompt(asked)
    events = candor.conversations.import_conversations.stream_link(caller, link, choice)
    stored: ConversationStored | None = None
    async with closing(events):
        async for event in events:
            if isinstance(event, ConversationStored):
                stored = event
    if stored is None:
        raise ConversationFormatUnknown("The link leads to no conversation.")
    return StoredReply.of(stored)


def _without_prompt(asked: SlackImport) -> ImportChoice:
    if asked.duplicate_resolution is DuplicateResolution.PROMPT:
        raise InvalidInput("A service cannot be asked back; choose another duplicate_resolution.")
    return asked.choice
