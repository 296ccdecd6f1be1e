"""Routes of project drafts: the draft and its versions, the chat about it, and the project."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Body, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from backend.errors import NotJson
from backend.http.dependencies import (
    JSON_ONLY,
    JSON_OR_NOTHING,
    Before,
    Candor,
    FreeText,
    Importer,
    Page,
    Router,
    StrictBody,
    ThingId,
)
from backend.http.openapi import DRAFTED, DRAFTING, EVENTS, ONE_EVENT, streamed_run
from backend.http.problems import WRITING, documented
from backend.http.runs import answered, started, streamed
from backend.schemas.conversations_projects import (
    ConversationProjectReply,
    DraftMessages,
    DraftVersions,
    ModelChoice,
    ProjectDraftReply,
)
from backend.stream.draft_events import DraftEventStream
from use_cases.conversations.drafts.draft_turn import DraftRequest
from use_cases.conversations.drafts.events import DraftReplyRecorded, DraftTurnBegun
from use_cases.conversations.errors import (
    ConversationNotFound,
    ConversationProjectNotFound,
    DraftInvalid,
    DraftMessageNotFound,
    DraftVersionNotFound,
    LinearKeyRejected,
    LinearRefused,
    LinearTeamNotFound,
    ProjectDraftNotFound,
    ProposalOutdated,
)
from use_cases.kernel.errors import (
    ConversationLocked,
    RateLimited,
    StorageBusy,
    UpstreamFailed,
    UpstreamTimeout,
)

router = Router(prefix="/api/conversations", tags=["conversations"])

_MOST_MESSAGES = 500
_MOST_FILES = 20
_STREAM = """data: {"type":"status","status":"analyzing_request"}

data: {"type":"status","status":"updating_project_draft"}

data: {"type":"project_updated","project_draft":{"project_draft_id":"draft_01", … }}

data: {"type":"content","content":"The title is shorter now."}

data: {"type":"done","response":{"message_id":"reply_01", … }}

"""


class DraftChatRequest(ModelChoice):
    """A message about a draft."""

    message: FreeText = Field(description="What the draft should say, or a question about it.")
    attachment_ids: list[str] = Field(
        default=[], max_length=_MOST_FILES, description="Files of the conversation to read with it."
    )


class DraftEdit(StrictBody):
    """Another title or description; what is missing stays."""

    title: FreeText | None = Field(default=None, description="1 to 80 characters, on one line.")
    description: FreeText | None = Field(default=None, description="Markdown.")


class ProjectRequest(DraftEdit):
    """The project as the draft is, with another title or description, or just as it was proposed."""

    proposal_id: str | None = Field(
        default=None, description="Create this proposal; 409 where the draft has changed since."
    )


@router.get(
    "/{conversation_id}/project-draft",
    responses=documented(ConversationNotFound, ProjectDraftNotFound),
)
async def show_project_draft(
    conversation_id: ThingId, candor: Candor, importer: Importer
) -> ProjectDraftReply:
    """The draft of a conversation, with the version in force."""
    found = await candor.conversations.manage_drafts.show(importer, conversation_id)
    return ProjectDraftReply.of(found)


@router.post(
    "/{conversation_id}/project-draft",
    status_code=HTTPStatus.CREATED,
    dependencies=[JSON_OR_NOTHING],
    response_model=ProjectDraftReply,
    responses=DRAFTED,
)
async def generate_project_draft(
    conversation_id: ThingId,
    candor: Candor,
    importer: Importer,
    body: Annotated[ModelChoice, Body(default_factory=ModelChoice)],
    request: Request,
) -> ProjectDraftReply | Response:
    """Write a draft of the conversation anew, as its next version; the first one makes the draft."""
    wanted = DraftRequest(conversation_id=conversation_id, model=body.model)
    stream = candor.conversations.chat_about_draft.stream(wanted, caller=importer)
    turn = await started(candor, stream, DraftTurnBegun)
    return await answered(
        turn, DraftReplyRecorded, request.receive, lambda last: ProjectDraftReply.of(last.draft)
    )


@router.patch(
    "/{conversation_id}/project-draft",
    dependencies=[JSON_ONLY],
    responses=documented(ConversationNotFound, ConversationLocked, DraftInvalid, *WRITING),
)
async def edit_project_draft(
    conversation_id: ThingId, candor: Candor, importer: Importer, edit: DraftEdit
) -> ProjectDraftReply:
    """Store a version by hand; without a draft it is the first one."""
    found = await candor.conversations.manage_drafts.edit(
        importer, conversation_id, title=edit.title, description=edit.description
    )
    return ProjectDraftReply.of(found)


@router.get("/{conversation_id}/project-draft/versions", responses=documented(ConversationNotFound))
async def list_draft_versions(
    conversation_id: ThingId, candor: Candor, importer: Importer, page: Page
) -> DraftVersions:
    """The versions of the draft, the newest first."""
    found = await candor.conversations.manage_drafts.versions(
        importer, conversation_id, skip=page.offset, limit=page.limit
    )
    return DraftVersions.of(
        versions=list(found), limit=page.limit, offset=page.offset, more=found.more
    )


@router.post(
    "/{conversation_id}/project-draft/versions/{version_id}/activate",
    responses=documented(
        ConversationNotFound, DraftVersionNotFound, ConversationLocked, StorageBusy
    ),
)
async def activate_draft_version(
    conversation_id: ThingId, version_id: ThingId, candor: Candor, importer: Importer
) -> ProjectDraftReply:
    """Put an earlier version in force again."""
    found = await candor.conversations.manage_drafts.activate(importer, conversation_id, version_id)
    return ProjectDraftReply.of(found)


@router.get(
    "/{conversation_id}/project-draft/chat",
    responses=documented(ConversationNotFound, DraftMessageNotFound),
)
async def read_draft_chat(
    conversation_id: ThingId,
    candor: Candor,
    importer: Importer,
    limit: Annotated[
        int, Query(ge=1, le=_MOST_MESSAGES, description="The most to return: the last ones.")
    ] = 200,
    before: Before = None,
) -> DraftMessages:
    """The chat about the draft, oldest message first; empty before the first one."""
    found = await candor.conversations.chat_about_draft.read(
        importer, conversation_id, limit=limit, before=before
    )
    before = found[0].message_id if found.more else None
    return DraftMessages.of(chat_messages=list(found), limit=limit, next_before=before)


@router.post(
    "/{conversation_id}/project-draft/chat/stream",
    dependencies=[JSON_ONLY],
    response_class=StreamingResponse,
    responses=streamed_run(
        "The reply while it is written, as server-sent events. Each one is a JSON object with its "
        "`type`: `status`, `content`, `project_updated`, `project_proposed`, `conversation_locked`, and at "
        "the end `done` or `error`.",
        {EVENTS: _STREAM},
        DRAFTING,
        headers={},
        event=ONE_EVENT,
    ),
)
async def chat_about_draft(
    conversation_id: ThingId, candor: Candor, importer: Importer, body: DraftChatRequest
) -> Response:
    """Talk about the draft: the agent changes it, and proposes its project when you ask for that.

    It is created when your next message confirms the proposal and says nothing else, or by `POST …/project`.
    """
    wanted = DraftRequest(
        conversation_id=conversation_id,
        message=body.message,
        model=body.model,
        attachment_ids=body.attachment_ids,
    )
    stream = candor.conversations.chat_about_draft.stream(wanted, caller=importer)
    return streamed(candor, await started(candor, stream, DraftTurnBegun), DraftEventStream())


@router.post(
    "/{conversation_id}/project",
    status_code=HTTPStatus.CREATED,
    dependencies=[JSON_OR_NOTHING],
    responses=documented(
        ConversationNotFound,
        ProjectDraftNotFound,
        ConversationLocked,
        DraftInvalid,
        ProposalOutdated,
        NotJson,
        LinearKeyRejected,
        LinearTeamNotFound,
        LinearRefused,
        RateLimited,
        UpstreamFailed,
        UpstreamTimeout,
        StorageBusy,
    ),
)
async def create_conversation_project(
    conversation_id: ThingId,
    candor: Candor,
    importer: Importer,
    wanted: Annotated[ProjectRequest, Body(default_factory=ProjectRequest)],
) -> ConversationProjectReply:
    """Create the project of the draft, once, and lock the conversation; no body takes the draft as it is."""
    made = await candor.conversations.create_project.run(
        importer,
        conversation_id,
        title=wanted.title,
        description=wanted.description,
        proposal_id=wanted.proposal_id,
    )
    return ConversationProjectReply.of(made)


@router.get(
    "/{conversation_id}/project",
    responses=documented(ConversationNotFound, ConversationProjectNotFound),
)
async def show_conversation_project(
    conversation_id: ThingId, candor: Candor, importer: Importer
) -> ConversationProjectReply:
    """The project of a conversation; one whose creation was interrupted is looked for at the tracker, and is
    `creating` where it is not there.
    """
    found = await candor.conversations.create_project.show(importer, conversation_id)
    return ConversationProjectReply.of(found)
