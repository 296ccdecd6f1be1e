"""The recorded answers in the relational store, as chat's port `Answers`.

An answer is written once and never changed. Another person's answer is as absent as one that was
never given.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, insert, literal, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.store.answer_codec import (
    decode_notices,
    decode_sources,
    decode_tool_calls,
    encode_notices,
    encode_sources,
    encode_tool_calls,
)
from services.store.columns import StoredId, UtcMoment
from services.store.schema import answers
from services.store.store import Store
from use_cases.chat.errors import AnswerNotFound
from use_cases.chat.model import Answer, Outcome
from use_cases.kernel.errors import Conflict, StorageDamaged
from use_cases.kernel.model import Caller


class SqlAnswers:
    """Answers in an open `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def record(self, answer: Answer) -> None:
        """Keep it; committed when this returns. Raises `Conflict` when its id is taken."""
        row = _row(answer)
        async with self._store.writing() as connection:
            try:
                await connection.execute(insert(answers), row)
            except IntegrityError as error:
                raise Conflict(f"An answer {answer.answer_id!r} is recorded already.") from error

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
        return tuple(_answer(row) for row in rows)

    async def answer(self, caller: Caller, answer_id: str) -> Answer:
        """One of the caller's. Raises `AnswerNotFound`."""
        one = _of(caller).where(answers.c.answer_id == answer_id)
        async with self._store.reading() as connection:
            row = (await connection.execute(one)).mappings().first()
        if row is None:
            raise _not_found(answer_id)
        return _answer(row)


def _of(caller: Caller) -> Select[*tuple[Any, ...]]:
    return select(answers).where(answers.c.user_id == caller.user_id)


async def _moment(connection: AsyncConnection, caller: Caller, answer_id: str) -> datetime:
    moment = await connection.scalar(
        select(answers.c.created_at).where(
            answers.c.user_id == caller.user_id, answers.c.answer_id == answer_id
        )
    )
    if moment is None:
        raise _not_found(answer_id)
    return moment


def _not_found(answer_id: str) -> AnswerNotFound:
    return AnswerNotFound(f"There is no recorded answer {answer_id!r}.")


def _row(answer: Answer) -> Mapping[str, object]:
    return {
        "answer_id": answer.answer_id,
        "user_id": answer.user_id,
        "question": answer.question,
        "category": answer.category,
        "text": answer.text,
        "outcome": answer.outcome.value,
        "sources": encode_sources(answer.sources),
        "tool_calls": encode_tool_calls(answer.tool_calls),
        "notices": encode_notices(answer.notices),
        "model": answer.model,
        "prompt_version": answer.prompt_version,
        "input_tokens": answer.input_tokens,
        "output_tokens": answer.output_tokens,
        "cost": answer.cost,
        "latency_ms": answer.latency_ms,
        "created_at": answer.created_at,
        "interrupted": answer.interrupted,
    }


def _answer(row: RowMapping) -> Answer:
    try:
        return Answer(
            answer_id=row["answer_id"],
            user_id=row["user_id"],
            question=row["question"],
            category=row["category"],
            text=row["text"],
            outcome=Outcome(row["outcome"]),
            sources=decode_sources(row["sources"]),
            tool_calls=decode_tool_calls(row["tool_calls"]),
            notices=decode_notices(row["notices"]),
            model=row["model"],
            prompt_version=row["prompt_version"],
            input_tokens=row["input_tokens"],
            output_tokens=row["output_tokens"],
            cost=row["cost"],
            latency_ms=row["latency_ms"],
            created_at=row["created_at"],
            interrupted=row["interrupted"],
        )
    except ValueError as error:
        raise StorageDamaged(f"The answer {row['answer_id']!r} cannot be read.") from error
