"""ChatGPT: a conversation of an export or of a share page, and DeepSeek's, which has the same tree.

The fields are those of the exports of 2023 to 2026. Promises: every node is kept, with the branch that
was shown as the current one; a message that ChatGPT does not show is kept and says why.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from use_cases.conversations.importers.content_blocks import (
    block_parts,
    citation,
    file_part,
    role_of,
    text_parts,
    unknown_part,
)
from use_cases.conversations.json_values import (
    Fields,
    as_json,
    elements,
    field_names,
    fields,
    first_text,
    is_object,
    objects,
    text,
    whole_number,
)
from use_cases.conversations.message_tree import ImportFindings, Node, SourceTree, linked_by_time
from use_cases.conversations.model import (
    RUNS_CODE,
    CitationPart,
    CodePart,
    FilePart,
    HiddenBecause,
    ImportedConversation,
    ImportedMessage,
    MessageRole,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from use_cases.conversations.written_documents import document_call

_SHOWN_TO_ALL = ("", "all")


def is_chatgpt(value: Fields) -> bool:
    """Recognises a tree in `mapping`, or a conversation that lost it."""
    return isinstance(value.get("mapping"), dict) or (
        "create_time" in value and bool(value.keys() & {"current_node", "default_model_slug"})
    )


def read_chatgpt(value: Fields, findings: ImportFindings) -> SourceTree:
    """Reads a conversation."""
    findings.fields("conversation", value, _CONVERSATION)
    mapping = fields(value.get("mapping"))
    if not mapping:
        findings.irregular["no messages in the file"] += 1
    is_deepseek = any("fragments" in fields(fields(one).get("message")) for one in mapping.values())
    read = _fragments if is_deepseek else _message
    children = {
        child: key
        for key, node in mapping.items()
        for child in elements(fields(node).get("children"))
        if isinstance(child, str)
    }
    nodes: list[Node] = []
    for key, each in mapping.items():
        node = fields(each)
        findings.fields("node", node, _NODE)
        message = fields(node.get("message"))
        parent = text(node.get("parent")) or children.get(key)
        nodes.append(Node(key, parent, read(key, message, findings) if message else None))
    linked_by_time(nodes, findings)
    model = fields(value.get("model"))
    conversation = ImportedConversation(
        source="deepseek" if is_deepseek else "chatgpt",
        source_id=first_text(value, "conversation_id", "id"),
        title=text(value.get("title")),
        url=first_text(value, "url"),
        created_at=findings.moment(value.get("create_time") or value.get("inserted_at")),
        updated_at=findings.moment(value.get("update_time") or value.get("updated_at")),
        model=first_text(value, "default_model_slug") or first_text(model, "slug"),
        project=first_text(value, "gizmo_id", "conversation_template_id"),
    )
    current = None if is_deepseek else text(value.get("current_node"))
    return SourceTree(conversation=conversation, nodes=nodes, current=current)


def _message(key: str, message: Fields, findings: ImportFindings) -> ImportedMessage:
    findings.fields("message", message, _MESSAGE)
    author, metadata = fields(message.get("author")), fields(message.get("metadata"))
    content = fields(message.get("content"))
    role = role_of(author.get("role"), findings)
    stopped = text(fields(metadata.get("finish_details")).get("type")) == "interrupted"
    return ImportedMessage(
        message_id=key,
        parent_id=None,
        role=role,
        author=text(author.get("name")),
        parts=tuple(_parts(role, message, content, metadata, findings)),
        hidden=_hidden(role, message, content, metadata),
        created_at=findings.moment(message.get("create_time")),
        model=text(metadata.get("model_slug")),
        is_complete=not stopped and message.get("status") not in ("in_progress", "error"),
    )


def _hidden(
    role: MessageRole, message: Fields, content: Fields, metadata: Fields
) -> HiddenBecause | None:
    kind = text(content.get("content_type"))
    if kind in _HIDDEN_TYPES:
        return _HIDDEN_TYPES[kind]
    if metadata.get("is_visually_hidden_from_conversation") is True:
        return HiddenBecause.MARKED
    if message.get("weight") == 0:
        return HiddenBecause.NOT_SENT
    if role is MessageRole.SYSTEM and metadata.get("is_user_system_message") is not True:
        return HiddenBecause.SYSTEM
    if role is MessageRole.ASSISTANT and text(message.get("recipient")) not in _SHOWN_TO_ALL:
        return HiddenBecause.TO_A_TOOL
    return None


def _parts(
    role: MessageRole, message: Fields, content: Fields, metadata: Fields, findings: ImportFindings
) -> Iterable[Part]:
    kind = text(content.get("content_type"))
    if not kind and content:
        findings.irregular["content without a type: read as text"] += 1
    read = _CONTENT.get(kind)
    if read is not None:
        findings.fields(f"content {kind}", content, _CONTENT_FIELDS)
        recipient = text(message.get("recipient"))
        name = text(fields(message.get("author")).get("name"))
        for part in read(content, metadata):
            yield _by_speaker(part, role, recipient, name)
    elif content:
        yield unknown_part(kind, content)
    if not content:
        yield from block_parts(message.get("content"), findings)
    yield from _attached(metadata)


def _by_speaker(part: Part, role: MessageRole, recipient: str, name: str) -> Part:
    """Makes text to a tool its call, and text of a tool its result."""
    if not isinstance(part, TextPart | CodePart):
        return part
    if role is MessageRole.ASSISTANT and recipient not in _SHOWN_TO_ALL:
        if (document := document_call(recipient, part.text)) is not None:
            return document
        language = part.language if isinstance(part, CodePart) else ""
        language = language or ("python" if recipient in RUNS_CODE else "")
        return ToolCallPart(name=recipient, input=part.text, language=language)
    if role is MessageRole.TOOL:
        return ToolResultPart(name=name, text=part.text)
    return part


def _attached(metadata: Fields) -> Iterable[Part]:
    """Reads files and sources beside the content."""
    for attached in objects(metadata.get("attachments")):
        yield file_part(attached)
    output = fields(metadata.get("aggregate_result"))
    for one in objects(output.get("messages")):
        if "image_url" in one:
            yield FilePart(kind="image", reference=text(one["image_url"]))
    seen: set[CitationPart] = set()
    for reference in objects(metadata.get("content_references")):
        for one in [reference, *objects(reference.get("items"))]:
            _collect(citation(one), seen)
    browsed = fields(metadata.get("_cite_metadata"))
    for one in objects(browsed.get("metadata_list")):
        _collect(citation(one), seen)
    for one in objects(metadata.get("citations")):
        _collect(citation(fields(one.get("metadata")) or one), seen)
    yield from sorted(seen, key=lambda one: (one.url, one.title, one.text))


def _collect(found: CitationPart | None, seen: set[CitationPart]) -> None:
    if found is not None:
        seen.add(found)


def _texts(content: Fields, metadata: Fields) -> Iterable[Part]:
    for part in elements(content.get("parts")):
        if is_object(part):
            yield from _asset(part)
        else:
            yield from text_parts(part)
    if not isinstance(content.get("parts"), list):
        yield from text_parts(content.get("text"))


def _asset(part: Fields) -> Iterable[Part]:
    kind = text(part.get("content_type"))
    if kind in ("audio_transcription", "text"):
        yield from text_parts(part.get("text"))
    elif kind in _ASSETS:
        yield FilePart(
            kind=_ASSETS[kind],
            reference=text(part.get("asset_pointer")),
            size=whole_number(part.get("size_bytes")),
            media_type=first_text(part, "mime_type"),
            text=text(fields(fields(part.get("metadata")).get("dalle")).get("prompt")),
        )
    elif kind == "real_time_user_audio_video_asset_pointer":
        for one in [part.get("audio_asset_pointer"), *elements(part.get("frames_asset_pointers"))]:
            pointer = fields(one)
            kind_of = "audio" if one is part.get("audio_asset_pointer") else "image"
            reference = text(pointer.get("asset_pointer")) or text(one)
            if reference:
                yield FilePart(kind=kind_of, reference=reference)
    else:
        yield unknown_part(kind, part)


def _code(content: Fields, metadata: Fields) -> Iterable[Part]:
    code = first_text(content, "text") or first_text(metadata, "finished_text")
    if code:
        language = text(content.get("language"))
        yield CodePart(text=code, language="" if language == "unknown" else language)


def _output(content: Fields, metadata: Fields) -> Iterable[Part]:
    yield from text_parts(first_text(content, "text", "result") or _joined(content))


def _failure(content: Fields, metadata: Fields) -> Iterable[Part]:
    yield ToolResultPart(
        name=text(content.get("name")), text=text(content.get("text")), is_error=True
    )


def _quote(content: Fields, metadata: Fields) -> Iterable[Part]:
    yield CitationPart(
        title=first_text(content, "title", "domain"),
        url=text(content.get("url")),
        text=first_text(content, "text", "snippet"),
    )


def _context(content: Fields, metadata: Fields) -> Iterable[Part]:
    for name in ("user_profile", "user_instructions", "model_set_context", "repository"):
        yield from text_parts(content.get(name))
    if isinstance(content.get("structured_context"), dict | list):
        yield from text_parts(as_json(content["structured_context"]))


def _thoughts(content: Fields, metadata: Fields) -> Iterable[Part]:
    for thought in objects(content.get("thoughts")):
        found = "\n".join(filter(None, (text(thought.get(one)) for one in ("summary", "content"))))
        if found:
            yield ReasoningPart(text=found)
    rest = text(content.get("content")) or _joined(content)
    if rest:
        yield ReasoningPart(text=rest)


def _joined(content: Fields) -> str:
    return "\n".join(filter(None, map(text, elements(content.get("parts")))))


def _fragments(key: str, message: Fields, findings: ImportFindings) -> ImportedMessage:
    """Reads DeepSeek's message: a question is a message of its own, so one fragment states the speaker."""
    fragments = objects(message.get("fragments"))
    kinds = [text(one.get("type")) for one in fragments]
    parts: list[Part] = []
    for kind, one in zip(kinds, fragments, strict=True):
        found = text(one.get("content"))
        if kind == "THINK":
            parts.append(ReasoningPart(text=found))
        elif kind in ("REQUEST", "RESPONSE"):
            parts += text_parts(found)
        else:
            parts.append(unknown_part(kind, one))
    return ImportedMessage(
        message_id=key,
        parent_id=None,
        role=MessageRole.USER if "REQUEST" in kinds else MessageRole.ASSISTANT,
        parts=(*parts, *(file_part(one) for one in objects(message.get("files")))),
        created_at=findings.moment(message.get("inserted_at")),
        model=text(message.get("model")),
    )


_CONTENT: Mapping[str, Callable[[Fields, Fields], Iterable[Part]]] = {
    "": _texts,
    "text": _texts,
    "multimodal_text": _texts,
    "code": _code,
    "execution_output": _output,
    "tether_browsing_display": _output,
    "tether_browsing_code": _output,
    "tether_quote": _quote,
    "sonic_webpage": _quote,
    "system_error": _failure,
    "user_editable_context": _context,
    "model_editable_context": _context,
    "thoughts": _thoughts,
    "reasoning_recap": _thoughts,
}
_HIDDEN_TYPES: Mapping[str, HiddenBecause] = {
    "thoughts": HiddenBecause.REASONING,
    "reasoning_recap": HiddenBecause.REASONING,
    "tether_browsing_display": HiddenBecause.BROWSING,
    "user_editable_context": HiddenBecause.CONTEXT,
    "model_editable_context": HiddenBecause.CONTEXT,
}
_ASSETS: Mapping[str, Literal["image", "audio"]] = {
    "image_asset_pointer": "image",
    "audio_asset_pointer": "audio",
}
_NODE = frozenset({"id", "message", "parent", "children"})
_MESSAGE = field_names(
    """
    id author create_time update_time content status end_turn weight recipient channel metadata
    parent parent_id
    """
)
_CONTENT_FIELDS = field_names(
    """
    content_type parts text language response_format_name result summary assets tether_id url
    domain title snippet pub_date pub_timestamp crawl_date ref_id name user_profile
    user_instructions model_set_context repository repo_summary structured_context thoughts
    content source_analysis_msg_id
    """
)
_CONVERSATION = field_names(
    """
    id conversation_id title create_time update_time inserted_at updated_at mapping current_node
    default_model_slug gizmo_id gizmo_type is_archived is_starred pinned_time voice safe_urls
    blocked_urls memory_scope is_do_not_remember conversation_origin async_status
    disabled_tool_ids moderation_results plugin_ids conversation_template_id is_study_mode
    sugar_item_visible sugar_item_id context_scopes is_read_only owner url user_id rating
    linear_conversation backing_conversation_id continue_conversation_url is_public
    moderation_state is_temporary_chat model author_name has_user_editable_context
    highlighted_message_id is_indexable is_better_metatags_enabled current_user_message_id
    show_author_name is_anonymous
    """
)
