"""Puts errors into a table in a file: the dirty table, and its labelled truth."""

from use_cases.benchmark.csv_form import csv_text
from use_cases.benchmark.injection.inject_errors import Injection, inject_errors
from use_cases.benchmark.model import Difficulty, Dimension
from use_cases.benchmark.ports import TableFiles
from use_cases.benchmark.tasks import LoadTasks
from use_cases.benchmark.truth import truth_lines

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
