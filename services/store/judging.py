"""One feedback in its transaction: what it changes of a response, and what stays as history.

Rows are added, never rewritten: a judgement that another replaces is marked superseded. A keyed
feedback is kept even when it tells nothing new, so that sending it again much later, after another
judgement, does not bring its own back. Whoever comes second waits for the first (on SQLite for the
one writer, on PostgreSQL for the response's row).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from services.store.feedback_rows import feedback_of, feedback_values
from services.store.schema import feedback, responses
from services.store.visible import visible
from use_cases.advice.errors import FeedbackKeyReused, ResponseNotFound
from use_cases.advice.model import Feedback, Judge, OutcomeState
from use_cases.advice.ports import FeedbackResult
from use_cases.kernel.errors import Conflict, StorageDamaged
from use_cases.kernel.model import Caller
from use_cases.kernel.text.storable_text import storable


def judge(connection: Connection, caller: Caller, told: Feedback) -> FeedbackResult:
    """Keep it. Raises `ResponseNotFound`, `FeedbackKeyReused`, and `Conflict` for a taken id."""
    told = _as_stored(told)
    known = _held(connection, caller, told.response_id)
    rows = history(connection, told.response_id)
    repeated = _sent_before(rows, told)
    if repeated is not None:
        return FeedbackResult(repeated, known.outcome, repeated=True)
    changed = told.outcome is not None and told.outcome is not known.outcome
    news = _news(known, told, changed=changed)
    if not news and told.key is None:
        standing = next((row for row in reversed(rows) if _says_it(row, told)), None)
        if standing is not None:
            return FeedbackResult(standing, known.outcome, repeated=True)
    superseded = _supersede(connection, rows, told) if changed else None
    _add(connection, told)
    if news:
        mine = responses.c.response_id == told.response_id
        connection.execute(update(responses).where(mine), news)
    return FeedbackResult(
        told, told.outcome or known.outcome, repeated=not news, superseded=superseded
    )


def history(connection: Connection, response_id: str) -> Sequence[Feedback]:
    """All that was told of a response, oldest first."""
    rows = (
        select(feedback)
        .where(feedback.c.response_id == response_id)
        .order_by(feedback.c.created_at, feedback.c.feedback_id)
    )
    return tuple(feedback_of(row) for row in connection.execute(rows).mappings())


def not_found(response_id: str) -> ResponseNotFound:
    """What is raised for a response that is not there, or another person's."""
    return ResponseNotFound(f"There is no recorded advice {response_id!r}.")


@dataclass(frozen=True, slots=True)
class _InForce:
    """What is known of a response now."""

    outcome: OutcomeState
    helpful: bool | None
    notes: str | None


def _as_stored(told: Feedback) -> Feedback:
    """With its texts as they will be read back, so that sending it again is seen as that."""
    key, notes = told.key, told.notes
    return replace(
        told,
        key=None if key is None else storable(key),
        notes=None if notes is None else storable(notes),
    )


def _held(connection: Connection, caller: Caller, response_id: str) -> _InForce:
    """What is known, held until the transaction ends. Raises `ResponseNotFound`."""
    column = responses.c
    one = (
        select(column.outcome, column.helpful, column.feedback_notes)
        .where(visible(caller, column.user_id), column.response_id == response_id)
        .with_for_update()
    )
    row = connection.execute(one).first()
    if row is None:
        raise not_found(response_id)
    outcome, helpful, notes = row
    try:
        return _InForce(OutcomeState(outcome), helpful, notes)
    except ValueError as error:
        raise StorageDamaged(f"The response {response_id!r} cannot be read.") from error


def _sent_before(rows: Sequence[Feedback], told: Feedback) -> Feedback | None:
    """What was kept under the same key. Raises `FeedbackKeyReused`."""
    if told.key is None:
        return None
    same = next((row for row in rows if row.key == told.key), None)
    if same is not None and _content(same) != _content(told):
        raise FeedbackKeyReused(f"The key {told.key!r} has another feedback on this response.")
    return same


def _content(told: Feedback) -> tuple[object, ...]:
    return told.outcome, told.helpful, told.notes, told.judge


def _news(known: _InForce, told: Feedback, *, changed: bool) -> Mapping[str, object]:
    """The columns of the response that become others. Notes on a judgement go with it."""
    news: dict[str, object] = {}
    if changed and told.outcome is not None:
        news |= {"outcome": told.outcome.value, "feedback_at": told.created_at}
        if known.outcome is not OutcomeState.PENDING:
            news["feedback_notes"] = None
    if told.helpful is not None and told.helpful is not known.helpful:
        news["helpful"] = told.helpful
    if told.notes is not None and not _is_spoken_for(known, told):
        news["feedback_notes"] = told.notes
    return news


def _is_spoken_for(known: _InForce, told: Feedback) -> bool:
    """Whether the notes are those that stand, or would take the place of a person's own words."""
    if told.judge is Judge.PROFILE and known.outcome is OutcomeState.PENDING:
        return known.notes is not None
    changed = told.outcome is not None and told.outcome is not known.outcome
    return told.notes == known.notes and not changed


def _says_it(row: Feedback, told: Feedback) -> bool:
    """Whether this row stands and tells what the feedback tells first of all."""
    if row.superseded_at is not None:
        return False
    if told.outcome is not None:
        return row.outcome is told.outcome
    if told.helpful is not None:
        return row.helpful is told.helpful
    return row.notes == told.notes


def _supersede(connection: Connection, rows: Sequence[Feedback], by: Feedback) -> Feedback | None:
    """Mark every judgement that stood; the first of them, returned, was the one in force."""
    column = feedback.c
    connection.execute(
        update(feedback)
        .where(column.response_id == by.response_id)
        .where(column.outcome.is_not(None), column.superseded_at.is_(None)),
        {"superseded_at": by.created_at},
    )
    stood = (row for row in rows if row.outcome is not None and row.superseded_at is None)
    first = next(stood, None)
    return None if first is None else replace(first, superseded_at=by.created_at)


def _add(connection: Connection, told: Feedback) -> None:
    try:
        connection.execute(insert(feedback), feedback_values(told))
    except IntegrityError as error:
        raise Conflict(f"A feedback {told.feedback_id!r} is kept already.") from error
