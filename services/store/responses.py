"""Recorded advice, the feedback on it, and the versions of each profile's calibration: tables, and advice's
ports `Responses` and `Calibrations`.

A response is written once; only what became known afterwards changes. It carries the judgement in
force beside the history of feedback, so that statistics read one table. Confidence is in basis points.

A version, its note and its place at the head are one transaction. Of several that replace the same
parent one wins, also between processes: on SQLite there is one writer at a time, on PostgreSQL the
second waits for the head's row (or, for a first version, for its primary key).
"""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.store.admissions import add_usage
from services.store.column_types import StoredId
from services.store.paging import NewestFirst, Owned, equal
from services.store.people import provide_user
from services.store.rows import (
    Rows,
    SqlAdapter,
    add_unless_there,
    columns_of,
    metadata,
    refers,
    required,
    table_of,
)
from use_cases.advice.errors import CalibrationNotFound, ResponseNotFound, TuningConflict
from use_cases.advice.judgement import judge
from use_cases.advice.model import (
    Advice,
    BaseRate,
    CalibrationVersion,
    Confidence,
    Feedback,
    Response,
    ResponseFilter,
    Scored,
    TuningNote,
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


calibration_versions = table_of(
    CalibrationVersion,
    "calibration_versions",
    refers("parent_id", "calibration_versions.version_id", cascade=False),
    sa.Index(None, "profile", "created_at", "version_id"),
    key="version_id",
    ids="profile restores",
)
"""A calibration, never changed once it is there; `maps` is JSON with exact floats."""


calibrations = sa.Table(
    "calibrations",
    metadata,
    sa.Column("profile", StoredId, primary_key=True),
    sa.Column("version_id", StoredId, nullable=False),
    refers("version_id", "calibration_versions.version_id", cascade=False),
)
"""The version in force of each profile; no row where nothing was tuned yet."""


tuning_notes = table_of(
    TuningNote,
    "tuning_notes",
    sa.Index(None, "profile", "created_at", "note_id"),
    key="note_id",
    ids="profile from_version to_version",
)
"""The audit: what was tried, by whom and with what result."""

_VERSIONS = Rows(CalibrationVersion, calibration_versions, "calibration version")
_NOTES = Rows(TuningNote, tuning_notes, "tuning note")
_NEWEST_VERSIONS = NewestFirst(_VERSIONS, calibration_versions.c.created_at)
_NEWEST_NOTES = NewestFirst(_NOTES, tuning_notes.c.created_at)


class SqlCalibrations(SqlAdapter):
    """Calibrations in a database."""

    async def current(self, profile: str) -> CalibrationVersion | None:
        """Returns the version in force."""
        head = sa.select(calibrations.c.version_id).where(calibrations.c.profile == profile)
        return await self._one(_VERSIONS, calibration_versions.c.version_id.in_(head))

    async def version(self, version_id: str) -> CalibrationVersion:
        """Returns a version. Raises `CalibrationNotFound`."""
        return required(
            await self._one(_VERSIONS, calibration_versions.c.version_id == version_id),
            CalibrationNotFound(f"There is no calibration version {version_id!r}."),
        )

    async def versions(self, profile: str, *, limit: int = 50) -> Page[CalibrationVersion]:
        """Returns the newest first."""
        own = calibration_versions.c.profile == profile
        return await self._store.read(
            lambda connection: _NEWEST_VERSIONS.page(connection, own, limit=limit)
        )

    async def put_in_force(self, version: CalibrationVersion, note: TuningNote) -> None:
        """Keeps version and note, when its parent is in force. Raises `TuningConflict`, `Conflict`."""
        row = _VERSIONS.values(version)

        def work(connection: sa.Connection) -> None:
            if _head(connection, version.profile) != version.parent_id:
                raise _overtaken(version)
            _add(connection, row, note)
            _advance(connection, version)

        await self._store.write(work)

    async def note(self, note: TuningNote) -> None:
        """Adds to the audit. Raises `Conflict` for a taken id."""
        await self._store.write(lambda connection: _add(connection, None, note))

    async def notes(self, profile: str, *, limit: int = 50) -> Page[TuningNote]:
        """Returns the newest first."""
        own = tuning_notes.c.profile == profile
        return await self._store.read(
            lambda connection: _NEWEST_NOTES.page(connection, own, limit=limit)
        )


def _head(connection: sa.Connection, profile: str) -> str | None:
    """Returns the version in force, held until the transaction ends; nothing is held where there is
    none.
    """
    column = calibrations.c
    return connection.scalar(
        sa.select(column.version_id).where(column.profile == profile).with_for_update()
    )


def _add(connection: sa.Connection, version: dict[str, object] | None, note: TuningNote) -> None:
    try:
        if version is not None:
            connection.execute(sa.insert(calibration_versions), version)
        connection.execute(sa.insert(tuning_notes), _NOTES.values(note))
    except IntegrityError as error:
        raise Conflict("A calibration version or note of this id is kept already.") from error


def _advance(connection: sa.Connection, version: CalibrationVersion) -> None:
    """Puts the version at the head. Raises `TuningConflict` when another was first at a first one."""
    head = {"profile": version.profile, "version_id": version.version_id}
    if version.parent_id is not None:
        mine = calibrations.c.profile == version.profile
        connection.execute(sa.update(calibrations).where(mine), {"version_id": version.version_id})
        return
    if not add_unless_there(connection, calibrations, head):
        raise _overtaken(version)


def _overtaken(version: CalibrationVersion) -> TuningConflict:
    instead = "no version" if version.parent_id is None else f"version {version.parent_id!r}"
    return TuningConflict(f"It was made to replace {instead}, which is not in force now.")
