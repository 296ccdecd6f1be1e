"""Plain messages with a role and a content: `candor.conversation/1`, BranchPrompt, and any other tool.

    {"format": "candor.conversation/1", "source": "...", "url": "...", "title": "...", "created_at": "...",
     "messages": [{"id": "...", "parent_id": "...", "role": "user", "content": "...", "created_at": "...",
                   "model": "...", "files": [{"name": "...", "content": "...", "description": "..."}]}],
     "current_id": "..."}

An export has beside them `updated_at`, `model`, `project` and `mode`, and in a message `hidden`, `is_complete`,
`outcome` where it is `unsourced`, and `parts`, each with its `kind`, where it is more than one text.

Only `messages`, `role` and `content` are needed. Content may be a list of typed blocks. A conversation of
chatbot-ui has beside them its `prompt` and a `model` with an id.
"""

import re

from pydantic import TypeAdapter, ValidationError

from use_cases.conversations.importers.content_blocks import ROLES, block_parts, file_part, role_of
from use_cases.conversations.json_values import (
    Fields,
    elements,
    field_names,
    fields,
    first_text,
    is_list,
    objects,
    text,
)
from use_cases.conversations.message_tree import ImportFindings, Node, SourceTree, headed
from use_cases.conversations.model import (
    HiddenBecause,
    ImportedConversation,
    ImportedMessage,
    NotePart,
    Part,
)
from use_cases.kernel.citations.sources import UNSOURCED, Mode, Outcome

FORMAT = "candor.conversation/1"
BRANCHPROMPT = "branchprompt"
_BRANCHPROMPT_URL = re.compile(r"^https://v2\.branchprompt\.com/conversation/([0-9a-f]{24})$")


def is_message(value: Fields) -> bool:
    """Recognises a known role, and something said."""
    is_role = text(value.get("role")).lower() in ROLES
    return is_role and bool(value.keys() & {"content", "blocks", "parts"})


def is_plain(value: Fields) -> bool:
    """Recognises our own format, or a list of messages."""
    messages = elements(value.get("messages"))
    return value.get("format") == FORMAT or any(is_message(fields(one)) for one in messages[:1])


def read_plain(value: Fields, findings: ImportFindings) -> SourceTree:
    """Reads a conversation. Without parents, each message follows the one before it."""
    findings.fields("conversation", value, _CONVERSATION)
    messages = objects(value.get("messages"))
    is_tree = any(
        one.get("parent_id") or (value.get("format") == FORMAT and "parent_id" in one)
        for one in messages
    )
    nodes: list[Node] = []
    before: str | None = None
    for number, message in enumerate(messages, 1):
        key = first_text(message, "id", "_id") or f"message-{number}"
        parent = text(message.get("parent_id")) if is_tree else before
        nodes.append(Node(key, parent or None, _message(key, message, findings)))
        before = key
    url = text(value.get("url"))
    branchprompt = _BRANCHPROMPT_URL.match(url)
    usual = "chatbot-ui" if "folderId" in value else "plain"
    model = fields(value.get("model"))
    conversation = ImportedConversation(
        source=text(value.get("source")) or (BRANCHPROMPT if branchprompt else usual),
        source_id=first_text(value, "id", "_id", "session_id")
        or (branchprompt[1] if branchprompt else ""),
        title=first_text(value, "title", "name"),
        url=url,
        created_at=findings.moment(value.get("created_at", value.get("createdAt"))),
        updated_at=findings.moment(value.get("updated_at", value.get("updatedAt"))),
        model=first_text(model, "id", "name") or text(value.get("model")),
        project=text(value.get("project")),
        mode=_mode(value, findings),
    )
    current = value.get("current_id")
    return SourceTree(
        conversation=conversation,
        nodes=headed(
            nodes, "prompt", NotePart(name="instructions", text=text(value.get("prompt")))
        ),
        current=None if current is None else text(current),
    )


def _message(key: str, message: Fields, findings: ImportFindings) -> ImportedMessage:
    findings.fields("message", message, _MESSAGE)
    parts = _exported_parts(message)
    if parts is None:
        names = ("content", "parts", "blocks")
        content = next((message[one] for one in names if message.get(one)), "")
        parts = block_parts(content, findings)
    parts += [file_part(one) for one in objects(message.get("files"))]
    if message.get("outcome") == Outcome.UNSOURCED:
        parts.append(NotePart(name="label", text=UNSOURCED))
    return ImportedMessage(
        message_id=key,
        parent_id=None,
        role=role_of(message.get("role"), findings),
        parts=tuple(parts),
        author=text(message.get("name")),
        hidden=_hidden(message, findings),
        is_complete=message.get("is_complete") is not False,
        created_at=findings.moment(message.get("created_at", message.get("createdAt"))),
        model=text(message.get("model")),
    )


def _mode(value: Fields, findings: ImportFindings) -> Mode | None:
    """Returns the mode that an export names; None for another's file, where it may mean anything."""
    named = text(value.get("mode"))
    if not named or value.get("format") != FORMAT:
        return None
    if named not in set(Mode):
        findings.not_understood[f"mode {named}"] += 1
        return None
    return Mode(named)


def _exported_parts(message: Fields) -> list[Part] | None:
    """Returns the parts of a message that was exported here; None for another's."""
    listed = message.get("parts")
    if not is_list(listed) or not all("kind" in fields(one) for one in listed):
        return None
    try:
        return _PARTS.validate_python(listed)
    except ValidationError:
        return None


def _hidden(message: Fields, findings: ImportFindings) -> HiddenBecause | None:
    reason = text(message.get("hidden"))
    if not reason:
        return None
    if reason not in set(HiddenBecause):
        findings.not_understood[f"hidden {reason}"] += 1
        return HiddenBecause.MARKED
    return HiddenBecause(reason)


_PARTS: TypeAdapter[list[Part]] = TypeAdapter(list[Part])
_CONVERSATION = field_names(
    """
    format source url id _id session_id title name created_at updated_at createdAt updatedAt
    model project mode messages current_id belongings prompt temperature folderId
    """
)
_MESSAGE = field_names(
    """
    id _id parent_id role name hidden is_complete content parts blocks message_type created_at
    createdAt updatedAt model outcome files
    """
)
