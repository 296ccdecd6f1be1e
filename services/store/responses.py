"""Recorded advice and the feedback on it: their tables, and advice's port `Responses`.

A response is written once; only what became known afterwards changes. It carries the judgement in
force beside the history of feedback, so that statistics read one table. Confidence is in basis points.
"""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.store.admissions import add_usage
from services.store.paging import NewestFirst, Owned, equal
from services.store.people import provide_user
from services.store.rows import Rows, SqlAdapter, columns_of, refers, required, table_of
from use_cases.advice.errors import ResponseNotFound
from use_cases.advice.judgement import judge
from use_cases.advice.model import (
    Advice,
    BaseRate,
    Confidence,
    Feedback,
    Response,
    ResponseFilter,
    Scored,
)
from use_cases.advice.ports import FeedbackResult
from use_cases.kernel.errors import Conflict
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller, Page
from use_cases.kernel.text.plain_text import storable

_RENAMED = {
    "stated": "stated_bp",
    "calibrated": "calibrated_bp",
    "capped": "phrase_capped",
    "version_id": "calibration_id",
}
_RATE = {"right": "base_right", "n": "base_n"}

responses = table_of(
    Response,
    "responses",
    *columns_of(Advice, without="confidence", renamed={"outcome": "advice_outcome"}),
    *columns_of(Confidence, without="base_rate", renamed=_RENAMED, optional=True),
    *columns_of(BaseRate, renamed=_RATE, optional=True),
    refers("user_id", "users.user_id"),
    # A page, newest first, and a window of statistics are one walk along an index: one person's, one
    # profile's, or all.
    sa.Index(None, "user_id", "created_at", "response_id"),
    sa.Index(None, "profile", "created_at", "response_id"),
    sa.Index(None, "created_at", "response_id"),
    key="response_id",
    ids="profile model prompt_version event_key calibration_id",
    without="advice",
)
"""A recorded response, with what is within it. `outcome` is what came of the advice, `advice_outcome` how
the question ended. In the database, the columns that statistics read come first: SQLite finds them without
leafing through the long texts after them.
"""

feedback = table_of(
    Feedback,
    "feedback",
    refers("response_id", "responses.response_id"),
    sa.UniqueConstraint("response_id", "key"),
    key="feedback_id",
    ids="key",
)
"""Feedback on a response; rows are added, and only `superseded_at` is ever changed."""

_BASE_RATE = Rows(BaseRate, responses, renamed=_RATE, absent_without="base_n")
_CONFIDENCE = Rows(
    Confidence,
    responses,
    renamed=_RENAMED,
    parts={"base_rate": _BASE_RATE},
    absent_without="stated_bp",
)
_ADVICE = Rows(
    Advice, responses, renamed={"outcome": "advice_outcome"}, parts={"confidence": _CONFIDENCE}
)
RESPONSES = Rows(Response, responses, "response", parts={"advice": _ADVICE})
_FEEDBACK = Rows(Feedback, feedback, "feedback")
_SCORED = Rows(
    Scored, responses, "response", renamed={"stated": "stated_bp", "calibrated": "calibrated_bp"}
)


class SqlResponses(SqlAdapter):
    """Recorded advice in a database."""

    async def keep(self, response: Response, charge: Charge | None = None) -> None:
        """Records new advice, makes its user where the name is new, and charges its key. Raises
        `Conflict`.
        """
        values = RESPONSES.values(response)

        def work(connection: sa.Connection) -> None:
            provide_user(connection, response.user_id, response.created_at)
            try:
                connection.execute(sa.insert(responses), values)
            except IntegrityError as error:
                name = response.response_id
                raise Conflict(f"A response {name!r} is recorded already.") from error
            add_usage(connection, charge)

        await self._store.write(work)

    async def charge(self, charge: Charge) -> None:
        """Charges a key for advice that failed."""
        await self._store.write(lambda connection: add_usage(connection, charge))

    async def response(self, caller: Caller, response_id: str) -> Response:
        """Returns one of the caller's. Raises `ResponseNotFound`."""
        return await self._store.read(
            lambda connection: _OWNED.one(connection, caller, response_id)
        )

    async def responses(
        self,
        caller: Caller,
        wanted: ResponseFilter,
        *,
        limit: int = 20,
        before: str | None = None,
    ) -> Page[Response]:
        """Newest first, after `before`. Raises `ResponseNotFound` for that one."""
        meets = _meets(wanted)
        return await self._store.read(
            lambda connection: _OWNED.counted(
                connection, caller, *meets, limit=limit, before=before
            )
        )

    async def scored(self, caller: Caller, wanted: ResponseFilter) -> Sequence[Scored]:
        """Returns the advice with a confidence, oldest first; only the needed columns are read."""
        column = responses.c
        found = await self._all(
            _SCORED,
            *(_OWNED.shown(caller), *_meets(wanted), column.stated_bp.is_not(None)),
            by=[column.created_at, column.response_id],
        )
        return tuple(found)

    async def judge(self, caller: Caller, feedback: Feedback) -> FeedbackResult:
        """Keeps a feedback. Raises `ResponseNotFound`, `FeedbackKeyReused`, `Conflict`."""
        return await self._store.write(lambda connection: _judge(connection, caller, feedback))

    async def feedback(self, caller: Caller, response_id: str) -> Sequence[Feedback]:
        """Returns all on one response, oldest first. Raises `ResponseNotFound`."""

        def work(connection: sa.Connection) -> Sequence[Feedback]:
            _OWNED.one(connection, caller, response_id)
            return _history(connection, response_id)

        return await self._store.read(work)


def _judge(connection: sa.Connection, caller: Caller, given: Feedback) -> FeedbackResult:
    """Keeps it. Of two at once the second waits for the first: on SQLite for the one writer, on
    PostgreSQL for the response's row. Raises `ResponseNotFound`, `FeedbackKeyReused`, `Conflict`.
    """
    given = _as_stored(given)
    mine = _OWNED.named(caller, given.response_id)
    held = sa.select(*RESPONSES.columns).where(mine).with_for_update()
    row = required(connection.execute(held).first(), _missing(given.response_id))
    history = _history(connection, given.response_id)
    judged = judge(RESPONSES.of(row), history, given)
    if not judged.add:
        return judged.kept
    for one in judged.superseded:
        superseded = sa.update(feedback).where(feedback.c.feedback_id == one.feedback_id)
        connection.execute(superseded.values(superseded_at=one.superseded_at))
    try:
        connection.execute(sa.insert(feedback), _FEEDBACK.values(given))
    except IntegrityError as error:
        raise Conflict(f"A feedback {given.feedback_id!r} is kept already.") from error
    if judged.news:
        connection.execute(sa.update(responses).where(mine), judged.news)
    return judged.kept


def _as_stored(given: Feedback) -> Feedback:
    """Returns it with its texts as they will be read back, so that the same feedback is recognised when
    it is sent again.
    """
    key, notes = given.key, given.notes
    return replace(
        given,
        key=None if key is None else storable(key),
        notes=None if notes is None else storable(notes),
    )


def _history(connection: sa.Connection, response_id: str) -> Sequence[Feedback]:
    """Returns all feedback on a response, oldest first."""
    order = (feedback.c.created_at, feedback.c.feedback_id)
    return tuple(_FEEDBACK.all(connection, feedback.c.response_id == response_id, by=order))


def _meets(wanted: ResponseFilter) -> Sequence[sa.ColumnElement[bool]]:
    """Returns the conditions of a filter."""
    found = equal(responses, wanted, ("profile", "model", "prompt_version", "outcome"))
    if wanted.since is not None:
        found.append(responses.c.created_at >= wanted.since)
    return found


def _missing(response_id: str) -> ResponseNotFound:
    return ResponseNotFound(f"There is no recorded advice {response_id!r}.")


_OWNED = Owned(
    NewestFirst(RESPONSES, responses.c.created_at),
    responses.c.user_id,
    _missing,
)
