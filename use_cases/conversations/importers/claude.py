"""Claude: a conversation of an export, of the API or of a share's snapshot."""

from use_cases.conversations.importers.content_blocks import (
    block_parts,
    file_part,
    listed_nodes,
    role_of,
    text_parts,
)
from use_cases.conversations.json_values import (
    Fields,
    field_names,
    fields,
    first_text,
    is_list,
    objects,
    text,
    whole_number,
)
from use_cases.conversations.message_tree import ImportFindings, SourceTree, headed
from use_cases.conversations.model import ImportedConversation, ImportedMessage, NotePart, Part

NO_PARENT = frozenset(
    {"00000000-0000-4000-8000-000000000000", "00000000-0000-0000-0000-000000000000"}
)
"""The ids that stand for no parent."""


def is_claude(value: Fields) -> bool:
    """Recognises a list of messages of this name; no other format has it."""
    return isinstance(value.get("chat_messages"), list)


def read_claude(value: Fields, findings: ImportFindings) -> SourceTree:
    """Reads a conversation. Without parents, messages stand in the order of their index."""
    findings.fields("conversation", value, _CONVERSATION)
    messages = objects(value.get("chat_messages"))
    # A snapshot's messages may stand in any order.
    messages = sorted(messages, key=lambda one: whole_number(one.get("index")) or 0)
    nodes = listed_nodes(messages, ["uuid"], "message", _parent, _message, findings)
    for one in nodes:
        one.parent_id = None if one.parent_id in NO_PARENT else one.parent_id
    conversation = ImportedConversation(
        source="claude",
        source_id=first_text(value, "conversation_uuid", "uuid"),
        title=first_text(value, "name", "snapshot_name"),
        created_at=findings.moment(value.get("created_at")),
        updated_at=findings.moment(value.get("updated_at")),
        model=text(value.get("model")),
        project=first_text(fields(value.get("project")), "name") or text(value.get("project_uuid")),
    )
    note = NotePart(name="summary by Claude", text=text(value.get("summary")))
    leaf = value.get("current_leaf_message_uuid")
    return SourceTree(
        conversation=conversation,
        nodes=headed(nodes, "claude-summary", note),
        current=None if leaf is None else text(leaf),
    )


def _parent(message: Fields) -> str:
    return text(message.get("parent_message_uuid"))


def _message(key: str, message: Fields, findings: ImportFindings) -> ImportedMessage:
    findings.fields("message", message, _MESSAGE)
    content = message.get("content")
    if content is not None and not is_list(content):
        findings.irregular["content is not a list: read as it is"] += 1
    parts: list[Part] = block_parts(content, findings) if content else []
    # The field `text` repeats the content, with the thinking in it; it is for messages without content.
    parts = parts or text_parts(message.get("text"))
    named = [*objects(message.get("attachments")), *objects(message.get("files"))]
    return ImportedMessage(
        message_id=key,
        parent_id=None,
        role=role_of(message.get("sender"), findings),
        parts=(*parts, *map(file_part, named)),
        created_at=findings.moment(message.get("created_at")),
        model=text(message.get("model")),
        is_complete=message.get("truncated") is not True,
    )


_CONVERSATION = field_names(
    """
    uuid name summary model created_at updated_at account settings is_starred is_temporary
    current_leaf_message_uuid project_uuid project chat_messages snapshot_name conversation_uuid
    is_public creator created_by conversation_id platform
    """
)
_MESSAGE = field_names(
    """
    uuid text content sender index created_at updated_at edited_at truncated stop_reason
    attachments files files_v2 sync_sources parent_message_uuid model chat_feedback
    original_text original_content metadata
    """
)
