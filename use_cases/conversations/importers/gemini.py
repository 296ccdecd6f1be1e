"""Gemini: a prompt of AI Studio, and the activity that Google Takeout lists.

Takeout has no conversations: each entry is a question with its answer, and is kept as one.
"""

import re
from html import unescape

from use_cases.conversations.importers.content_blocks import (
    citation,
    file_part,
    role_of,
    text_parts,
    unknown_part,
)
from use_cases.conversations.json_values import (
    Fields,
    elements,
    field_names,
    fields,
    first_text,
    objects,
    text,
)
from use_cases.conversations.message_tree import ImportFindings, Node, SourceTree
from use_cases.conversations.model import (
    CodePart,
    FilePart,
    ImportedConversation,
    ImportedMessage,
    MessageRole,
    Part,
    ReasoningPart,
    TextPart,
    ToolResultPart,
)

_PROMPTED = re.compile(r"^(Prompted|Asked|Said|Used Gemini Apps?:?)\s+")
_BREAK = re.compile(r"<(?:br|/p|/li|/h[1-6]|/tr|/pre|/div)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def is_ai_studio(value: Fields) -> bool:
    """Recognises a prompt in chunks."""
    return isinstance(fields(value.get("chunkedPrompt")).get("chunks"), list)


def is_takeout(value: Fields) -> bool:
    """Recognises an entry of the activity with Gemini, once named Bard."""
    header = text(value.get("header"))
    return "time" in value and "title" in value and ("Gemini" in header or "Bard" in header)


def read_ai_studio(value: Fields, findings: ImportFindings) -> SourceTree:
    """Reads a prompt. A chunk without a stated parent follows the one before it."""
    findings.fields("conversation", value, _PROMPT)
    settings = fields(value.get("runSettings"))
    nodes: list[Node] = []
    before: str | None = None
    instruction = [
        part
        for one in objects(fields(value.get("systemInstruction")).get("parts"))
        for part in text_parts(one.get("text"))
    ]
    if instruction:
        message = ImportedMessage(
            message_id="system", parent_id=None, role=MessageRole.SYSTEM, parts=tuple(instruction)
        )
        nodes.append(Node("system", None, message))
        before = "system"
    for number, chunk in enumerate(objects(fields(value["chunkedPrompt"]).get("chunks")), 1):
        key = text(chunk.get("id")) or f"chunk-{number}"
        parent = first_text(fields(chunk.get("branchParent")), "id") or before
        nodes.append(Node(key, parent, _chunk(key, chunk, findings)))
        before = key
    conversation = ImportedConversation(
        source="gemini",
        source_id=text(value.get("id")),
        title=first_text(value, "title", "displayName", "name"),
        created_at=findings.moment(value.get("createTime", value.get("create_time"))),
        updated_at=findings.moment(value.get("updateTime", value.get("update_time"))),
        model=text(settings.get("model")).removeprefix("models/"),
    )
    return SourceTree(conversation=conversation, nodes=nodes)


def _chunk(key: str, chunk: Fields, findings: ImportFindings) -> ImportedMessage:
    findings.fields("message", chunk, _CHUNK)
    parts: list[Part] = []
    if chunk.get("isThought") is True:
        parts.append(ReasoningPart(text=text(chunk.get("text"))))
    else:
        # The field `text` repeats the texts of the parts.
        for one in objects(chunk.get("parts")):
            parts += _part(one)
        if not any(isinstance(one, TextPart) for one in parts):
            parts += text_parts(chunk.get("text"))
    parts += _beside(chunk)
    return ImportedMessage(
        message_id=key,
        parent_id=None,
        role=role_of(chunk.get("role"), findings),
        parts=tuple(parts),
        created_at=findings.moment(chunk.get("createTime")),
        is_complete=not chunk.get("errorMessage"),
    )


def _part(part: Fields) -> list[Part]:
    if part.get("thought") is True:
        return [ReasoningPart(text=text(part.get("text")))]
    if isinstance(part.get("text"), str):
        return text_parts(part["text"])
    return _beside(part) or [unknown_part("part", part)]


def _beside(values: Fields) -> list[Part]:
    """Reads code, files and sources, which have fields of their own."""
    parts: list[Part] = []
    code, result = fields(values.get("executableCode")), fields(values.get("codeExecutionResult"))
    if code:
        parts.append(
            CodePart(text=text(code.get("code")), language=text(code.get("language")).lower())
        )
    if result:
        failed = text(result.get("outcome")) not in ("", "OUTCOME_OK")
        parts.append(
            ToolResultPart(name="code_execution", text=text(result.get("output")), is_error=failed)
        )
    for name, one in values.items():
        if name.startswith(("drive", "inline")) or name in ("fileData", "youtubeVideo"):
            parts += [_file(name, each) for each in objects(one) or [fields(one)]]
    grounding = fields(values.get("grounding"))
    for name in ("groundingChunks", "groundingSources"):
        parts += [found for each in objects(grounding.get(name)) if (found := citation(each))]
    if values.get("errorMessage"):
        parts.append(ToolResultPart(name="error", text=text(values["errorMessage"]), is_error=True))
    return parts


def _file(name: str, values: Fields) -> FilePart:
    kind = "image" if name.endswith("Image") else "audio" if name.endswith("Audio") else "file"
    reference = first_text(values, "id", "fileUri", "uri")
    return FilePart(
        kind=kind,
        name=first_text(values, "name", "title", "displayName", "fileName"),
        reference=reference,
        media_type=text(values.get("mimeType")),
    )


def read_takeout(value: Fields, findings: ImportFindings) -> SourceTree:
    """Reads an entry: the question, and the answer as text."""
    findings.fields("conversation", value, _ENTRY)
    asked_at = findings.moment(value.get("time"))
    asked = _PROMPTED.sub("", text(value.get("title")))
    answer = [
        part
        for one in objects(value.get("safeHtmlItem"))
        for part in text_parts(_plain(text(one.get("html"))))
    ] or text_parts(value.get("description"))
    files = [
        file_part(fields(one)) if fields(one) else FilePart(name=text(one))
        for one in elements(value.get("attachedFiles"))
    ]
    question = ImportedMessage(
        message_id="question",
        parent_id=None,
        role=MessageRole.USER,
        parts=(*text_parts(asked), *files),
        created_at=asked_at,
    )
    nodes = [Node("question", None, question)]
    if answer:
        reply = ImportedMessage(
            message_id="answer",
            parent_id="question",
            role=MessageRole.ASSISTANT,
            parts=tuple(answer),
            created_at=asked_at,
        )
        nodes.append(Node("answer", "question", reply))
    conversation = ImportedConversation(
        source="gemini", source_id="", title=asked[:80], created_at=asked_at, updated_at=asked_at
    )
    return SourceTree(conversation=conversation, nodes=nodes)


def _plain(html: str) -> str:
    return unescape(_TAG.sub("", _BREAK.sub("\n", html))).strip()


_PROMPT = field_names(
    """
    id title displayName name create_time update_time createTime updateTime chunkedPrompt
    systemInstruction runSettings citations applet
    """
)
_CHUNK = field_names(
    """
    id text parts role tokenCount finishReason isEdited branchParent branchChildren
    thinkingBudget createTime isThought thoughtSignatures executableCode codeExecutionResult
    driveDocument driveImage driveAudio driveVideo inlineImage inlineAudio inlineFile inlineData
    fileData youtubeVideo grounding errorMessage isGeneratedUsingApiKey
    """
)
_ENTRY = field_names(
    """
    header title titleUrl time products activityControls subtitles safeHtmlItem description
    attachedFiles imageFile
    """
)
