"""Recorded advice in the relational store, as advice's port `Responses`.

A response is written once; of it only what became known afterwards changes (see `judging`). Another
person's response is as absent as one that was never given.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    func,
    insert,
    literal,
    select,
    tuple_,
)
from sqlalchemy.exc import IntegrityError

from services.store import usage_rows
from services.store.columns import StoredId, UtcMoment
from services.store.judging import history, judge, not_found
from services.store.people import provide_user
from services.store.response_rows import response_of, response_values
from services.store.schema import responses
from services.store.store import Store
from services.store.visible import visible
from use_cases.advice.model import Feedback, OutcomeState, Response, ResponseFilter, Scored
from use_cases.advice.ports import FeedbackResult, ResponsePage
from use_cases.kernel.errors import Conflict, StorageDamaged
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller


class SqlResponses:
    """Recorded advice in a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(self, response: Response, charge: Charge | None = None) -> None:
        """Record new advice, make its user where the name is new, and charge its key. Raises `Conflict`."""
        # Made before the writer's turn: others wait for it.
        values = response_values(response)

        def work(connection: Connection) -> None:
            provide_user(connection, response.user_id, response.created_at)
            try:
                connection.execute(insert(responses), values)
            except IntegrityError as error:
                name = response.response_id
                raise Conflict(f"A response {name!r} is recorded already.") from error
            usage_rows.add(connection, charge)

        await self._store.write(work)

    async def charge(self, charge: Charge) -> None:
        """Charge a key for advice that failed."""
        await self._store.write(lambda connection: usage_rows.add(connection, charge))

    async def response(self, caller: Caller, response_id: str) -> Response:
        """One of the caller's. Raises `ResponseNotFound`."""
        one = select(responses).where(*_one(caller, response_id))

        def work(connection: Connection) -> Response:
            row = connection.execute(one).mappings().first()
            if row is None:
                raise not_found(response_id)
            return response_of(row)

        return await self._store.read(work)

    async def responses(
        self,
        caller: Caller,
        wanted: ResponseFilter,
        *,
        limit: int = 20,
        before: str | None = None,
    ) -> ResponsePage:
        """Newest first, after `before`. Raises `ResponseNotFound` for that one."""
        found = _meets(caller, wanted)
        column = responses.c
        page = select(responses).where(*found).limit(limit)
        page = page.order_by(column.created_at.desc(), column.response_id.desc())
        count = select(func.count()).select_from(responses).where(*found)

        def work(connection: Connection) -> ResponsePage:
            rest = page
            if before is not None:
                rest = page.where(_earlier(connection, caller, before))
            rows = connection.execute(rest).mappings()
            told = tuple(response_of(row) for row in rows)
            return ResponsePage(told, connection.scalar(count) or 0)

        return await self._store.read(work)

    async def scored(self, caller: Caller, wanted: ResponseFilter) -> Sequence[Scored]:
        """Those that state a confidence, oldest first; only the columns that are needed are read."""
        column = responses.c
        rows = (
            select(*_SCORED)
            .where(*_meets(caller, wanted), column.stated_bp.is_not(None))
            .order_by(column.created_at, column.response_id)
        )

        def work(connection: Connection) -> Sequence[Scored]:
            return tuple(_scored(row) for row in connection.execute(rows))

        return await self._store.read(work)

    async def judge(self, caller: Caller, feedback: Feedback) -> FeedbackResult:
        """Keep a feedback. Raises `ResponseNotFound`, `FeedbackKeyReused`, `Conflict`."""
        return await self._store.write(lambda connection: judge(connection, caller, feedback))

    async def feedback(self, caller: Caller, response_id: str) -> Sequence[Feedback]:
        """All on one response, oldest first. Raises `ResponseNotFound`."""
        one = select(responses.c.response_id).where(*_one(caller, response_id))

        def work(connection: Connection) -> Sequence[Feedback]:
            if connection.scalar(one) is None:
                raise not_found(response_id)
            return history(connection, response_id)

        return await self._store.read(work)


def _one(caller: Caller, response_id: str) -> Sequence[ColumnElement[bool]]:
    column = responses.c
    return visible(caller, column.user_id), column.response_id == response_id


def _meets(caller: Caller, wanted: ResponseFilter) -> Sequence[ColumnElement[bool]]:
    """The conditions of a filter, within what the caller may see."""
    column = responses.c
    found = [visible(caller, column.user_id)]
    if wanted.since is not None:
        found.append(column.created_at >= wanted.since)
    if wanted.profile is not None:
        found.append(column.profile == wanted.profile)
    if wanted.model is not None:
        found.append(column.model == wanted.model)
    if wanted.prompt_version is not None:
        found.append(column.prompt_version == wanted.prompt_version)
    if wanted.outcome is not None:
        found.append(column.outcome == wanted.outcome.value)
    return found


def _earlier(connection: Connection, caller: Caller, before: str) -> ColumnElement[bool]:
    """What comes after this one on the next page. Raises `ResponseNotFound`."""
    column = responses.c
    seen = connection.scalar(select(column.created_at).where(*_one(caller, before)))
    if seen is None:
        raise not_found(before)
    place = literal(seen, UtcMoment), literal(before, StoredId)
    return tuple_(column.created_at, column.response_id) < tuple_(*place)


def _scored(row: Row[*tuple[Any, ...]]) -> Scored:
    """A row of `_SCORED`, taken apart by place: by name takes twice as long. Raises `StorageDamaged`."""
    name, profile, model, prompt, searched, stated, calibrated, state, at, event, judged = row
    outcome = _STATES.get(state)
    if outcome is None or calibrated is None:
        raise StorageDamaged(f"The response {name!r} cannot be read.")
    return Scored(
        response_id=name,
        profile=profile,
        model=model,
        prompt_version=prompt,
        web_search_used=searched,
        stated=stated,
        calibrated=calibrated,
        outcome=outcome,
        created_at=at,
        event_key=event,
        feedback_at=judged,
    )


_SCORED = (
    responses.c.response_id,
    responses.c.profile,
    responses.c.model,
    responses.c.prompt_version,
    responses.c.web_search_used,
    responses.c.stated_bp,
    responses.c.calibrated_bp,
    responses.c.outcome,
    responses.c.created_at,
    responses.c.event_key,
    responses.c.feedback_at,
)
_STATES = {state.value: state for state in OutcomeState}
