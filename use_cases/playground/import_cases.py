"""Imports cases into a dataset, as its next version: those of a file, or of an evaluation's plan.

Promises: memory does not grow with the file; nobody sees a part of it; the same cases are the same
version. A line of a file that is no case, or violates the dataset's schema, is reported with its number
and the others are imported; a plan is imported whole or not at all. A file that cannot be read to its end
changes nothing.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from pydantic import JsonValue

from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock
from use_cases.playground.errors import DatasetUnreadable
from use_cases.playground.manage_datasets import ManageDatasets, kept_items
from use_cases.playground.model import Case, DatasetVersion, PlacedCase
from use_cases.playground.ports import (
    Datasets,
    EvalFiles,
    ItemError,
    PlanFile,
    Schemas,
    VersionDraft,
)

_MOST_ERRORS = 100
_NAMED = 5
_PAGE_ITEMS = 500
_PAGE_CHARACTERS = 2_000_000


class ImportMode(StrEnum):
    """Treatment of the items that are there when a file is imported.

    `replace`: the version has the file's items and no others. `append`: it has them behind those that
    are there; an item whose id is there takes its place.
    """

    REPLACE = "replace"
    APPEND = "append"


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """The numbers of cases and of faulty lines so far."""

    cases: int
    errors: int


@dataclass(frozen=True, slots=True)
class CaseImportReport:
    """The result of an import: how many cases the file has, how many faulty lines, and the first of
    these. `version` is the last one; it is not new where the file changes nothing.
    """

    version: DatasetVersion
    cases: int
    errors: int
    first_errors: Sequence[ItemError]


class ImportCases:
    """Imports files into the caller's datasets."""

    def __init__(
        self,
        *,
        datasets: Datasets,
        manage_datasets: ManageDatasets,
        eval_files: EvalFiles,
        schemas: Schemas,
        clock: Clock,
    ) -> None:
        self._manage = manage_datasets
        self._datasets = datasets
        self._files = eval_files
        self._schemas = schemas
        self._clock = clock

    async def stream(
        self,
        caller: Caller,
        dataset_id: str,
        name: str,
        content: BinaryIO,
        *,
        mode: ImportMode = ImportMode.REPLACE,
        note: str = "",
    ) -> AsyncGenerator[ImportProgress | CaseImportReport]:
        """Imports a file; `name` ends with its format. The last value is the report.

        Raises `DatasetNotFound`, `DatasetUnreadable`, `SchemaInvalid`, and `PromptChanged` where
        another change of the dataset began meanwhile.
        """
        dataset = await self._datasets.dataset(caller, dataset_id)
        fault = None if dataset.schema is None else self._schemas.checker(dataset.schema)
        draft = await self._datasets.begin_version(dataset_id, keep=mode is ImportMode.APPEND)
        try:
            found = self._files.cases(name, content, fault)
            place = draft.end if draft.keep else 0
            cases, errors, first = 0, 0, list[ItemError]()
            while page := await asyncio.to_thread(_page, found):
                good = [each for each in page if isinstance(each, Case)]
                bad = [each for each in page if isinstance(each, ItemError)]
                await self._datasets.put(draft, await self._placed(draft, place, good))
                place += len(good)
                cases += len(good)
                errors += len(bad)
                first += bad[: _MOST_ERRORS - len(first)]
                yield ImportProgress(cases, errors)
            _require_some(cases, first)
            version = await self._datasets.publish(
                draft, author=caller.user_id, now=self._clock.now(), note=note or f"from {name}"
            )
        except Exception:
            await self._datasets.discard(draft)
            raise
        yield CaseImportReport(version, cases, errors, first)

    def plan(self, path: str) -> PlanFile:
        """Reads the file of an evaluation; its cases are read later. Raises `PlanInvalid`."""
        return self._files.plan(path)

    async def keep(
        self, caller: Caller, name: str, cases: Iterable[Case | ItemError]
    ) -> DatasetVersion:
        """Publishes these cases, and no others, as the dataset of this name, made where there is none.

        Nothing is published unless all are cases: raises `DatasetUnreadable`, which names the first
        lines that are none.
        """
        dataset = await self._manage.named(caller, name)
        draft = await self._datasets.begin_version(dataset.dataset_id)
        faults: list[ItemError] = []
        reading, place = iter(cases), 0
        while page := await asyncio.to_thread(_page, reading):
            good = [each for each in page if isinstance(each, Case)]
            faults += [each for each in page if isinstance(each, ItemError)]
            if not faults:
                await self._datasets.put(draft, await self._placed(draft, place, good))
            place += len(good)
        if faults:
            await self._datasets.discard(draft)
            lines = (f"line {each.line}: {each.message}" for each in faults[:_NAMED])
            named = "; ".join(line.removesuffix(".") for line in lines)
            more = f"; and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
            raise DatasetUnreadable(f"{name}: {named}{more}.")
        return await self._datasets.publish(
            draft, author=caller.user_id, now=self._clock.now(), note=f"from {name}"
        )

    async def _placed(
        self, draft: VersionDraft, place: int, cases: Sequence[Case]
    ) -> list[PlacedCase]:
        """Returns the cases from a place on; one whose key is there keeps its place."""
        there = await kept_items(self._datasets, draft, cases)
        return [
            PlacedCase(there[case.key].place if case.key in there else place + at, case)
            for at, case in enumerate(cases)
        ]


def _require_some(cases: int, errors: Sequence[ItemError]) -> None:
    if cases:
        return
    if not errors:
        raise DatasetUnreadable("The file holds no case.")
    raise DatasetUnreadable(
        f"No line of the file is a case; line {errors[0].line}: {errors[0].message}"
    )


def _page(found: Iterator[Case | ItemError]) -> list[Case | ItemError]:
    """Returns the next cases: some hundreds, or fewer large ones."""
    page: list[Case | ItemError] = []
    characters = 0
    for each in found:
        page.append(each)
        if isinstance(each, Case):
            characters += _characters([each.key, dict(each.variables), each.expected])
        if len(page) == _PAGE_ITEMS or characters > _PAGE_CHARACTERS:
            break
    return page


def _characters(value: JsonValue) -> int:
    match value:
        case str():
            return len(value)
        case list():
            return sum(map(_characters, value))
        case dict():
            return sum(len(name) + _characters(each) for name, each in value.items())
        case _:
            return 1
