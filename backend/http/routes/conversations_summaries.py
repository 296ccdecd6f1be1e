"""Routes of the summaries of conversations: read, make, edit."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Body
from pydantic import BaseModel, Field

from backend.errors import NotJson
from backend.http.background_work import Work
from backend.http.content_type import JSON_ONLY, JSON_OR_NOTHING
from backend.http.dependencies import Candor, Importer, Router
from backend.http.fields import FreeText, ModelName, ThingId
from backend.http.problems import documented
from backend.schemas.conversations import FileSummaryReply, SummaryReply, SummaryRunReply
from use_cases.conversations.errors import AttachmentNotFound, ConversationNotFound
from use_cases.conversations.summaries.errors import SummaryInvalid, SummaryNotFound
from use_cases.kernel.errors import (
    DefaultModelUnusable,
    ModelNotAllowed,
    ModelNotConfigured,
    ModelUnknown,
    StorageBusy,
    TooLarge,
)
from use_cases.kernel.identity.errors import BudgetSpent

router = Router(prefix="/api/conversations", tags=["conversations"])

_WHY_NOT_MADE = (
    SummaryInvalid,
    BudgetSpent,
    ModelUnknown,
    ModelNotConfigured,
    ModelNotAllowed,
    DefaultModelUnusable,
    NotJson,
    TooLarge,
    StorageBusy,
)


class SummaryText(BaseModel):
    """A person's summary."""

    summary: FreeText = Field(max_length=100_000, description="1 to 20,000 characters.")


class SummaryWish(BaseModel):
    """The model that shall write it; unset: the default one."""

    model: ModelName = None


Wish = Annotated[SummaryWish, Body(default_factory=SummaryWish)]


@router.get(
    "/{conversation_id}/imported_chat_summary",
    responses=documented(ConversationNotFound, SummaryNotFound),
)
async def show_summary(
    conversation_id: ThingId, candor: Candor, importer: Importer
) -> SummaryReply:
    """The summary of a conversation, imported or begun here."""
    found, run = await candor.conversations.summarise_conversations.summary(
        importer, conversation_id
    )
    return SummaryReply.with_run(found, run)


@router.patch(
    "/{conversation_id}/summary",
    dependencies=[JSON_ONLY],
    responses=documented(ConversationNotFound, SummaryInvalid, NotJson, TooLarge, StorageBusy),
)
async def edit_summary(
    conversation_id: ThingId, candor: Candor, importer: Importer, new: SummaryText
) -> SummaryReply:
    """Write the summary yourself; no run replaces it."""
    summarise = candor.conversations.summarise_conversations
    await summarise.edit(importer, conversation_id, new.summary)
    return SummaryReply.with_run(*await summarise.summary(importer, conversation_id))


@router.post(
    "/{conversation_id}/summary",
    status_code=HTTPStatus.ACCEPTED,
    dependencies=[JSON_OR_NOTHING],
    responses=documented(ConversationNotFound, *_WHY_NOT_MADE),
)
async def make_summary(
    conversation_id: ThingId, candor: Candor, importer: Importer, wish: Wish, work: Work
) -> SummaryRunReply:
    """Begin a summary in the background; one that is being made already is returned."""
    summarise = candor.conversations.summarise_conversations
    run = await summarise.create(importer, conversation_id, model=wish.model, queued=True)
    work.begin(summarise, importer, run.job_id)
    return SummaryRunReply.of(run)


@router.get("/files/{file_id}/summary", responses=documented(AttachmentNotFound))
async def show_file_summary(
    file_id: ThingId, candor: Candor, importer: Importer
) -> FileSummaryReply:
    """A file with its summary, and the state of the run that makes one."""
    found, run = await candor.conversations.summarise_conversations.file(importer, file_id)
    return FileSummaryReply.with_run(found, run)


@router.post(
    "/files/{file_id}/summary",
    status_code=HTTPStatus.ACCEPTED,
    dependencies=[JSON_OR_NOTHING],
    responses=documented(AttachmentNotFound, *_WHY_NOT_MADE),
)
async def make_file_summary(
    file_id: ThingId, candor: Candor, importer: Importer, wish: Wish, work: Work
) -> SummaryRunReply:
    """Begin a summary of a file by a model, in the background; one that is being made is returned."""
    summarise = candor.conversations.summarise_conversations
    run = await summarise.create_for_file(importer, file_id, model=wish.model, queued=True)
    work.begin(summarise, importer, run.job_id)
    return SummaryRunReply.of(run)
