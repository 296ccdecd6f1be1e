"""Pages of things, newest first: by a moment and, within one, by id as code points."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeAlias

import sqlalchemy as sa

from services.store.columns import StoredId, UtcMoment
from services.store.ownership import visible
from services.store.rows import Rows, Thing
from use_cases.kernel.errors import NotFound
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page, page_of

Place: TypeAlias = tuple[datetime, str]
"""Where a page begins: after the thing of this moment and id."""


class NewestFirst(Generic[Thing]):
    """Lists things; a page is one walk along an index of these two columns."""

    def __init__(
        self,
        rows: Rows[Thing],
        moment: sa.Column[datetime],
        key: sa.Column[str],
        *,
        source: sa.FromClause | None = None,
    ) -> None:
        """`source` is the join that the rows come from; None: the one table."""
        self.rows = rows
        self.moment = moment
        self.key = key
        self._source = key.table if source is None else source

    def page(
        self,
        connection: sa.Connection,
        *conditions: sa.ColumnElement[bool],
        limit: int,
        after: Place | None = None,
        offset: int = 0,
    ) -> Page[Thing]:
        """At most `limit` that meet the conditions."""
        found = (
            sa.select(*self.rows.columns)
            .select_from(self._source)
            .where(*conditions)
            .order_by(self.moment.desc(), self.key.desc())
            .limit(limit + 1)
        )
        if after is not None:
            moment, key = after
            place = sa.tuple_(sa.literal(moment, UtcMoment), sa.literal(key, StoredId))
            found = found.where(sa.tuple_(self.moment, self.key) < place)
        if offset:
            found = found.offset(offset)
        return page_of([self.rows.of(row) for row in connection.execute(found)], limit)

    def counted_page(
        self, connection: sa.Connection, *conditions: sa.ColumnElement[bool], skip: int, limit: int
    ) -> Page[Thing]:
        """The same after the first `skip`; `total` counts all that meet the conditions."""
        page = self.page(connection, *conditions, limit=limit, offset=skip)
        count = sa.select(sa.func.count()).select_from(self.key.table).where(*conditions)
        return Page(page, more=page.more, total=connection.scalar(count) or 0)


class Owned(Generic[Thing]):
    """Things that belong to people: another person's is as absent as one that never was.

    `missing` makes the error for an id that is not there, or not the caller's.
    """

    def __init__(
        self,
        listed: NewestFirst[Thing],
        owner: sa.Column[str],
        missing: Callable[[str], NotFound],
    ) -> None:
        self._listed = listed
        self._owner = owner
        self._missing = missing

    def one(self, connection: sa.Connection, caller: Caller, key: str) -> Thing:
        """One of the caller's. Raises `missing`."""
        rows = self._listed.rows
        row = connection.execute(sa.select(*rows.columns).where(*self.named(caller, key))).first()
        if row is None:
            raise self._missing(key)
        return rows.of(row)

    def page(
        self,
        connection: sa.Connection,
        caller: Caller,
        *conditions: sa.ColumnElement[bool],
        limit: int,
        before: str | None = None,
    ) -> Page[Thing]:
        """The caller's, after the one whose id is `before`. Raises `missing` for that one."""
        after = None if before is None else (self._seen(connection, caller, before), before)
        mine = visible(caller, self._owner)
        return self._listed.page(connection, mine, *conditions, limit=limit, after=after)

    def named(
        self, caller: Caller, key: str
    ) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
        """The conditions that only the caller's thing of this id meets."""
        return visible(caller, self._owner), self._listed.key == key

    def _seen(self, connection: sa.Connection, caller: Caller, key: str) -> Any:
        moment = connection.scalar(sa.select(self._listed.moment).where(*self.named(caller, key)))
        if moment is None:
            raise self._missing(key)
        return moment
