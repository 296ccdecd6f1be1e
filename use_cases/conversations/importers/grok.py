"""Grok: a conversation of the account's export, of a share link, or of a chat on x.com."""

import re
from collections.abc import Sequence

from use_cases.conversations.importers.content_blocks import (
    citation,
    file_part,
    listed_nodes,
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
    FilePart,
    HiddenBecause,
    ImportedConversation,
    ImportedMessage,
    Part,
    ReasoningPart,
)

_SEARCHES = (
    "webSearchResults",
    "web_search_results",
    "citedWebSearchResults",
    "cited_web_search_results",
)
_RENDER = re.compile(r"<grok:(\w+)\b[^<>]*?(?:/>|>(?:(?!<grok:).)*?</grok:\1>)", re.DOTALL)
"""Tags by which Grok's page draws cards, charts and citations within a text; they have no data."""

_TITLE = 80


def is_grok(value: Fields) -> bool:
    """Recognises responses, or the items of x.com."""
    return isinstance(value.get("responses"), list) or bool(_x_items(value))


def read_grok(value: Fields, findings: ImportFindings) -> SourceTree:
    """Reads a conversation. Without parents, responses stand in their order."""
    stated = fields(value.get("conversation"))
    items = _x_items(value)
    findings.fields("conversation", stated, _CONVERSATION)
    if not items:
        findings.fields("share", value, _SHARE)
    responses = items or [
        fields(one.get("response")) or one for one in objects(value.get("responses"))
    ]
    ids = ["responseId", "_id", "chat_item_id"]
    nodes = listed_nodes(responses, ids, "response", _parent, _message, findings)
    conversation = ImportedConversation(
        source="grok",
        source_id=first_text(stated, "conversationId", "id")
        or first_text(responses[0] if responses else {}, "conversation_id"),
        title=first_text(stated, "title") or _first_words(nodes),
        created_at=findings.moment(stated.get("createTime", stated.get("create_time"))),
        updated_at=findings.moment(stated.get("modifyTime", stated.get("modify_time"))),
    )
    leaf = text(stated.get("leaf_response_id")) or None
    return SourceTree(conversation=conversation, nodes=nodes, current=leaf)


def _x_items(value: Fields) -> Sequence[Fields]:
    data = fields(value.get("data")) or value
    return objects(fields(data.get("grok_conversation_items_by_rest_id")).get("items"))


def _parent(response: Fields) -> str:
    return first_text(response, "parentResponseId", "parent_response_id")


def _first_words(nodes: Sequence[Node]) -> str:
    """Returns the beginning of the first message: an older share has no title."""
    for node in nodes:
        for part in node.message.parts if node.message else ():
            if part.kind == "text":
                return part.text.strip()[:_TITLE]
    return ""


def _message(key: str, response: Fields, findings: ImportFindings) -> ImportedMessage:
    findings.fields("message", response, _RESPONSE)
    written = first_text(response, "message", "query")
    shown, cards = _RENDER.subn("", written)
    if cards:
        findings.irregular["grok:render tag removed from a text"] += cards
    sender = first_text(response, "sender", "sender_type")  # or the name of the model
    thinking = first_text(response, "thinking_trace", "thinkingTrace")
    steps = [*objects(response.get("deepsearch_headers")), *objects(response.get("steps"))]
    parts: list[Part] = [ReasoningPart(text=one) for one in (thinking, *map(_step, steps)) if one]
    parts += text_parts(shown)
    for name in _SEARCHES:
        for each in objects(response.get(name)):
            parts.append(citation(each) or unknown_part(name, each))
    for name in ("fileAttachments", "file_attachments", "fileAttachmentsMetadata"):
        for each in elements(response.get(name)):
            parts.append(
                file_part(fields(each)) if fields(each) else FilePart(reference=text(each))
            )
    for name in ("generatedImageUrls", "imageAttachments"):
        for each in elements(response.get(name)):
            reference = text(each) or first_text(fields(each), "url")
            parts.append(FilePart(kind="image", reference=reference))
    return ImportedMessage(
        message_id=key,
        parent_id=None,
        role=role_of("grok" if sender.lower().startswith("grok-") else sender, findings),
        parts=tuple(parts),
        hidden=HiddenBecause.CONTROL if response.get("isControl") is True else None,
        created_at=findings.moment(
            next(
                (
                    response[one]
                    for one in ("createTime", "create_time", "created_at_ms")
                    if one in response
                ),
                None,
            )
        ),
        model=text(response.get("model")),
        is_complete=not (response.get("partial") is True or response.get("is_partial") is True),
    )


def _step(values: Fields) -> str:
    """Returns a step of a deep search: its heading, and what it came to."""
    found = [text(values.get("header"))]
    found += [first_text(one, "final_message", "text") for one in objects(values.get("steps"))]
    found += map(text, elements(values.get("text")))
    return "\n".join(filter(None, found))


_CONVERSATION = field_names(
    """
    conversationId id title create_time modify_time createTime modifyTime summary starred
    systemPromptName temporary mediaTypes workspaces user_id asset_ids leaf_response_id
    anon_user_id controller root_asset_id taskResult teamId sharedWithTeam sharedWithUserIds
    system_prompt_name x_user_id metadata media_types
    """
)
_SHARE = field_names(
    """
    conversation responses allowIndexing isPublic shareLinkId artifacts share_link cursor
    """
)
_RESPONSE = field_names(
    """
    _id responseId chat_item_id conversation_id message query queryType query_type sender
    sender_type create_time createTime created_at_ms parent_response_id parentResponseId model
    metadata manual partial is_partial shared webSearchResults web_search_results
    citedWebSearchResults cited_web_search_results xpostIds xpost_ids xposts generatedImageUrls imageAttachments
    fileAttachments file_attachments fileAttachmentsMetadata isControl thinking_trace
    thinkingTrace thinking_start_time thinking_end_time deepsearch_headers steps grok_mode
    ui_layout error mediaTypes media_types requestMetadata request_metadata
    card_attachments_json cardAttachmentsJson share_link
    """
)
