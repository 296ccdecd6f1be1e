"""Conversations at the terminal: what a reader must see beside a message."""

from datetime import UTC, datetime

import pytest

from backend.cli.conversations.conversation_commands import show_tree
from backend.schemas.conversations_schemas import ConversationTreeReply
from use_cases.conversations.model import (
    ImportedMessage,
    MessageRole,
    StoredConversation,
    StoredMessage,
    StoredTree,
    TextPart,
)
from use_cases.kernel.citations.sources import UNSOURCED, Mode, Outcome

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_what_rests_on_no_source_is_labelled(capsys: pytest.CaptureFixture[str]) -> None:
    one = StoredConversation(
        chat_id="chat_1",
        user_id="ada",
        title="Names",
        leaf_id="msg_1",
        created_at=NOW,
        updated_at=NOW,
        locked_at=None,
        mode=Mode.OPEN,
        origin=None,
    )
    said = ImportedMessage(
        message_id="msg_1",
        parent_id=None,
        role=MessageRole.ASSISTANT,
        parts=(TextPart(text="The Thursday Boat."),),
    )
    tree = StoredTree(one, [StoredMessage(said, "msg_1", False, Outcome.UNSOURCED)])
    show_tree(ConversationTreeReply.from_tree(tree), every=False)
    out, err = capsys.readouterr()
    assert f"The Thursday Boat.\n({UNSOURCED})\n" in out
    assert "Names · candor · open · chat_1" in err
