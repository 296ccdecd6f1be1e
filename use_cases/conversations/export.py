"""A stored conversation in the plain form `candor.conversation/1`, without loss.

A message that is one text has a `content`; any other has `parts`, each with its `kind`. Messages have the
ids of their source, and those that were said here their own, so that an import of an export finds all of
them again.
"""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue, TypeAdapter

from use_cases.conversations.importers.plain_messages import FORMAT
from use_cases.conversations.model import HERE, Part, StoredMessage, StoredTree, TextPart
from use_cases.kernel.citations.sources import Outcome

_PARTS: TypeAdapter[Sequence[Part]] = TypeAdapter(Sequence[Part])


def plain_conversation(tree: StoredTree) -> Mapping[str, JsonValue]:
    """The JSON of a conversation. A title that a person chose stands for the source's."""
    one, origin = tree.conversation, tree.conversation.origin
    names = {each.message.message_id: each.source_message_id for each in tree.messages}
    about: dict[str, JsonValue] = {
        "format": FORMAT,
        "source": origin.source if origin else HERE,
        "id": origin.source_id if origin else one.chat_id,
        "title": origin.title if origin and one.title == origin.shown_title else one.title,
        "mode": one.mode.value,
    }
    if origin is not None:
        moments = (origin.source_created_at, origin.source_updated_at)
        about |= {"url": origin.url, "model": origin.model, "project": origin.project}
    else:
        moments = (one.created_at, one.updated_at)
    messages: list[JsonValue] = [_message(each, names) for each in tree.messages]
    created, updated = (moment.isoformat() if moment else None for moment in moments)
    return about | {
        "created_at": created,
        "updated_at": updated,
        "messages": messages,
        "current_id": names.get(one.leaf_id or ""),
    }


def _message(each: StoredMessage, names: Mapping[str, str]) -> dict[str, JsonValue]:
    one = each.message
    found: dict[str, JsonValue] = {
        "id": each.source_message_id,
        "parent_id": names.get(one.parent_id or ""),
        "role": one.role.value,
        "created_at": one.created_at.isoformat() if one.created_at else None,
        "model": one.model,
        "name": one.author,
        "hidden": one.hidden.value if one.hidden else None,
    }
    if each.outcome is Outcome.UNSOURCED:
        found["outcome"] = each.outcome.value
    if not one.is_complete:
        found["is_complete"] = False
    match one.parts:
        case (TextPart(text=text),) if text.strip():
            found["content"] = text
        case parts:
            found["parts"] = _PARTS.dump_python(parts, mode="json")
    return {name: value for name, value in found.items() if value or name in _ALWAYS}


_ALWAYS = ("parent_id", "parts", "is_complete")
