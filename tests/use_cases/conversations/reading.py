"""One value through the importers."""

from collections.abc import Sequence

from use_cases.conversations.import_items import import_items
from use_cases.conversations.model import Fault, Imported, ImportedMessage, ImportStep, JsonItem


def steps_of(*values: object) -> Sequence[ImportStep]:
    """What the values of a file become."""
    return list(import_items(JsonItem(f"item {n}", one) for n, one in enumerate(values, 1)))


def imported_from(*values: object) -> Imported:
    """The only conversation in them."""
    (step,) = steps_of(*values)
    assert isinstance(step, Imported), step
    return step


def fault_in(*values: object) -> Fault:
    """The only fault in them."""
    (step,) = steps_of(*values)
    assert isinstance(step, Fault), step
    return step


def message(found: Imported, message_id: str) -> ImportedMessage:
    """The message of this id."""
    return next(one for one in found.conversation.messages if one.message_id == message_id)
