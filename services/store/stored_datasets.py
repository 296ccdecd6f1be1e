"""Datasets, their versions and items: the tables, and the playground's port `Datasets`.

An item is a row that is valid `since` a version and up to, without, the version `until` (NULL: still),
so that a version costs what it changes. Rows since the next version are seen by nobody until it is
published; a process that is killed before leaves only such rows, which the next attempt removes. `seen`
is the attempt that put or kept the row, negative where the attempt leaves it out.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from json import loads

import sqlalchemy as sa
from pydantic import JsonValue
from sqlalchemy.exc import IntegrityError

from services.store.column_types import StoredId, StoredText, StoredValue
from services.store.paging import Edited
from services.store.rows import Rows, SqlAdapter, metadata, refers, required, table_of
from use_cases.kernel.errors import Conflict
from use_cases.kernel.model import Caller, Page
from use_cases.kernel.prompts.prompt_registry import PromptChanged
from use_cases.kernel.text.plain_text import storable
from use_cases.playground.case_form import case_of, digest_of, text_of
from use_cases.playground.errors import DatasetNotFound
from use_cases.playground.model import Dataset, DatasetVersion, PlacedCase
from use_cases.playground.ports import VersionDraft

_LONGEST_KEY = 200
_HASHED = "sha256:"
_DIGESTS_AT_ONCE = 5000


datasets = table_of(
    Dataset,
    "datasets",
    sa.Column(
        "schema",
        StoredValue[Mapping[str, JsonValue] | None](Mapping[str, JsonValue] | None),
        nullable=False,
    ),
    sa.Column("attempt", sa.BigInteger, nullable=False),
    sa.Column("drafting", sa.Boolean, nullable=False),
    sa.Index(None, "case_id"),
    sa.Index(None, "created_at", "dataset_id"),
    key="dataset_id",
)
"""A dataset; `drafting`: the attempt of this number is putting its next version."""


dataset_versions = table_of(
    DatasetVersion,
    "dataset_versions",
    refers("dataset_id", "datasets.dataset_id", cascade=False),
    key="dataset_id number",
    ids="digest author",
)
"""A version, never changed once it is there."""


dataset_items = sa.Table(
    "dataset_items",
    metadata,
    sa.Column("dataset_id", StoredId, primary_key=True),
    sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("since", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("until", sa.BigInteger),
    sa.Column("seen", sa.BigInteger, nullable=False),
    sa.Column("key", StoredId, nullable=False),
    sa.Column("digest", StoredId, nullable=False),
    sa.Column("body", StoredText, nullable=False),
    refers("dataset_id", "datasets.dataset_id", cascade=False),
    sa.Index(None, "dataset_id", "key", "since", unique=True),
)
"""An item; `body` is the JSON of the case, and `digest` that of the case."""

_DATASETS = Rows(Dataset, datasets, "dataset")
_DATASET = Edited(_DATASETS, lambda key: DatasetNotFound(f"There is no dataset {key[:100]!r}."))
_VERSIONS = Rows(DatasetVersion, dataset_versions, "dataset version")
_ITEM = dataset_items.c
_WITHIN = (
    _ITEM.dataset_id == sa.bindparam("of_dataset"),
    _ITEM.since <= sa.bindparam("number"),
    sa.or_(_ITEM.until.is_(None), _ITEM.until > sa.bindparam("number")),
)
_PAGE_OF_ITEMS = (
    sa.select(_ITEM.place, _ITEM.body)
    .where(*_WITHIN, _ITEM.place > sa.bindparam("after"))
    .order_by(_ITEM.place)
    .limit(sa.bindparam("most"))
)


class SqlDatasets(SqlAdapter):
    """Datasets in a database."""

    async def add(self, dataset: Dataset) -> None:
        """Stores a new dataset without items."""
        await self._add(_DATASETS, dataset, attempt=0, drafting=False)

    async def dataset(self, caller: Caller, dataset_id: str) -> Dataset:
        """Returns a dataset."""
        return await self._store.read(
            lambda connection: _DATASET.one(connection, caller, dataset_id)
        )

    async def datasets(
        self, caller: Caller, *, case_id: str | None = None, skip: int = 0, limit: int = 100
    ) -> Page[Dataset]:
        """Returns the newest first."""
        own = [] if case_id is None else [datasets.c.case_id == case_id]
        return await self._store.read(
            lambda connection: _DATASET.counted(connection, caller, *own, skip=skip, limit=limit)
        )

    async def change(self, dataset: Dataset, revision: int) -> Dataset:
        """Stores other fields, when nobody else did."""
        return await self._store.write(
            lambda connection: _DATASET.change(
                connection, dataset, revision, without="version item_count"
            )
        )

    async def delete(self, caller: Caller, dataset_id: str, now: datetime) -> None:
        """Hides it."""

        def work(connection: sa.Connection) -> None:
            _DATASET.one(connection, caller, dataset_id)
            _DATASET.hide(connection, now, datasets.c.dataset_id == dataset_id)

        await self._store.write(work)

    async def begin_version(self, dataset_id: str, *, keep: bool = False) -> VersionDraft:
        """Begins the next version; an attempt before it ends."""
        one = datasets.c.dataset_id == dataset_id
        head = (
            sa.select(datasets.c.version, datasets.c.attempt, datasets.c.drafting)
            .where(one, datasets.c.deleted_at.is_(None))
            .with_for_update()
        )
        last = sa.select(sa.func.max(_ITEM.place)).where(_ITEM.dataset_id == dataset_id)

        def work(connection: sa.Connection) -> VersionDraft:
            found = connection.execute(head).first()
            if found is None:
                raise DatasetNotFound(f"There is no dataset {dataset_id[:100]!r}.")
            version, attempt, drafting = found
            draft = VersionDraft(dataset_id, version + 1, attempt + 1, 0, keep)
            if drafting:
                connection.execute(_drop(draft))
            connection.execute(
                sa.update(datasets).where(one).values(attempt=draft.attempt, drafting=True)
            )
            place = connection.scalar(last)
            return replace(draft, end=0 if place is None else place + 1)

        return await self._store.write(work)

    async def put(self, draft: VersionDraft, items: Sequence[PlacedCase]) -> None:
        """Puts items: rows for those that are new or changed, a mark for the others."""
        rows = await asyncio.to_thread(lambda: [_row(draft, item) for item in items])
        there = sa.select(_ITEM.key, _ITEM.place, _ITEM.digest).where(
            *_before(draft), _ITEM.key.in_([row["key"] for row in rows])
        )

        def work(connection: sa.Connection) -> None:
            _require(connection, draft)
            had = {key: (place, digest) for key, place, digest in connection.execute(there)}
            same = {
                str(row["key"])
                for row in rows
                if had.get(str(row["key"])) == (row["place"], row["digest"])
            }
            _mark(connection, draft, same, draft.attempt)
            _mark(connection, draft, had.keys() - same, -draft.attempt)
            if new := [row for row in rows if row["key"] not in same]:
                try:
                    connection.execute(sa.insert(dataset_items), new)
                except IntegrityError as error:
                    raise Conflict("Two items have the same key or place.") from error

        if rows:
            await self._store.write(work)

    async def remove(self, draft: VersionDraft, keys: Sequence[str]) -> None:
        """Marks the items as left out."""

        def work(connection: sa.Connection) -> None:
            _require(connection, draft)
            _mark(connection, draft, {_key(key) for key in keys}, -draft.attempt)

        await self._store.write(work)

    async def discard(self, draft: VersionDraft) -> None:
        """Removes what was put; nothing where the attempt has ended."""

        def work(connection: sa.Connection) -> None:
            if _is_open(connection, draft):
                connection.execute(_drop(draft))
                connection.execute(_closed(draft))

        await self._store.write(work)

    async def publish(
        self, draft: VersionDraft, *, author: str, now: datetime, note: str = ""
    ) -> DatasetVersion:
        """Closes what is left out, and lets the rest be seen.

        The digest is read before: only this attempt changes what it is of.
        """
        digest, count = await self._digest(draft)
        version = DatasetVersion(
            dataset_id=draft.dataset_id,
            number=draft.number,
            digest=digest,
            item_count=count,
            created_at=now,
            author=author,
            note=note,
        )
        column = dataset_versions.c
        before = (column.dataset_id == draft.dataset_id) & (column.number == draft.number - 1)

        def work(connection: sa.Connection) -> DatasetVersion:
            _require(connection, draft)
            last = _VERSIONS.one(connection, before)
            if last is not None and last.digest == digest:
                connection.execute(_drop(draft))
                connection.execute(_closed(draft))
                return last
            left = sa.update(dataset_items).where(*_before(draft), ~_kept(draft))
            connection.execute(left.values(until=draft.number))
            connection.execute(sa.insert(dataset_versions), _VERSIONS.values(version))
            head = {"version": draft.number, "item_count": count, "updated_at": now}
            connection.execute(_closed(draft).values(head))
            return version

        return await self._store.write(work)

    async def _digest(self, draft: VersionDraft) -> tuple[str, int]:
        """Returns the digest and count of what the draft has, page by page."""
        found = (
            sa.select(_ITEM.place, _ITEM.digest)
            .where(
                _ITEM.dataset_id == draft.dataset_id,
                _ITEM.until.is_(None),
                sa.or_(_ITEM.since == draft.number, _kept(draft)),
            )
            .order_by(_ITEM.place)
            .limit(_DIGESTS_AT_ONCE)
        )
        digest, count, after = sha256(), 0, -1
        while True:
            page = found.where(_ITEM.place > after)
            rows = await self._store.read(
                lambda connection, page=page: connection.execute(page).all()
            )
            if not rows:
                return digest.hexdigest(), count
            digest.update("".join(row[1] for row in rows).encode())
            count += len(rows)
            after = rows[-1][0]

    async def version(self, dataset_id: str, number: int) -> DatasetVersion:
        """Returns a version, also of a dataset that is hidden."""
        column = dataset_versions.c
        return required(
            await self._one(_VERSIONS, column.dataset_id == dataset_id, column.number == number),
            DatasetNotFound(f"There is no version {number} of {dataset_id[:100]}."),
        )

    async def versions(
        self, dataset_id: str, *, skip: int = 0, limit: int = 100
    ) -> Page[DatasetVersion]:
        """Returns the newest first."""
        own, newest = dataset_versions.c.dataset_id == dataset_id, dataset_versions.c.number.desc()
        return await self._store.read(
            lambda connection: _VERSIONS.page(connection, own, by=[newest], skip=skip, limit=limit)
        )

    async def items(
        self, dataset_id: str, number: int, *, after: int = -1, limit: int = 200
    ) -> Sequence[PlacedCase]:
        """Returns the items after a place, in order."""
        these = {"of_dataset": dataset_id, "number": number, "after": after, "most": limit}
        return await self._store.read(
            lambda connection: list(_placed(connection.execute(_PAGE_OF_ITEMS, these).all()))
        )

    async def named(
        self, dataset_id: str, number: int, keys: Sequence[str]
    ) -> Mapping[str, PlacedCase]:
        """Returns the items with these keys."""
        found = sa.select(_ITEM.place, _ITEM.body).where(
            *_WITHIN, _ITEM.key.in_([_key(key) for key in keys])
        )
        these = {"of_dataset": dataset_id, "number": number}
        return await self._store.read(
            lambda connection: {
                placed.case.key: placed for placed in _placed(connection.execute(found, these))
            }
        )


def _is_open(connection: sa.Connection, draft: VersionDraft) -> bool:
    """Returns whether the attempt is the last one; its dataset's row is held until the transaction
    ends.
    """
    held = sa.select(datasets.c.attempt).where(
        datasets.c.dataset_id == draft.dataset_id,
        datasets.c.attempt == draft.attempt,
        datasets.c.drafting,
    )
    return connection.scalar(held.with_for_update()) is not None


def _require(connection: sa.Connection, draft: VersionDraft) -> None:
    if not _is_open(connection, draft):
        raise PromptChanged(
            "Another change of this dataset began meanwhile.",
            hint="Nothing was changed; send it again.",
        )


def _row(draft: VersionDraft, item: PlacedCase) -> dict[str, object]:
    return {
        "dataset_id": draft.dataset_id,
        "place": item.place,
        "since": draft.number,
        "seen": draft.attempt,
        "key": _key(item.case.key),
        "digest": digest_of(item.case),
        "body": text_of(item.case),
    }


def _key(key: str) -> str:
    """Returns the key as an index can hold it; the body has it whole."""
    if len(key) <= _LONGEST_KEY and storable(key) == key and not key.startswith(_HASHED):
        return key
    return _HASHED + sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _before(draft: VersionDraft) -> tuple[sa.ColumnElement[bool], ...]:
    """Returns the items of the version before the draft."""
    return (
        _ITEM.dataset_id == draft.dataset_id,
        _ITEM.since < draft.number,
        _ITEM.until.is_(None),
    )


def _kept(draft: VersionDraft) -> sa.ColumnElement[bool]:
    """Returns the condition for items of the version before that the draft has, too."""
    return _ITEM.seen != -draft.attempt if draft.keep else _ITEM.seen == draft.attempt


def _mark(connection: sa.Connection, draft: VersionDraft, keys: "set[str]", mark: int) -> None:
    if keys:
        of_these = sa.update(dataset_items).where(*_before(draft), _ITEM.key.in_(sorted(keys)))
        connection.execute(of_these.values(seen=mark))


def _drop(draft: VersionDraft):
    return sa.delete(dataset_items).where(
        _ITEM.dataset_id == draft.dataset_id, _ITEM.since == draft.number
    )


def _closed(draft: VersionDraft):
    return (
        sa.update(datasets).where(datasets.c.dataset_id == draft.dataset_id).values(drafting=False)
    )


def _placed(rows: Iterable[tuple[int, str]]) -> Iterator[PlacedCase]:
    for place, body in rows:
        yield PlacedCase(place, case_of(loads(body)))
