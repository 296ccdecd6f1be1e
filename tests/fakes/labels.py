"""Labels in memory."""

from collections.abc import Sequence
from dataclasses import replace

from use_cases.kernel.jobs.model import JobNotFound, Jobs
from use_cases.kernel.model import LOCAL, Caller
from use_cases.kernel.page import Page, page_of
from use_cases.kernel.text.storable_text import storable
from use_cases.playground.errors import LabelNotFound
from use_cases.playground.model import Label


class InMemoryLabels:
    """Port `Labels`: a list, of the runs that are there."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._kept: list[Label] = []

    async def put(self, labels: Sequence[Label]) -> None:
        """Keep them."""
        await self._jobs.job(LOCAL, labels[0].run_id)
        for label in labels:
            self._kept = [
                replace(each, replaced_at=label.created_at)
                if each.replaced_at is None and _answer(each) == _answer(label)
                else each
                for each in self._kept
            ]
            texts = {
                name: storable(getattr(label, name))
                for name in ("case", "variant", "assertion", "labeller", "note")
            }
            self._kept.append(replace(label, **texts))

    async def in_force(self, run_id: str) -> Sequence[Label]:
        """In the order of the run."""
        found = [each for each in self._kept if each.replaced_at is None]
        return await self._there(run_id, sorted(found, key=lambda each: each.place))

    async def labels(
        self,
        caller: Caller,
        run_id: str,
        *,
        limit: int = 100,
        before: str | None = None,
        replaced: bool = False,
    ) -> Page[Label]:
        """The newest first."""
        mine = [each for each in self._kept if caller.owns_all or each.user_id == caller.user_id]
        found = sorted(mine, key=lambda each: (each.created_at, each.label_id), reverse=True)
        if before is not None:
            names = [each.label_id for each in found]
            if before not in names:
                raise LabelNotFound(f"There is no label {before!r}.")
            found = found[names.index(before) + 1 :]
        shown = [each for each in found if replaced or each.replaced_at is None]
        return page_of(await self._there(run_id, shown), limit)

    async def _there(self, run_id: str, labels: Sequence[Label]) -> list[Label]:
        try:
            await self._jobs.job(LOCAL, run_id)
        except JobNotFound:
            return []
        return [each for each in labels if each.run_id == run_id]


def _answer(label: Label) -> tuple[object, ...]:
    return (label.run_id, label.place, label.assertion, storable(label.labeller))
