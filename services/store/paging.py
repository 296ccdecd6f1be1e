"""People's things: who may see them, and pages of them, newest first.

Newest first is by a moment and, within one, by id as code points. Another person's thing is as absent as
one that never was.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, TypeAlias

import sqlalchemy as sa

from services.store.column_types import StoredId, UtcMoment
from services.store.rows import Rows, Thing, required
from use_cases.kernel.errors import NotFound
from use_cases.kernel.model import Caller, Page
from use_cases.kernel.prompts.prompt_registry import PromptChanged

Place: TypeAlias = tuple[datetime, str]
"""Where a page begins: after the thing of this moment and id."""


def visible(caller: Caller, owner: sa.Column[str]) -> sa.ColumnElement[bool]:
    """Returns the rows that are filed under the caller; all, for one who owns all."""
    return sa.true() if caller.owns_all else owner == caller.user_id


def visible_to(owner: sa.Column[str]) -> sa.ColumnElement[bool]:
    """Returns the same for a statement that is made once; `rights` are its parameters."""
    user = sa.bindparam("caller", type_=StoredId)
    return sa.or_(owner == user, sa.bindparam("owns_all", type_=sa.Boolean))


def rights(caller: Caller) -> Mapping[str, object]:
    """Returns the parameters of `visible_to`."""
    return {"caller": caller.user_id, "owns_all": caller.owns_all}


def equal(
    table: sa.Table[Any], wanted: object, fields: Collection[str]
) -> list[sa.ColumnElement[bool]]:
    """Returns the conditions that columns have the values of a filter, as far as those are set."""
    values = {name: getattr(wanted, name) for name in fields}
    return [table.c[name] == value for name, value in values.items() if value is not None]


class NewestFirst(Generic[Thing]):
    """Lists things; a page is one walk along an index of the moment and the key."""

    def __init__(
        self,
        rows: Rows[Thing],
        moment: sa.Column[datetime],
        *,
        source: sa.FromClause | None = None,
    ) -> None:
        """`source` is the join that the rows come from; None: the one table."""
        self.rows = rows
        self.moment = moment
        (self.key,) = rows.table.primary_key.columns
        self._source = rows.table if source is None else source

    def page(
        self,
        connection: sa.Connection,
        *conditions: sa.ColumnElement[bool],
        limit: int,
        after: Place | None = None,
        offset: int = 0,
    ) -> Page[Thing]:
        """Returns at most `limit` that meet the conditions."""
        if after is not None:
            moment, key = after
            place = sa.tuple_(sa.literal(moment, UtcMoment), sa.literal(key, StoredId))
            conditions = (*conditions, sa.tuple_(self.moment, self.key) < place)
        newest = (self.moment.desc(), self.key.desc())
        return self.rows.page(
            connection, *conditions, by=newest, limit=limit, skip=offset, source=self._source
        )

    def count(self, connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> int:
        """Counts all that meet the conditions."""
        counted = sa.select(sa.func.count()).select_from(self.rows.table).where(*conditions)
        return connection.scalar(counted) or 0


class Owned(Generic[Thing]):
    """Things that belong to people.

    `missing` makes the error for an id that is not there, or not the caller's. Things with a moment in
    the column `hidden` are as absent.
    """

    def __init__(
        self,
        listed: NewestFirst[Thing],
        owner: sa.Column[str],
        missing: Callable[[str], NotFound],
        *,
        hidden: sa.Column[datetime] | None = None,
    ) -> None:
        self._listed = listed
        self._owner = owner
        self._missing = missing
        self._hidden = hidden

    def shown(self, caller: Caller) -> sa.ColumnElement[bool]:
        """Returns the condition that only the caller's things meet."""
        mine = visible(caller, self._owner)
        return mine if self._hidden is None else sa.and_(mine, self._hidden.is_(None))

    def named(self, caller: Caller, key: str) -> sa.ColumnElement[bool]:
        """Returns the condition that only the caller's thing of this id meets."""
        return sa.and_(self.shown(caller), self._listed.key == key)

    def one(self, connection: sa.Connection, caller: Caller, key: str) -> Thing:
        """Returns one of the caller's. Raises `missing`."""
        found = self._listed.rows.one(connection, self.named(caller, key))
        return required(found, self._missing(key))

    def page(
        self,
        connection: sa.Connection,
        caller: Caller,
        *conditions: sa.ColumnElement[bool],
        limit: int,
        before: str | None = None,
    ) -> Page[Thing]:
        """Returns the caller's, after the one whose id is `before`. Raises `missing` for that one."""
        after = None if before is None else (self._seen(connection, caller, before), before)
        return self._listed.page(
            connection, self.shown(caller), *conditions, limit=limit, after=after
        )

    def counted(
        self,
        connection: sa.Connection,
        caller: Caller,
        *conditions: sa.ColumnElement[bool],
        limit: int,
        skip: int = 0,
        before: str | None = None,
    ) -> Page[Thing]:
        """Returns the same, or after the first `skip`; `total` counts all that meet the conditions."""
        mine = (self.shown(caller), *conditions)
        if before is None:
            page = self._listed.page(connection, *mine, limit=limit, offset=skip)
        else:
            page = self.page(connection, caller, *conditions, limit=limit, before=before)
        return Page(page, more=page.more, total=self._listed.count(connection, *mine))

    def _seen(self, connection: sa.Connection, caller: Caller, key: str) -> Any:
        moment = sa.select(self._listed.moment).where(self.named(caller, key))
        return required(connection.scalar(moment), self._missing(key))


class Edited(Owned[Thing]):
    """Things that people edit: `revision` goes up with every change, and what is deleted is hidden."""

    def __init__(self, rows: Rows[Thing], missing: Callable[[str], NotFound]) -> None:
        column = rows.table.c
        listed = NewestFirst(rows, column.created_at)
        super().__init__(listed, column.user_id, missing, hidden=column.deleted_at)
        self._rows = rows

    def change(
        self, connection: sa.Connection, thing: Any, revision: int, *, without: str = ""
    ) -> Any:
        """Stores the fields of a thing that still has this revision, but those that are named
        `without`.

        Returns it with the next revision. Raises `PromptChanged`.
        """
        changed = replace(thing, revision=revision + 1)
        row = self._rows.values(changed)
        key, column = self._listed.key, self._rows.table.c
        there = (key == row[key.name], column.revision == revision, column.deleted_at.is_(None))
        values = {name: value for name, value in row.items() if name not in without.split()}
        if not connection.execute(
            sa.update(self._rows.table).where(*there).values(values)
        ).rowcount:
            raise PromptChanged(f"{thing.name} is no longer at revision {revision}.")
        return changed

    def hide(
        self, connection: sa.Connection, now: datetime, *conditions: sa.ColumnElement[bool]
    ) -> int:
        """Deletes those that meet the conditions; how many there were."""
        shown = self._rows.table.c.deleted_at.is_(None)
        hidden = sa.update(self._rows.table).where(*conditions, shown).values(deleted_at=now)
        return connection.execute(hidden).rowcount
