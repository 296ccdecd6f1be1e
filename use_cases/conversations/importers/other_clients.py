"""LibreChat and Open WebUI: programs that talk to many models, and export trees."""

from collections.abc import Iterable, Iterator

from use_cases.conversations.importers.claude import NO_PARENT
from use_cases.conversations.importers.content_blocks import (
    block_parts,
    cited,
    file_part,
    role_of,
    text_parts,
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
from use_cases.conversations.message_tree import ImportFindings, Node, SourceTree, headed
from use_cases.conversations.model import (
    ImportedConversation,
    ImportedMessage,
    MessageRole,
    NotePart,
    Part,
)


def is_librechat(value: Fields) -> bool:
    """Recognises a conversation with messages in a list or a tree."""
    return "conversationId" in value and bool(value.keys() & {"messages", "messagesTree"})


def read_librechat(value: Fields, findings: ImportFindings) -> SourceTree:
    """Reads a conversation; children may stand within their parents, at any depth."""
    findings.fields("conversation", value, _LIBRECHAT)
    nodes: list[Node] = []
    listed = elements(value.get("messagesTree") or value.get("messages"))
    for number, (message, within) in enumerate(_flattened(listed), 1):
        key = text(message.get("messageId")) or f"message-{number}"
        stated = text(message.get("parentMessageId")) or within
        parent = None if stated in NO_PARENT else stated
        nodes.append(Node(key, parent, _librechat_message(key, message, findings)))
    options = fields(value.get("options"))
    conversation = ImportedConversation(
        source="librechat",
        source_id=text(value.get("conversationId")),
        title=text(value.get("title")),
        created_at=findings.moment(value.get("createdAt")),
        updated_at=findings.moment(value.get("updatedAt")),
        model=first_text(options, "model") or text(value.get("model")),
    )
    prompt = first_text(options, "promptPrefix") or text(value.get("promptPrefix"))
    note = NotePart(name="instructions", text=prompt)
    return SourceTree(conversation=conversation, nodes=headed(nodes, "promptPrefix", note))


def _flattened(messages: Iterable[object]) -> Iterator[tuple[Fields, str]]:
    """Yields every message with the id of the one that it stands in."""
    waiting = [(one, "") for one in reversed(list(messages))]
    while waiting:
        one, within = waiting.pop()
        message = fields(one)
        yield message, within
        key = text(message.get("messageId"))
        waiting += [(child, key) for child in reversed(elements(message.get("children")))]


def _librechat_message(key: str, message: Fields, findings: ImportFindings) -> ImportedMessage:
    findings.fields("message", message, _LIBRECHAT_MESSAGE)
    parts = block_parts(message.get("content"), findings) if message.get("content") else []
    parts = parts or text_parts(message.get("text"))
    named = [*objects(message.get("files")), *objects(message.get("attachments"))]
    is_user = message.get("isCreatedByUser") is True
    return ImportedMessage(
        message_id=key,
        parent_id=None,
        role=MessageRole.USER if is_user else MessageRole.ASSISTANT,
        author=text(message.get("sender")),
        parts=(*parts, *map(file_part, named)),
        created_at=findings.moment(message.get("createdAt")),
        model=text(message.get("model")),
        is_complete=not (message.get("unfinished") is True or message.get("error") is True),
    )


def is_open_webui(value: Fields) -> bool:
    """Recognises a chat with a history."""
    return bool(fields(fields(value.get("chat")).get("history")).get("messages"))


def read_open_webui(value: Fields, findings: ImportFindings) -> SourceTree:
    """Reads a chat."""
    findings.fields("conversation", value, _OPEN_WEBUI)
    chat = fields(value["chat"])
    history = fields(chat["history"])
    nodes: list[Node] = []
    for key, one in fields(history.get("messages")).items():
        message = fields(one)
        findings.fields("message", message, _OPEN_WEBUI_MESSAGE)
        parent = text(message.get("parentId")) or None
        nodes.append(Node(key, parent, _open_webui_message(key, message, findings)))
    models = elements(chat.get("models"))
    conversation = ImportedConversation(
        source="open-webui",
        source_id=first_text(value, "id") or text(chat.get("id")),
        title=first_text(value, "title") or text(chat.get("title")),
        created_at=findings.moment(value.get("created_at") or chat.get("timestamp")),
        updated_at=findings.moment(value.get("updated_at")),
        model=text(models[0]) if models else "",
        project=text(value.get("folder_id")),
    )
    return SourceTree(
        conversation=conversation, nodes=nodes, current=text(history.get("currentId"))
    )


def _open_webui_message(key: str, message: Fields, findings: ImportFindings) -> ImportedMessage:
    parts: list[Part] = block_parts(message.get("content") or message.get("output"), findings)
    parts += [file_part(fields(one.get("file")) or one) for one in objects(message.get("files"))]
    parts += cited(objects(message.get("sources")) or objects(message.get("citations")), findings)
    return ImportedMessage(
        message_id=key,
        parent_id=None,
        role=role_of(message.get("role"), findings),
        parts=tuple(parts),
        created_at=findings.moment(message.get("timestamp")),
        model=text(message.get("model")),
        is_complete=message.get("done") is not False,
    )


_LIBRECHAT = field_names(
    """
    conversationId title endpoint exportAt branches recursive options messages messagesTree
    createdAt updatedAt model promptPrefix user _id __v
    """
)
_LIBRECHAT_MESSAGE = field_names(
    """
    _id __v messageId conversationId parentMessageId createdAt updatedAt endpoint error
    isCreatedByUser model sender text content tokenCount promptTokens unfinished user children
    files attachments finish_reason iconURL plugin plugins isEdited depth siblingIndex expiredAt
    _meiliIndex feedback
    """
)
_OPEN_WEBUI = field_names(
    """
    id user_id title chat created_at updated_at share_id archived pinned meta folder_id
    """
)
_OPEN_WEBUI_MESSAGE = field_names(
    """
    id parentId childrenIds role content model modelName modelIdx models timestamp output files
    sources citations done userContext lastSentence statusHistory status usage info feedbackId
    annotation originalContent followUps completedAt favorite
    """
)
