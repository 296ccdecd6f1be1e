"""The turns before a question, as much of them as any budget could take."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from services.store.chats import DEEPEST, SHOWN, branch, messages
from services.store.columns import StoredId
from use_cases.chat.model import Role
from use_cases.kernel.runs.record import PastTurn

MOST_MESSAGES = 400
"""Of longer chats only the newest messages are read; the turns before them are counted."""

MOST_CHARACTERS = 4_000_000
"""Of what the model saw, the newest: as much as fits the largest budget that can be set."""


def past_turns(connection: sa.Connection, last: str) -> tuple[Sequence[PastTurn], int]:
    """The newest turns up to the message `last`, oldest first, and how many came before them."""
    rows = connection.execute(_PAST, {"start": last}).all()
    turns = tuple(_turns(rows))
    return turns, (rows[0].questions if rows else 0) - len(turns)


def _turns(rows: Sequence[sa.Row[Any]]) -> Iterator[PastTurn]:
    asked: str | None = None
    said: list[sa.Row[Any]] = []
    for row in rows:
        if row.role is not Role.USER:
            said.append(row)
            continue
        if asked is not None:
            yield _turn(asked, said)
            said = []
        # The instructions of an imported chat stand before its first question, and go along with it.
        notes = [each.text for each in said if each.role is Role.SYSTEM]
        asked, said = "\n\n".join([*notes, row.text]), []
    if asked is not None:
        yield _turn(asked, said)


def _turn(asked: str, said: Sequence[sa.Row[Any]]) -> PastTurn:
    """The turn of a question. Other assistants give one answer in several messages."""
    if len(said) == 1:
        return PastTurn(asked, said[0].text, said[0].model_messages)
    return PastTurn(asked, "\n\n".join(row.text for row in said if row.text) or None, None)


def _past() -> sa.Select[*tuple[Any, ...]]:
    way = branch(sa.bindparam("start", type_=StoredId), sa.literal(DEEPEST))
    questions = (
        sa.select(sa.func.count())
        .where(way.c.role == Role.USER, way.c.hidden.is_not(sa.true()))
        .scalar_subquery()
    )
    so_far = sa.func.sum(sa.func.length(messages.c.model_messages)).over(order_by=way.c.depth)
    return (
        sa.select(
            messages.c.role,
            messages.c.text,
            sa.case((so_far <= MOST_CHARACTERS, messages.c.model_messages)).label("model_messages"),
            questions.label("questions"),
        )
        .join_from(way, messages, messages.c.message_id == way.c.message_id)
        .where(way.c.depth < MOST_MESSAGES, SHOWN)
        .order_by(way.c.depth.desc())
    )


_PAST = _past()
