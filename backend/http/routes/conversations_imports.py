"""Routes of imports: from a share link or a file under a safe name, and from Slack by a program.

The name of a file becomes one path segment of 1 to 255 bytes in UTF-8, in Unicode's composed form,
without control, format or unassigned characters, and is neither hidden nor a way up.

Promises: a file is written to a folder of its own, which is removed when the import ends, and keeps its
name in reports. Leaves to others: the size of a body (`backend/http/middleware/body_limit.py`).
"""

import shutil
import unicodedata
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, TypeVar

import anyio
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile

from backend.errors import NotJson, ValidationFailed
from backend.http.dependencies import JSON_ONLY, Candor, FreeText, Importer, Router, Service
from backend.http.problems import documented, text_of
from backend.processes.beside_requests import put
from backend.schemas.conversations_projects import ModelChoice
from backend.schemas.conversations_schemas import StoredReply
from backend.stream.import_lines import ImportLines
from backend.stream.response import StreamedResponse
from use_cases.conversations.errors import (
    ConversationFormatUnknown,
    ConversationNotFound,
    ProviderBlocked,
    SharedChatNotFound,
    ShareLinkUnsupported,
)
from use_cases.conversations.importers.share_pages import share_link
from use_cases.conversations.model import (
    ConversationStored,
    DuplicateResolution,
    ImportChoice,
    ImportEvent,
    SummaryBegun,
)
from use_cases.kernel.errors import (
    DefaultModelUnusable,
    InvalidInput,
    StorageBusy,
    TooLarge,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.kernel.identity.errors import BudgetSpent, UserNotFound
from use_cases.kernel.jobs.orders import run_order
from use_cases.kernel.model import Caller
from use_cases.kernel.runs.surroundings import closing

_LONGEST = 255
_FALLBACK = "document"


def safe_name(given: str | None) -> str:
    """Returns the last segment of the sent path, cleaned; `document` when nothing is left."""
    # So browsers and curl write a quotation mark in a form, and nothing else.
    text = unicodedata.normalize("NFC", given or "").replace("%22", '"')
    # Browsers on Windows once sent whole paths; both separators end a segment.
    last = text.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(char for char in last if not unicodedata.category(char).startswith("C"))
    name = " ".join(visible.split()).lstrip(". ").rstrip(". ")
    return _shorten(name) or _FALLBACK


def _shorten(name: str) -> str:
    """Returns at most 255 bytes, keeping the extension, by which readers recognise a format."""
    if len(name.encode()) <= _LONGEST:
        return name
    stem, dot, extension = name.rpartition(".")
    ending = f".{extension}" if dot and len(extension.encode()) <= 16 else ""
    kept = (stem if ending else name).encode()[: _LONGEST - len(ending.encode())]
    return kept.decode(errors="ignore") + ending


Options = TypeVar("Options", bound=BaseModel)
_MOST_FIELDS = 8
_LONGEST_ID = 128
_LONGEST_LINK = 2000
_ID = Field(min_length=1, max_length=_LONGEST_ID)


class ImportOptions(BaseModel):
    """Treatment of a conversation that was imported before."""

    model_config = ConfigDict(extra="ignore")  # a form has the file beside them

    duplicate_resolution: DuplicateResolution = DuplicateResolution.PROMPT
    target_conversation_id: Annotated[str, _ID] | None = None

    @property
    def choice(self) -> ImportChoice:
        """The same for the use case. Raises `InvalidInput` for a target without an update."""
        updates = self.duplicate_resolution is DuplicateResolution.UPDATE_EXISTING
        if self.target_conversation_id is not None and not updates:
            raise InvalidInput("target_conversation_id needs duplicate_resolution update_existing.")
        return ImportChoice(duplicates=self.duplicate_resolution, into=self.target_conversation_id)


class ImportRequest(ImportOptions, ModelChoice):
    """The same with the model that shall read the conversation, such as one that goes on with it."""

    accept_summarization: bool = False


class LinkImport(ImportOptions):
    """A share link to import."""

    url: FreeText = Field(
        max_length=_LONGEST_LINK,
        description="A share link of ChatGPT, Claude, Grok or BranchPrompt.",
    )


class LinkRequest(LinkImport, ImportRequest):
    """A share link to import for a model."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file to import, where it lies until the end."""

    path: str
    name: str
    options: ImportRequest


_OPTIONS: dict[str, Any] = {
    "duplicate_resolution": {
        "type": "string",
        "enum": [one.value for one in DuplicateResolution],
        "default": DuplicateResolution.PROMPT.value,
        "description": "What becomes of a conversation that was imported before.",
    },
    "target_conversation_id": {
        "type": ["string", "null"],
        "minLength": 1,
        "maxLength": _LONGEST_ID,
        "description": "With `update_existing`: the conversation to update.",
    },
    "llm_model": {
        "type": ["string", "null"],
        "maxLength": 200,
        "description": "The model that shall read it: `gpt-4.1-mini`, or `provider:model`. A conversation that is too long for it is a `model_limit_conflict`.",
    },
    "llm_provider": {
        "type": ["string", "null"],
        "maxLength": 60,
        "description": "The model's provider, such as `openai`, `anthropic` or `grok`.",
    },
    "accept_summarization": {
        "type": "boolean",
        "default": False,
        "description": "Store a conversation that is too long for the model, and summarise it.",
    },
}


def _described(name: str, **about: str | int) -> dict[str, Any]:
    own = {"type": "string", **about}
    return {"schema": {"type": "object", "required": [name], "properties": {name: own, **_OPTIONS}}}


IMPORT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": _described(
                "url",
                maxLength=_LONGEST_LINK,
                description="A share link of ChatGPT, Claude, Grok or BranchPrompt.",
            ),
            "multipart/form-data": _described(
                "file",
                format="binary",
                description="An export (ZIP or JSON) or a saved share page.",
            ),
        },
    }
}
"""OpenAPI's description of the two."""


def is_form(request: Request) -> bool:
    """Returns whether a file is sent. Raises `NotJson` for a body that is neither a form nor JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return True
    if kind != "application/json":
        raise NotJson("The request's Content-Type is neither JSON nor a form with a file.")
    return False


async def link_of(request: Request) -> LinkRequest:
    """Reads the body of JSON. Raises `ValidationFailed`."""
    return _validated(LinkRequest, await request.body())


@asynccontextmanager
async def uploaded_file(request: Request) -> AsyncGenerator[UploadedFile]:
    """Reads the form and writes its file. Raises `ValidationFailed` and `InvalidInput`."""
    async with request.form(max_files=1, max_fields=_MOST_FIELDS) as form:
        sent = form.get("file")
        if not isinstance(sent, UploadFile):
            raise InvalidInput("The form has no file.", hint="Send it as the field `file`.")
        fields = {name: value for name, value in form.items() if isinstance(value, str) and value}
        options = _validated(ImportRequest, fields)
        with TemporaryDirectory(prefix="candor-import-") as folder:
            path = Path(folder) / "upload"
            await anyio.to_thread.run_sync(_write, sent, path)
            yield UploadedFile(str(path), safe_name(sent.filename), options)


def _write(sent: UploadFile, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(sent.file, file, 1 << 20)


def _validated(kind: type[Options], value: object) -> Options:
    try:
        if isinstance(value, bytes):
            return kind.model_validate_json(value)
        return kind.model_validate(value)
    except ValidationError as error:
        places = [
            f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors(include_input=False, include_url=False)
        ]
        raise ValidationFailed("; ".join(places) + ".") from None


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
    responses=text_of(
        "Lines of JSON, each `{type, data}`: `state`, `progress`, `conflict`, `model_limit_conflict`, and at the end `done` or `error`.",
        "application/x-ndjson",
    )
    | documented(
        InvalidInput, ShareLinkUnsupported, BudgetSpent, DefaultModelUnusable, NotJson, TooLarge
    ),
)
async def import_conversations(candor: Candor, importer: Importer, request: Request) -> Response:
    """Import the conversation of a share link, or all of a file.

    Each conversation is stored as soon as it is read; what is stored stays when the client leaves. A
    conversation that is here already is a `conflict`, unless the request says how to treat it. One that
    is too long for the model that the request names is a `model_limit_conflict`, unless the request
    accepts that it is summarised.
    """
    if is_form(request):
        events = _file_events(candor, importer, request)
    else:
        asked = await link_of(request)
        link, choice = share_link(asked.url), await _choice(candor, importer, asked)
        events = candor.conversations.import_conversations.stream_link(importer, link, choice)
        events = _summarising(candor, importer, events)
    first = await anext(events)
    return StreamedResponse(first, events, ImportLines(), candor.settings.heartbeat_seconds)


async def _file_events(
    candor: Candor, importer: Caller, request: Request
) -> AsyncGenerator[ImportEvent]:
    async with uploaded_file(request) as file:
        choice = await _choice(candor, importer, file.options)
        importing = candor.conversations.import_conversations
        events = importing.stream(importer, file.path, choice, name=file.name)
        events = candor.conversations.belongings.taking(importer, events)
        async with closing(_summarising(candor, importer, events)) as summarising:
            async for event in summarising:
                yield event


async def _summarising(
    candor: Candor, importer: Caller, events: AsyncGenerator[ImportEvent]
) -> AsyncGenerator[ImportEvent]:
    """Returns the events, with the summaries of what is too long for a model begun in the background."""
    reading = candor.conversations.import_for_model
    async with closing(reading.summarising(importer, events)) as summarising:
        async for event in summarising:
            if isinstance(event, SummaryBegun):
                runs = candor.conversations.summarise_conversations
                await put(candor, run_order(await runs.show(importer, event.run_id)))
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
