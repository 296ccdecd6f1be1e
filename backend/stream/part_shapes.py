"""The shapes that a live stream and a reloaded chat share, so that both look the same.

Numbers that are not known are null. Names of fields are those of the HTTP API, except where the
client library prescribes its own (`sourceId`, `mediaType`, …).
"""

from pathlib import PurePosixPath
from urllib.parse import quote

from pydantic import JsonValue

from backend.schemas import chat as presenting
from backend.schemas.chats import arguments_object
from use_cases.chat.model import Answer
from use_cases.kernel.citations.sources import Source

Shape = dict[str, JsonValue]

STOPPED_TOOL = "The answer was stopped before this tool came to its end."
"""The error text of a tool call without a result."""

_MEDIA_TYPES = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
    ".html": "text/html",
    ".htm": "text/html",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def initial_metadata(*, chat_id: str, question_id: str | None) -> Shape:
    """Return the metadata that an answer has from its beginning."""
    return {"chat_id": chat_id, "question_id": question_id}


def final_metadata(answer: Answer) -> Shape:
    """Return the metadata that an answer gets in the end."""
    return {
        "outcome": answer.outcome.value,
        "mode": answer.mode.value,
        "model": answer.model,
        "prompt_version": answer.prompt_version,
        "usage": usage(answer),
        "cost": None if answer.cost is None else str(answer.cost),
        "latency_ms": answer.latency_ms,
        "interrupted": answer.interrupted,
        "notices": list(answer.notices),
        "created_at": answer.created_at.isoformat(),
    }


def usage(answer: Answer) -> Shape:
    """Return the tokens of the whole turn; null where they are not known."""
    return {"input_tokens": answer.input_tokens, "output_tokens": answer.output_tokens}


def sources(answer: Answer) -> list[JsonValue]:
    """Return the verified sources in full, with their quotes."""
    return [presenting.Source.of(source).model_dump(mode="json") for source in answer.sources]


def tool_calls(answer: Answer) -> list[JsonValue]:
    """Return the tool calls of the answer; `args` is an object."""
    return [
        {
            "name": call.name,
            "args": arguments_object(call.arguments),
            "result": call.result,
            "failed": call.failed,
        }
        for call in answer.tool_calls
    ]


def source_document(answer: Answer, source: Source) -> Shape:
    """Return a cited source as the client library's `source-document`, without its `type`."""
    ref = source.document
    about: Shape = {
        "number": source.number,
        "kind": source.kind.value,
        "section": source.section,
        "date": ref.updated.isoformat(),
        "document_id": ref.document_id,
        "version_id": ref.version_id,
        "page": source.page,
        "url": document_url(source),
        "said": source.said,
    }
    return {
        "sourceId": source_id(answer, source),
        "mediaType": "text/markdown"
        if source.said
        else _MEDIA_TYPES.get(PurePosixPath(ref.name).suffix.lower(), "application/octet-stream"),
        "title": ref.title,
        "filename": ref.name,
        "providerMetadata": {"candor": about},
    }


def source_id(answer: Answer, source: Source) -> str:
    """Return the id of a cited source, unique among all citations."""
    return f"{answer.answer_id}:{source.number}"


def document_url(source: Source) -> str:
    """Return the document's address on this server; the same for every version of it. That of a
    message is its conversation's.
    """
    if source.said is not None:
        return f"/api/conversations/{quote(source.document.name, safe='')}"
    return f"/knowledge/documents/{quote(source.document.document_id, safe='')}"


def replaced(text: str, reason: str) -> Shape:
    """Return the data of a replacement: all earlier text is void."""
    return {"text": text, "reason": reason}


def part_id(answer_id: str, number: int) -> str:
    """Return the id of a message's text or reasoning part, by its place among them."""
    return f"{answer_id}:{number}"
