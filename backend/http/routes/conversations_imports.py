"""Routes of imports: from a share link or a file, and from Slack by a program."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Annotated

from fastapi import Request
from fastapi.responses import Response
from pydantic import Field

from backend.errors import NotJson
from backend.http.background_work import BackgroundRuns, Work
from backend.http.content_type import JSON_ONLY
from backend.http.conversation_upload import (
    IMPORT_BODY,
    ImportRequest,
    LinkImport,
    is_form,
    link_of,
    uploaded_file,
)
from backend.http.dependencies import Candor, Importer, Router, Service
from backend.http.problems import documented
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
    SummaryBegun,
)
from use_cases.conversations.share_links import share_link
from use_cases.kernel.errors import (
    DefaultModelUnusable,
    InvalidInput,
    StorageBusy,
    TooLarge,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.kernel.identity.errors import BudgetSpent, UserNotFound
from use_cases.kernel.model import Caller
from use_cases.kernel.runs.cancellation import closing

router = Router(prefix="/api/conversations", tags=["conversations"])


class SlackImport(LinkImport):
    """A share link that a person posted in Slack."""

    user_id: Annotated[str, Field(min_length=1, max_length=128)] = Field(
        description="The user whose conversation it becomes: the id, or the e-mail address."
    )
    duplicate_resolution: DuplicateResolution = DuplicateResolution.UPDATE_EXISTING


@router.post(
    "/import",
    response_class=Response,
    openapi_extra=IMPORT_BODY,
    responses={
        200: {
            "description": "Lines of JSON, each `{type, data}`: `state`, `progress`, `conflict`, `model_limit_conflict`, and at the end `done` or `error`.",
            "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
        },
        **documented(
            InvalidInput, ShareLinkUnsupported, BudgetSpent, DefaultModelUnusable, NotJson, TooLarge
        ),
    },
)
async def import_conversations(
    candor: Candor, importer: Importer, request: Request, work: Work
) -> Response:
    """Import the conversation of a share link, or all of a file.

    Each conversation is stored as soon as it is read; what is stored stays when the client leaves. A
    conversation that is here already is a `conflict`, unless the request says how to treat it. One that
    is too long for the model that the request names is a `model_limit_conflict`, unless the request
    accepts that it is summarised.
    """
    if is_form(request):
        events = _file_events(candor, importer, request, work)
    else:
        asked = await link_of(request)
        link, choice = share_link(asked.url), await _choice(candor, importer, asked)
        events = candor.conversations.import_conversations.stream_link(importer, link, choice)
        events = _summarising(candor, importer, events, work)
    first = await anext(events)
    return StreamedResponse(first, events, ImportLines(), candor.settings.heartbeat_seconds)


async def _file_events(
    candor: Candor, importer: Caller, request: Request, work: BackgroundRuns
) -> AsyncGenerator[ImportEvent]:
    async with uploaded_file(request) as file:
        choice = await _choice(candor, importer, file.options)
        importing = candor.conversations.import_conversations
        events = importing.stream(importer, file.path, choice, name=file.name)
        events = candor.conversations.belongings.taking(importer, events)
        async with closing(_summarising(candor, importer, events, work)) as summarising:
            async for event in summarising:
                yield event


async def _summarising(
    candor: Candor, importer: Caller, events: AsyncGenerator[ImportEvent], work: BackgroundRuns
) -> AsyncGenerator[ImportEvent]:
    """The events, with the summaries of what is too long for a model begun in the background."""
    reading = candor.conversations.import_for_model
    async with closing(reading.summarising(importer, events)) as summarising:
        async for event in summarising:
            if isinstance(event, SummaryBegun):
                runs = candor.conversations.summarise_conversations
                work.begin(runs, importer, event.run_id)
            yield event


async def _choice(candor: Candor, importer: Caller, asked: ImportRequest) -> ImportChoice:
    """With the limit of the model that was named, if any."""
    if asked.model is None:
        return asked.choice
    return await candor.conversations.import_for_model.choice(
        importer, asked.choice, asked.model, accepted=asked.accept_summarization
    )


@router.post(
    "/import-slack",
    dependencies=[JSON_ONLY],
    responses=documented(
        ShareLinkUnsupported,
        ConversationFormatUnknown,
        ConversationNotFound,
        UserNotFound,
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
    link, choice = share_link(asked.url), _without_prompt(asked)
    user_id = asked.user_id
    if not service.owns_all:  # in local mode nobody is known by name
        user_id = (await candor.identity.manage_users.active(asked.user_id)).user_id
    caller = replace(service, user_id=user_id, owns_all=False)
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
