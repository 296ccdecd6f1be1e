"""A recorded answer as a row of `answers`, and back."""

from collections.abc import Mapping

from sqlalchemy import RowMapping

from services.store.answer_codec import (
    decode_notices,
    decode_sources,
    decode_tool_calls,
    encode_notices,
    encode_sources,
    encode_tool_calls,
)
from services.store.schema import answers
from use_cases.chat.model import Answer
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import StorageDamaged


def answer_values(answer: Answer) -> Mapping[str, object]:
    """The row of an answer, by column."""
    return {
        "answer_id": answer.answer_id,
        "chat_id": answer.chat_id,
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


def answer_of(row: RowMapping) -> Answer:
    """The answer in a row that holds all columns of `answers`. Raises `StorageDamaged`."""
    column = answers.c
    try:
        return Answer(
            answer_id=row[column.answer_id],
            chat_id=row[column.chat_id],
            user_id=row[column.user_id],
            question=row[column.question],
            category=row[column.category],
            text=row[column.text],
            outcome=Outcome(row[column.outcome]),
            sources=decode_sources(row[column.sources]),
            tool_calls=decode_tool_calls(row[column.tool_calls]),
            notices=decode_notices(row[column.notices]),
            model=row[column.model],
            prompt_version=row[column.prompt_version],
            input_tokens=row[column.input_tokens],
            output_tokens=row[column.output_tokens],
            cost=row[column.cost],
            latency_ms=row[column.latency_ms],
            created_at=row[column.created_at],
            interrupted=row[column.interrupted],
        )
    except ValueError as error:
        name = row[column.answer_id]
        raise StorageDamaged(f"The answer {name!r} cannot be read.") from error
