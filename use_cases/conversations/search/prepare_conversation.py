"""A conversation cut into passages, each with its place. Pure.

Promises: a passage belongs to one message, or is the title; every non-blank character of every shown text
is in one.
"""

from collections.abc import Mapping, Sequence

from use_cases.conversations.search.model import (
    SHOWN,
    ConversationHead,
    PassagePlace,
    PlacedPassage,
    PreparedConversation,
    SaidText,
)
from use_cases.kernel.model import Span
from use_cases.kernel.text.lengths import fit

PASSAGE_CHARACTERS = 1_000
"""The most in a passage: as much as the local embedder reads (256 tokens); what follows would be found
by its words alone.
"""

CHUNKER = f"messages-2:{PASSAGE_CHARACTERS}"
"""The identity of this cutting and its terms; another one makes every stored conversation outdated."""

_BORDER = "\n\n"


def prepare_conversation(head: ConversationHead, said: Sequence[SaidText]) -> PreparedConversation:
    """Cut a conversation into passages; `said` are its texts, oldest first."""
    branches = branches_of(said, head.leaf_ids)
    title = SaidText(
        text_id="",
        parent_id=None,
        content_type=head.content_type,
        role="",
        text=head.title,
        created_at=head.updated_at,
        model=head.model,
    )
    texts = [one for one in (title, *said) if one.text]
    passages: list[PlacedPassage] = []
    start = 0
    for one in texts:
        for span in fit(one.text, 0, len(one.text), PASSAGE_CHARACTERS):
            place = PassagePlace(
                chat_id=head.chat_id,
                text_id=one.text_id,
                content_type=one.content_type,
                role=one.role,
                model=one.model,
                branch=branches.get(one.text_id, SHOWN),
                created_at=one.created_at,
                offset=span.start,
            )
            passages.append(PlacedPassage(Span(start + span.start, start + span.end), place))
        start += len(one.text) + len(_BORDER)
    return PreparedConversation(
        chat_id=head.chat_id,
        user_id=head.user_id,
        stamp=stamp_of(head),
        updated_at=head.updated_at,
        title=head.title,
        addresses=head.addresses,
        text=_BORDER.join(one.text for one in texts),
        passages=passages,
    )


def stamp_of(head: ConversationHead) -> str:
    """Return the stamp of a conversation with that of its cutting."""
    return f"{CHUNKER} {head.stamp}"


def branches_of(said: Sequence[SaidText], shown: Sequence[str]) -> Mapping[str, str]:
    """Return the branch of every text: the shown one, else the last message of the latest below it.

    The shown ones end at `shown`. What is no message is shown.
    Damaged parents (missing ones, circles) end a walk.
    """
    parents = {one.text_id: one.parent_id for one in said}
    with_children = set(parents.values())
    found: dict[str, str] = {}
    leaves = [
        one.text_id for one in reversed(said) if one.role and one.text_id not in with_children
    ]
    ends = [*((SHOWN, leaf) for leaf in shown), *((leaf, leaf) for leaf in leaves)]
    for branch, end in ends:
        at: str | None = end
        while at in parents and at not in found:
            found[at] = branch
            at = parents[at]
    return {**dict.fromkeys(parents, SHOWN), **found}
