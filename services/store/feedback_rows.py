"""Feedback as a row of `feedback`, and back."""

from collections.abc import Mapping

from sqlalchemy import RowMapping

from services.store.schema import feedback
from use_cases.advice.model import Feedback, Judge, OutcomeState
from use_cases.kernel.errors import StorageDamaged


def feedback_values(told: Feedback) -> Mapping[str, object]:
    """The row of a feedback, by column."""
    return {
        "feedback_id": told.feedback_id,
        "response_id": told.response_id,
        "outcome": None if told.outcome is None else told.outcome.value,
        "helpful": told.helpful,
        "notes": told.notes,
        "judge": told.judge.value,
        "key": told.key,
        "created_at": told.created_at,
        "superseded_at": told.superseded_at,
    }


def feedback_of(row: RowMapping) -> Feedback:
    """The feedback in a row that holds all columns of `feedback`. Raises `StorageDamaged`."""
    column = feedback.c
    outcome = row[column.outcome]
    try:
        return Feedback(
            feedback_id=row[column.feedback_id],
            response_id=row[column.response_id],
            outcome=None if outcome is None else OutcomeState(outcome),
            created_at=row[column.created_at],
            judge=Judge(row[column.judge]),
            helpful=row[column.helpful],
            notes=row[column.notes],
            key=row[column.key],
            superseded_at=row[column.superseded_at],
        )
    except ValueError as error:
        name = row[column.feedback_id]
        raise StorageDamaged(f"The feedback {name!r} cannot be read.") from error
