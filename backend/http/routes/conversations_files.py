"""Routes of the files of conversations: attach, list, download."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import File, Query, Request, Response, UploadFile
from fastapi.responses import RedirectResponse, StreamingResponse

from backend.http.conversation_upload import safe_name
from backend.http.dependencies import ONE_FILE, Candor, Importer, Router, Visitor
from backend.http.fields import ThingId
from backend.http.problems import documented
from backend.schemas.conversations import AttachedFile, Attachment
from use_cases.conversations.attachments import SignedLink
from use_cases.conversations.errors import (
    AttachmentBroken,
    AttachmentKindUnknown,
    AttachmentNotFound,
    AttachmentRenamed,
    AttachmentTooLarge,
    ConversationNotFound,
    FileLinkInvalid,
    FileStoreUnavailable,
)
from use_cases.kernel.errors import StorageBusy

router = Router(prefix="/api/conversations", tags=["conversations"])

_LATEST = 2**53
_SIGNATURE = r"^[0-9a-f]{64}$"


@router.post(
    "/{conversation_id}/files",
    status_code=HTTPStatus.CREATED,
    dependencies=[ONE_FILE],
    responses={
        HTTPStatus.OK: {"model": Attachment, "description": "The conversation had this file."},
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
) -> Attachment:
    """Attach a file to a conversation; its kind is found by its content."""
    attached = await candor.conversations.manage_attachments.add(
        importer, conversation_id, safe_name(file.filename), file.file
    )
    if not attached.new:
        response.status_code = HTTPStatus.OK
    return Attachment.made(attached)


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
    """Leads to a signed link, which needs no login and ends after FILE_LINK_SECONDS."""
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
