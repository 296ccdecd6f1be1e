"""The recorded answers in the relational store, as chat's port `Answers`.

An answer is written once, with its message (see `transcript`), and never changed. Another person's
answer is as absent as one that was never given.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, literal, select, tuple_

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

        def work(connection: Connection) -> Sequence[Answer]:
            rest = page if before is None else _after(page, connection, caller, before)
            return tuple(answer_of(row) for row in connection.execute(rest).mappings())

        return await self._store.read(work)

    async def answer(self, caller: Caller, answer_id: str) -> Answer:
        """One of the caller's. Raises `AnswerNotFound`."""
        one = _of(caller).where(answers.c.answer_id == answer_id)

        def work(connection: Connection) -> Answer | None:
            row = connection.execute(one).mappings().first()
            return None if row is None else answer_of(row)

        found = await self._store.read(work)
        if found is None:
            raise _not_found(answer_id)
        return found


def _after(
    page: Select[*tuple[Any, ...]], connection: Connection, caller: Caller, before: str
) -> Select[*tuple[Any, ...]]:
    """The page that begins after an answer of the caller's. Raises `AnswerNotFound`."""
    seen = connection.scalar(
        select(answers.c.created_at).where(
            visible(caller, answers.c.user_id), answers.c.answer_id == before
        )
    )
    if seen is None:
        raise _not_found(before)
    return page.where(
        tuple_(answers.c.created_at, answers.c.answer_id)
        < tuple_(literal(seen, UtcMoment), literal(before, StoredId))
    )


def _of(caller: Caller) -> Select[*tuple[Any, ...]]:
    return select(answers).where(visible(caller, answers.c.user_id))


def _not_found(answer_id: str) -> AnswerNotFound:
    return AnswerNotFound(f"No recorded answer has the id {answer_id!r}.")
