"""The recorded answers in the relational store, as chat's port `Answers`.

An answer is written once, with its message (see `transcript`), and never changed. Another person's
answer is as absent as one that was never given.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.store.answer_rows import answer_of
from services.store.columns import StoredId, UtcMoment
from services.store.schema import answers
from services.store.store import Store
from services.store.visible import visible
from use_cases.chat.errors import AnswerNotFound
from use_cases.chat.model import Answer
from use_cases.kernel.model import Caller


class SqlAnswers:
    """Answers in a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def answers(
        self, caller: Caller, *, limit: int = 50, before: str | None = None
    ) -> Sequence[Answer]:
        """The caller's, newest first, after `before`. Raises `AnswerNotFound` for that one."""
        page = (
            _of(caller)
            .order_by(answers.c.created_at.desc(), answers.c.answer_id.desc())
            .limit(limit)
        )
        async with self._store.reading() as connection:
            if before is not None:
                seen = await _moment(connection, caller, before)
                page = page.where(
                    tuple_(answers.c.created_at, answers.c.answer_id)
                    < tuple_(literal(seen, UtcMoment), literal(before, StoredId))
                )
            rows = (await connection.execute(page)).mappings().all()
        return tuple(answer_of(row) for row in rows)

    async def answer(self, caller: Caller, answer_id: str) -> Answer:
        """One of the caller's. Raises `AnswerNotFound`."""
        one = _of(caller).where(answers.c.answer_id == answer_id)
        async with self._store.reading() as connection:
            row = (await connection.execute(one)).mappings().first()
        if row is None:
            raise _not_found(answer_id)
        return answer_of(row)


def _of(caller: Caller) -> Select[*tuple[Any, ...]]:
    return select(answers).where(visible(caller, answers.c.user_id))


async def _moment(connection: AsyncConnection, caller: Caller, answer_id: str) -> datetime:
    moment = await connection.scalar(
        select(answers.c.created_at).where(
            visible(caller, answers.c.user_id), answers.c.answer_id == answer_id
        )
    )
    if moment is None:
        raise _not_found(answer_id)
    return moment


def _not_found(answer_id: str) -> AnswerNotFound:
    return AnswerNotFound(f"There is no recorded answer {answer_id!r}.")
