"""The request of an import: a share link as JSON, or a file as a form, under a safe name.

Promises: the result is one path segment of 1 to 255 bytes in UTF-8, in Unicode's composed form,
without control, format or unassigned characters, and is neither hidden nor a way up.

Promises: a file is written to a folder of its own, which is removed when the import ends, and keeps its
name in reports. Leaves to others: the size of a body (`backend/http/middleware/request_shape.py`).
"""

import shutil
import unicodedata
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, TypeVar

import anyio
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile

from backend.errors import NotJson, ValidationFailed
from backend.http.fields import FreeText
from backend.schemas.conversations_drafts import ModelChoice
from use_cases.conversations.model import DuplicateResolution, ImportChoice
from use_cases.kernel.errors import InvalidInput

_LONGEST = 255
_FALLBACK = "document"


def safe_name(given: str | None) -> str:
    """Return the last segment of the sent path, cleaned; `document` when nothing is left."""
    text = unicodedata.normalize("NFC", given or "")
    # Browsers on Windows once sent whole paths; both separators end a segment.
    last = text.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(char for char in last if not unicodedata.category(char).startswith("C"))
    name = " ".join(visible.split()).lstrip(". ").rstrip(". ")
    return _shorten(name) or _FALLBACK


def _shorten(name: str) -> str:
    """Return at most 255 bytes, keeping the extension, by which readers recognise a format."""
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
    """How to treat a conversation that was imported before."""

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
    """Whether a file is sent. Raises `NotJson` for a body that is neither a form nor JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return True
    if kind != "application/json":
        raise NotJson("The request's Content-Type is neither JSON nor a form with a file.")
    return False


async def link_of(request: Request) -> LinkRequest:
    """Read the body of JSON. Raises `ValidationFailed`."""
    return _validated(LinkRequest, await request.body())


@asynccontextmanager
async def uploaded_file(request: Request) -> AsyncGenerator[UploadedFile]:
    """Read the form and write its file. Raises `ValidationFailed` and `InvalidInput`."""
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
