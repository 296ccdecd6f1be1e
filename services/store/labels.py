"""Labels of people: their table, and port `Labels`.

A row is never changed but for the moment at which a later one replaced it. The run's row is locked
first, so that two processes leave one label in force.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from services.store.columns import StoredId, StoredText, UtcMoment
from services.store.engine.access import Access
from services.store.jobs import jobs
from services.store.paging import NewestFirst, Owned
from services.store.rows import Rows, refers, table_of
from use_cases.kernel.jobs.model import JobNotFound
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page
from use_cases.playground.errors import LabelNotFound
from use_cases.playground.model import Label

eval_labels = table_of(
    Label,
    "eval_labels",
    refers("run_id", "jobs.job_id"),
    sa.Index(None, "run_id", "created_at", "label_id"),
    sa.Index(None, "run_id", "place"),
    key="label_id",
    ids="output_digest",
    renamed={"case": "case_key"},
)
"""A label."""
_LABEL = eval_labels.c

_LABELS = Rows(Label, eval_labels, "label", renamed={"case": "case_key"})
_IN_FORCE = _LABEL.replaced_at.is_(None)
_REPLACE = (
    sa.update(eval_labels)
    .where(
        _LABEL.run_id == sa.bindparam("of_run", type_=StoredId),
        _LABEL.place == sa.bindparam("of_place"),
        _LABEL.assertion == sa.bindparam("of_assertion", type_=StoredText),
        _LABEL.labeller == sa.bindparam("of_labeller", type_=StoredText),
        _IN_FORCE,
    )
    .values(replaced_at=sa.bindparam("at", type_=UtcMoment))
)


class SqlLabels:
    """Labels in a database."""

    def __init__(self, store: Access) -> None:
        self._store = store
        newest = NewestFirst(_LABELS, _LABEL.created_at)
        self._owned = Owned(newest, _LABEL.user_id, _missing)

    async def put(self, labels: Sequence[Label]) -> None:
        """Store labels of one run."""
        rows = [_LABELS.values(each) for each in labels]
        earlier = [
            {
                "of_run": each.run_id,
                "of_place": each.place,
                "of_assertion": each.assertion,
                "of_labeller": each.labeller,
                "at": each.created_at,
            }
            for each in labels
        ]
        run_id = labels[0].run_id
        run = sa.select(jobs.c.job_id).where(jobs.c.job_id == run_id).with_for_update()

        def work(connection: sa.Connection) -> None:
            if connection.execute(run).first() is None:
                raise JobNotFound(f"There is no run {run_id!r}.")
            connection.execute(_REPLACE, earlier)
            connection.execute(sa.insert(eval_labels), rows)

        await self._store.write(work)

    async def in_force(self, run_id: str) -> Sequence[Label]:
        """Those that nothing replaced."""
        found = (
            sa.select(*_LABELS.columns)
            .where(_LABEL.run_id == run_id, _IN_FORCE)
            .order_by(_LABEL.place, _LABEL.label_id)
        )
        return await self._store.read(
            lambda connection: [_LABELS.of(row) for row in connection.execute(found)]
        )

    async def labels(
        self,
        caller: Caller,
        run_id: str,
        *,
        limit: int = 100,
        before: str | None = None,
        replaced: bool = False,
    ) -> Page[Label]:
        """A page of those of a run."""
        shown = sa.true() if replaced else _IN_FORCE
        return await self._store.read(
            lambda connection: self._owned.page(
                connection, caller, _LABEL.run_id == run_id, shown, limit=limit, before=before
            )
        )


def _missing(label_id: str) -> LabelNotFound:
    return LabelNotFound(f"There is no label {label_id!r}.")
