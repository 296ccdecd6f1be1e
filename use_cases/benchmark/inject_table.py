"""Puts errors into a table in a file: the dirty table, and its labelled truth."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from use_cases.benchmark.csv_form import csv_text
from use_cases.benchmark.injection.inject_errors import Injection, inject_errors
from use_cases.benchmark.load_tasks import LoadTasks
from use_cases.benchmark.model import Difficulty, Dimension
from use_cases.benchmark.ports import TableFiles

ROW_ID = "row_id"
"""The column of the ids in a table with duplicates, unless its schema names one."""


class InjectTable:
    """Injects errors into a file of a clean table."""

    def __init__(self, *, load_tasks: LoadTasks, table_files: TableFiles) -> None:
        self._load = load_tasks
        self._files = table_files

    async def run(
        self,
        path: str,
        *,
        dimension: Dimension,
        difficulty: Difficulty,
        seed: int,
        schema: str | None = None,
        out: str | None = None,
        truth: str | None = None,
    ) -> tuple[Injection, str]:
        """What was injected, and the dirty table in CSV; both are written where a path is given.

        The table has its ids where the schema names a column of ids, and where rows were added. Raises
        `CandorError`.
        """
        clean, declared = await self._load.table(path, schema)
        made = inject_errors(clean, declared, dimension, difficulty, seed)
        added = ROW_ID if dimension is Dimension.UNIQUENESS else None
        text = csv_text(made.dirty, id_column=declared.id_column or added)
        if truth is not None:
            await self._files.write(truth, "".join(truth_lines(made)))
        if out is not None:
            await self._files.write(out, text)
        return made, text


def truth_lines(made: Injection) -> Iterator[str]:
    """The truth as JSON lines: an `error` each, then the `trap`s, which are right as they are."""
    for error in made.errors:
        yield _line({"label": "error", **asdict(error)})
    for row, column in sorted(made.traps):
        value = made.clean.cell(row, column)
        yield _line({"label": "trap", "row": row, "column": column, "value": value})


def _line(record: dict[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"
