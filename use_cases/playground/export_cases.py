"""Reads a whole version of a dataset: as a file, or as the columns and the schema of its items.

Promises: memory does not grow with the dataset; an imported export has the same digest (of CSV, which
holds text, where all values are text). The schema is a proposal that a person edits; cells of CSV are
text, so their type is `string`.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from use_cases.kernel.model import Caller
from use_cases.playground.manage_datasets import version_number
from use_cases.playground.model import Case
from use_cases.playground.ports import CaseFormat, Datasets, EvalFiles

_ITEMS_AT_ONCE = 100
_PIECE = 256 * 1024
_DRAFT = "http://json-schema.org/draft-07/schema#"
_TYPES = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


@dataclass(frozen=True, slots=True)
class CaseColumn:
    """A variable of a dataset: the JSON types of its values, and in how many cases it is."""

    name: str
    types: Sequence[str]
    cases: int


@dataclass(frozen=True, slots=True)
class DatasetSchema:
    """The JSON Schema of a dataset; `edited`: a person's, by which items are validated."""

    schema: Mapping[str, JsonValue]
    edited: bool


class ExportCases:
    """Reads versions of the caller's datasets."""

    def __init__(self, *, datasets: Datasets, eval_files: EvalFiles) -> None:
        self._datasets = datasets
        self._files = eval_files

    async def stream(
        self, caller: Caller, dataset_id: str, form: CaseFormat, *, version: int | None = None
    ) -> AsyncGenerator[bytes]:
        """Returns a version (None: the last one) as a file, in pieces. Raises `DatasetNotFound` before
        the first.
        """
        number = await version_number(self._datasets, caller, dataset_id, version)
        cases = self._cases(dataset_id, number)
        columns = (
            [each.name for each in (await asyncio.to_thread(infer_columns, cases))[0]]
            if form is CaseFormat.CSV
            else []
        )
        written = self._files.write(self._cases(dataset_id, number), form, columns)
        while piece := await asyncio.to_thread(_piece, written):
            yield piece

    async def columns(
        self, caller: Caller, dataset_id: str, *, version: int | None = None
    ) -> Sequence[CaseColumn]:
        """Returns the variables of a version's items with their types. Raises `DatasetNotFound`."""
        number = await version_number(self._datasets, caller, dataset_id, version)
        return (await asyncio.to_thread(infer_columns, self._cases(dataset_id, number)))[0]

    async def schema(self, caller: Caller, dataset_id: str) -> DatasetSchema:
        """Returns the edited schema, else the one that the last version's items fit. Raises
        `DatasetNotFound`.
        """
        dataset = await self._datasets.dataset(caller, dataset_id)
        if dataset.schema is not None:
            return DatasetSchema(dataset.schema, edited=True)
        cases = self._cases(dataset_id, dataset.version)
        return DatasetSchema(await asyncio.to_thread(infer_schema, cases), edited=False)

    def _cases(self, dataset_id: str, number: int) -> Iterator[Case]:
        """Iterates over all cases, in another thread than this one: each page is read in this one."""
        loop = asyncio.get_running_loop()

        def iterate() -> Iterator[Case]:
            after = -1
            while True:
                read = self._datasets.items(dataset_id, number, after=after, limit=_ITEMS_AT_ONCE)
                page = asyncio.run_coroutine_threadsafe(read, loop).result()
                if not page:
                    return
                yield from (placed.case for placed in page)
                after = page[-1].place

        return iterate()


def infer_columns(cases: Iterable[Case]) -> tuple[list[CaseColumn], int]:
    """Returns the columns in the order of their first appearance, and the number of cases."""
    found: dict[str, Counter[str]] = {}
    count = 0
    for case in cases:
        count += 1
        for name, value in case.variables.items():
            found.setdefault(name, Counter())[_TYPES[type(value)]] += 1
    return [
        CaseColumn(name, _widened(types), types.total()) for name, types in found.items()
    ], count


def infer_schema(cases: Iterable[Case]) -> dict[str, JsonValue]:
    """Returns the JSON Schema (draft 7) that these cases fit; what all of them have is required."""
    columns, count = infer_columns(cases)
    properties: dict[str, JsonValue] = {
        column.name: {
            "type": column.types[0] if len(column.types) == 1 else list[JsonValue](column.types)
        }
        for column in columns
    }
    required: list[JsonValue] = [column.name for column in columns if column.cases == count]
    return {
        "$schema": _DRAFT,
        "type": "object",
        "properties": properties,
        "required": required,
    }


def _widened(types: Counter[str]) -> list[str]:
    """Returns the types by name; every integer is a number."""
    return sorted(types.keys() - ({"integer"} if "number" in types else set[str]()))


def _piece(written: Iterator[bytes]) -> bytes:
    """Returns the next quarter of a megabyte or more; empty at the end."""
    pieces: list[bytes] = []
    size = 0
    for each in written:
        pieces.append(each)
        size += len(each)
        if size >= _PIECE:
            break
    return b"".join(pieces)
