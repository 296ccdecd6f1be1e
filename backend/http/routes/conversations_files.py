"""Routes of the files of conversations, and of the summaries of both."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import Body, File, Query, Request, Response, UploadFile
from fastapi.responses import RedirectResponse, StreamingResponse
from pydantic import BaseModel, Field

from backend.errors import NotJson
from backend.http.dependencies import (
    JSON_ONLY,
    JSON_OR_NOTHING,
    ONE_FILE,
    Candor,
    FreeText,
    Importer,
    ModelName,
    Router,
    ThingId,
    Visitor,
)
from backend.http.problems import WRITING, documented
from backend.http.routes.conversations_imports import safe_name
from backend.processes.beside_requests import put
from backend.schemas.conversations_schemas import (
    AttachedFile,
    AttachmentReply,
    FileSummaryReply,
    SummaryReply,
    SummaryRunReply,
)
from use_cases.conversations.errors import (
    AttachmentBroken,
    AttachmentKindUnknown,
    AttachmentNotFound,
    AttachmentRenamed,
    AttachmentTooLarge,
    ConversationNotFound,
    FileLinkInvalid,
    FileStoreUnavailable,
    SummaryInvalid,
    SummaryNotFound,
)
from use_cases.conversations.manage_attachments import SignedLink
from use_cases.kernel.errors import (
    DefaultModelUnusable,
    ModelNotAllowed,
    ModelNotConfigured,
    ModelUnknown,
    StorageBusy,
    TooLarge,
)
from use_cases.kernel.identity.errors import BudgetSpent
from use_cases.kernel.jobs.orders import run_order

router = Router(prefix="/api/conversations", tags=["conversations"])

_LATEST = 2**53
_SIGNATURE = r"^[0-9a-f]{64}$"


@router.post(
    "/{conversation_id}/files",
    status_code=HTTPStatus.CREATED,
    dependencies=[ONE_FILE],
    responses={
        HTTPStatus.OK: {"model": AttachmentReply, "description": "The conversation had this file."},
        **documented(
            ConversationNotFound,
            AttachmentTooLarge,
            AttachmentKindUnknown,
            AttachmentRenamed,
            AttachmentBroken,
            FileStoreUnavailable,
            StorageBusy,
        ),
    },
)
async def attach_file(
    conversation_id: ThingId,
    candor: Candor,
    importer: Importer,
    response: Response,
    file: Annotated[UploadFile, File(description="JPEG, PNG, GIF, WebP, SVG, PDF or text.")],
) -> AttachmentReply:
    """Attach a file to a conversation; its kind is found by its content."""
    attached = await candor.conversations.manage_attachments.add(
        importer, conversation_id, safe_name(file.filename), file.file
    )
    if not attached.new:
        response.status_code = HTTPStatus.OK
    return AttachmentReply.made(attached)


@router.get("/{conversation_id}/files", responses=documented(ConversationNotFound))
async def list_files(
    conversation_id: ThingId, candor: Candor, importer: Importer
) -> list[AttachedFile]:
    """The files of a conversation, oldest first."""
    found = await candor.conversations.manage_attachments.list(importer, conversation_id)
    return [AttachedFile.of(one) for one in found]


@router.get(
    "/files/{file_id}/download",
    status_code=HTTPStatus.FOUND,
    response_class=RedirectResponse,
    responses=documented(AttachmentNotFound, FileStoreUnavailable),
)
async def download_file(
    file_id: ThingId, candor: Candor, importer: Importer, request: Request
) -> RedirectResponse:
    """Leads to a signed link, which needs no login and ends after an hour."""
    link = await candor.conversations.manage_attachments.link(importer, file_id)
    if isinstance(link, SignedLink):
        place = f"{request.scope.get('root_path', '')}/api/conversations/files/{link.file_id}"
        link = f"{place}/content?expires={link.expires}&signature={link.signature}"
    return RedirectResponse(link, status_code=HTTPStatus.FOUND)


@router.get(
    "/files/{file_id}/content",
    response_class=StreamingResponse,
    responses=documented(FileLinkInvalid, AttachmentNotFound, FileStoreUnavailable),
)
async def read_file(
    file_id: ThingId,
    candor: Candor,
    _visitor: Visitor,
    expires: Annotated[int, Query(ge=0, le=_LATEST, description="Seconds since 1970.")],
    signature: Annotated[str, Query(pattern=_SIGNATURE, description="Of the id and `expires`.")],
) -> StreamingResponse:
    """The bytes of a file, for everyone who has the signed link. A browser saves it and shows nothing."""
    link = SignedLink(file_id, expires, signature)
    opened = await candor.conversations.manage_attachments.open_link(link)
    name, media_type = opened.attachment.name, opened.attachment.media_type
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Length": str(opened.attachment.size),
        # The link is the permission, also for an <img> in a page of another origin.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return StreamingResponse(opened.content, media_type=media_type, headers=headers)


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
    responses=documented(ConversationNotFound, SummaryInvalid, *WRITING),
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
    conversation_id: ThingId, candor: Candor, importer: Importer, wish: Wish
) -> SummaryRunReply:
    """Begin a summary in the background; one that is being made already is returned."""
    summarise = candor.conversations.summarise_conversations
    run = await summarise.create(importer, conversation_id, model=wish.model, queued=True)
    await put(candor, run_order(run))
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
    file_id: ThingId, candor: Candor, importer: Importer, wish: Wish
) -> SummaryRunReply:
    """Begin a summary of a file by a model, in the background; one that is being made is returned."""
    summarise = candor.conversations.summarise_conversations
    run = await summarise.create_for_file(importer, file_id, model=wish.model, queued=True)
    await put(candor, run_order(run))
    return SummaryRunReply.of(run)
