"""Imports an evaluation from a file: its plan, and its cases as a dataset that has the file's name.

Promises: the same cases are the same version; a case that cannot be read is an error with its line,
and nothing is published then.
"""

import asyncio
from collections.abc import Iterable
from itertools import islice

from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, Ids
from use_cases.playground.errors import DatasetUnreadable
from use_cases.playground.model import Case, Dataset, DatasetVersion, PlacedCase
from use_cases.playground.ports import Datasets, EvalFiles, ItemError, PlanFile

_AT_ONCE = 500
_NAMED = 5


class ImportEvaluation:
    """Reads plans, and keeps their cases as versions of datasets."""

    def __init__(
        self, *, eval_files: EvalFiles, datasets: Datasets, clock: Clock, ids: Ids
    ) -> None:
        self._files = eval_files
        self._datasets = datasets
        self._clock = clock
        self._ids = ids

    def read(self, path: str) -> PlanFile:
        """Read a file; its cases are read later. Raises `PlanInvalid`, with the place."""
        return self._files.plan(path)

    async def keep(
        self, caller: Caller, name: str, cases: Iterable[Case | ItemError]
    ) -> DatasetVersion:
        """Publish the cases as the dataset of this name, made where there is none.

        Raises `DatasetUnreadable`, which names the first lines that cannot be read.
        """
        dataset = await self._named(caller, name) or await self._made(caller, name)
        draft = await self._datasets.begin_version(dataset.dataset_id)
        faults: list[ItemError] = []
        reading, place = iter(cases), 0
        while page := await asyncio.to_thread(lambda: list(islice(reading, _AT_ONCE))):
            faults += [each for each in page if isinstance(each, ItemError)]
            found = [each for each in page if not isinstance(each, ItemError)]
            if not faults:
                items = [PlacedCase(place + at, case) for at, case in enumerate(found)]
                await self._datasets.put(draft, items)
            place += len(found)
        if faults:
            await self._datasets.discard(draft)
            named = "; ".join(f"line {each.line}: {each.message}" for each in faults[:_NAMED])
            more = f"; and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
            raise DatasetUnreadable(f"{name}: {named}{more}.")
        return await self._datasets.publish(
            draft, author=caller.user_id, now=self._clock.now(), note=f"from {name}"
        )

    async def _named(self, caller: Caller, name: str) -> Dataset | None:
        skip = 0
        while page := await self._datasets.datasets(caller, skip=skip):
            for each in page:
                if each.name == name:
                    return each
            skip += len(page)
        return None

    async def _made(self, caller: Caller, name: str) -> Dataset:
        now = self._clock.now()
        dataset = Dataset(
            dataset_id=self._ids.new("ds"),
            user_id=caller.user_id,
            name=name,
            created_at=now,
            updated_at=now,
        )
        await self._datasets.add(dataset)
        return dataset
