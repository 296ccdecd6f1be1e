"""Content as a list of typed blocks, as Claude, LibreChat and many others write it.

Promises: every block becomes a part, one of an unknown type too, and text that is not in a list is text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from use_cases.conversations.json_values import (
    Fields,
    as_json,
    elements,
    field_names,
    fields,
    first_text,
    is_list,
    is_object,
    objects,
    text,
    whole_number,
)
from use_cases.conversations.message_tree import ImportFindings, Node
from use_cases.conversations.model import (
    RUNS_CODE,
    CitationPart,
    CodePart,
    FilePart,
    ImportedMessage,
    MessageRole,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)
from use_cases.conversations.written_documents import document_call

_IN_A_BROWSER = frozenset(("repl", "analysis"))
"""Claude's tools that run JavaScript."""

ROLES: Mapping[str, MessageRole] = {
    "user": MessageRole.USER,
    "human": MessageRole.USER,
    "assistant": MessageRole.ASSISTANT,
    "ai": MessageRole.ASSISTANT,
    "agent": MessageRole.ASSISTANT,
    "model": MessageRole.ASSISTANT,
    "grok": MessageRole.ASSISTANT,
    "bot": MessageRole.ASSISTANT,
    "system": MessageRole.SYSTEM,
    "developer": MessageRole.SYSTEM,
    "tool": MessageRole.TOOL,
    "function": MessageRole.TOOL,
}
"""The names of speakers in sources, in lower case."""


def role_of(value: object, findings: ImportFindings) -> MessageRole:
    """Returns the role of this name; an unknown one is counted, and taken as the assistant's."""
    name = text(value).lower()
    if name not in ROLES:
        findings.not_understood[f"role {name or '(none)'}"] += 1
    return ROLES.get(name, MessageRole.ASSISTANT)


def unknown_part(kind: str, value: object) -> UnknownPart:
    """Returns a part of a type that is not known, with its JSON."""
    return UnknownPart(type=kind or "(none)", json=as_json(value))


def block_parts(content: object, findings: ImportFindings) -> list[Part]:
    """Reads the parts of a content: a text, a block, or a list of both."""
    if isinstance(content, str):
        return text_parts(content)
    parts: list[Part] = []
    names = dict[str, str]()
    for block in content if is_list(content) else [content]:
        if isinstance(block, str):
            parts += text_parts(block)
        elif is_object(block):
            for part in _block(block, findings):
                if isinstance(part, ToolCallPart) and part.name in RUNS_CODE:
                    names[part.call_id] = part.name
                if isinstance(part, ToolResultPart) and not part.name:
                    part = replace(part, name=names.get(part.call_id, ""))
                parts.append(part)
        elif block is not None:
            parts.append(unknown_part(f"block of {type(block).__name__}", block))
    return parts


def text_parts(value: object) -> list[Part]:
    """Returns a text as a part; nothing for an empty one."""
    found = text(value)
    return [TextPart(text=found)] if found.strip() else []


def citation(values: Fields) -> CitationPart | None:
    """Reads a source, from the names that its title and address commonly have."""
    source = fields(values.get("web")) or fields(values.get("source")) or values
    url = first_text(source, "url", "uri", "link")
    title = first_text(source, "title", "name", "attribution")
    if not (url or title):
        return None
    return CitationPart(title=title, url=url, text=first_text(values, "text", "snippet", "preview"))


def cited(listed: Sequence[Fields], findings: ImportFindings) -> list[Part]:
    """Reads sources; one that names none is counted."""
    parts: list[Part] = []
    for one in listed:
        if found := citation(one) or citation(fields(one.get("details"))):
            parts.append(found)
        else:
            findings.not_understood["citation without a title or address"] += 1
    return parts


def listed_nodes(
    messages: Sequence[Fields],
    ids: Sequence[str],
    noun: str,
    parent: Callable[[Fields], str],
    read: Callable[[str, Fields, ImportFindings], ImportedMessage],
    findings: ImportFindings,
) -> list[Node]:
    """Reads messages whose id is in one of the fields `ids`, else `noun` with its number.

    Where none states a `parent`, each follows the one before it.
    """
    is_tree = any(map(parent, messages))
    nodes: list[Node] = []
    for number, one in enumerate(messages, 1):
        key = first_text(one, *ids) or f"{noun}-{number}"
        before = nodes[-1].node_id if nodes and not is_tree else None
        nodes.append(Node(key, parent(one) or before, read(key, one, findings)))
    return nodes


def file_part(values: Fields) -> FilePart:
    """Reads a file, from the names that its fields commonly have."""
    media_type = first_text(values, "file_type", "mime_type", "mimeType", "media_type", "type")
    kind = first_text(values, "file_kind") or media_type
    return FilePart(
        kind="image"
        if kind.startswith("image")
        else "audio"
        if kind.startswith("audio")
        else "file",
        name=first_text(values, "file_name", "filename", "name"),
        reference=first_text(values, "file_uuid", "file_id", "id", "url", "asset_pointer"),
        media_type=media_type if "/" in media_type else "",
        size=next(
            (
                size
                for name in ("file_size", "size", "size_bytes", "bytes")
                if (size := whole_number(values.get(name))) is not None
            ),
            None,
        ),
        text=first_text(values, "extracted_content", "content", "description"),
    )


def _block(block: Fields, findings: ImportFindings) -> list[Part]:
    kind = text(block.get("type"))
    read = _BLOCKS.get(kind)
    if read is None:
        return [unknown_part(kind, block)] if block else []
    findings.fields(f"block {kind}", block, _KNOWN)
    return read(block, findings)


def _text_block(block: Fields, findings: ImportFindings) -> list[Part]:
    value = block.get("text")
    found = text_parts(fields(value).get("value", value))
    return [*found, *cited(objects(block.get("citations")), findings)]


def _reasoning(block: Fields, findings: ImportFindings) -> list[Part]:
    found = first_text(block, "thinking", "think", "reasoning", "text")
    found = found or "\n".join(
        first_text(one, "summary") for one in objects(block.get("summaries"))
    )
    return [ReasoningPart(text=found)] if found else []


def _tool_call(block: Fields, findings: ImportFindings) -> list[Part]:
    call = fields(block.get("tool_call")) or block
    function = fields(call.get("function")) or call
    given = next(
        (function[one] for one in ("input", "tool_input", "args", "arguments") if one in function),
        None,
    )
    name = first_text(function, "name", "tool_name")
    call_id = first_text(call, "id", "tool_id")
    parts: list[Part] = [document_call(name, given) or _called(name, given, call_id)]
    if "output" in call:
        parts.append(ToolResultPart(name=name, text=_plain(call["output"]), call_id=call_id))
    return parts


def _called(name: str, given: object, call_id: str) -> ToolCallPart:
    """Returns a call with its input, of a tool that runs code with the code."""
    values = fields(given)
    code = first_text(values, "code", "command") if name in RUNS_CODE else ""
    if not code:
        return ToolCallPart(
            name=name, input=as_json({} if given is None else given), call_id=call_id
        )
    usual = "bash" if "command" in values else "javascript" if name in _IN_A_BROWSER else "python"
    language = first_text(values, "language", "lang") or usual
    return ToolCallPart(name=name, input=code, call_id=call_id, language=language)


def _tool_result(block: Fields, findings: ImportFindings) -> list[Part]:
    content = next((block[one] for one in ("content", "text", "message") if block.get(one)), "")
    return [
        ToolResultPart(
            name=first_text(block, "name", "tool_name"),
            text=_plain(content),
            call_id=first_text(block, "tool_use_id", "tool_call_id", "tool_id"),
            is_error=block.get("is_error") is True or block.get("tool_result_is_error") is True,
        )
    ]


def _plain(content: object) -> str:
    """Returns the texts of a result, or its JSON where it is more than text."""
    blocks = elements(content)
    texts = [text(fields(one).get("text", one)) for one in blocks]
    return "\n".join(texts) if blocks and all(texts) else as_json(content)


def _file(block: Fields, findings: ImportFindings) -> list[Part]:
    kind = text(block.get("type"))
    inner = next(
        (found for one in (kind, "source", "file") if (found := fields(block.get(one)))), block
    )
    part = file_part({**inner, "file_kind": kind.replace("input_", "")})
    return [part]


def _code(block: Fields, findings: ImportFindings) -> list[Part]:
    return [
        CodePart(text=first_text(block, "code", "text"), language=first_text(block, "language"))
    ]


def _nothing(block: Fields, findings: ImportFindings) -> list[Part]:
    """Leaves out a block about the answer's making."""
    return []


_BLOCKS: Mapping[str, Callable[[Fields, ImportFindings], list[Part]]] = {
    "text": _text_block,
    "input_text": _text_block,
    "output_text": _text_block,
    "thinking": _reasoning,
    "think": _reasoning,
    "reasoning": _reasoning,
    "tool_use": _tool_call,
    "tool_call": _tool_call,
    "tool_result": _tool_result,
    "image": _file,
    "image_url": _file,
    "image_file": _file,
    "input_image": _file,
    "file": _file,
    "document": _file,
    "voice_note": _text_block,
    "code": _code,
    "token_budget": _nothing,
}
_KNOWN = field_names(
    """
    type text citations start_timestamp stop_timestamp flags thinking think reasoning summaries
    cut_off truncated alternative_display_type signature name tool_name input tool_input args
    arguments id tool_id tool_call function output content message is_error tool_result_is_error
    tool_use_id tool_call_id integration_name integration_icon_url icon_name context
    display_content approval_key approval_options is_mcp_app mcp_server_url structured_content
    meta source file image image_url image_file document url file_id filename file_name
    mime_type media_type code language title
    """
)
