"""Tasks: a dirty table with its truth, versioned and with a digest of its data; those of the sample tables, and
folders of tasks: one's own tables with their truth, public ones; errors put into a table in a file, and scores of
what any tool made of one.

A folder of a task has `dirty.csv` and `clean.csv` (or TSV, XLSX), and may have `schema.yaml`, or the
lists `fd_rules.txt` and `denial_constraints.txt` that lie beside public tables.

Promises: the rows of an output are matched by an id column if one is named, else by the declared key or by what
they hold, never by position alone; an output that is no table is scored as doing nothing, with its failure.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import PurePath

from use_cases.benchmark.benchmark_runs import BenchmarkPlan
from use_cases.benchmark.csv_form import csv_text, digest
from use_cases.benchmark.errors import NO_TABLE, TableNotFound, TasksNotFound, TruthMismatch
from use_cases.benchmark.injection.inject_errors import INJECTED, LEVELS, Injection, inject_errors
from use_cases.benchmark.model import Difficulty, Dimension, Edit, TableSchema, Task, TextTable
from use_cases.benchmark.ports import Cleaning, TableFiles
from use_cases.benchmark.scoring.cell_outcomes import RowsMatchedBy
from use_cases.benchmark.scoring.find_row_ids import find_row_ids, unique_ids
from use_cases.benchmark.scoring.task_score import TaskScore, score_cleaning
from use_cases.benchmark.truth import (
    TruthLabel,
    fitted,
    fitting_rules,
    is_known,
    repeated_rows,
    truth_lines,
    truth_of,
    truth_of_labels,
)

INJECTION_VERSION = 2
"""Of the injected tasks: another one where the same seed would make other bytes."""


def injected_tasks(
    name: str, clean: TextTable, schema: TableSchema, plan: BenchmarkPlan
) -> Iterator[Task]:
    """Four dimensions in three difficulties, and a control; of these, what is named.

    Raises `InjectionImpossible` where the table can carry no error of a dimension.
    """
    for dimension, difficulty in (*product(INJECTED, LEVELS), (Dimension.CONTROL, Difficulty.NONE)):
        named = dimension in (plan.dimensions or Dimension)
        if not named or difficulty not in (plan.difficulties or Difficulty):
            continue
        made = inject_errors(clean, schema, dimension, difficulty, plan.seed)
        yield Task(
            task_id=f"{name}_{dimension.value}_{difficulty.value}_{plan.seed}",
            version=INJECTION_VERSION,
            table=name,
            dimension=dimension,
            difficulty=difficulty,
            dirty=made.dirty,
            clean=made.clean,
            sha256=digest(made.dirty, made.clean),
            schema=schema,
            errors=made.errors,
            traps=made.traps,
            duplicates={e.row: e.original for e in made.errors if e.original is not None},
            seed=plan.seed,
            known=is_known(name, clean.columns),
        )


async def read_truth(files: TableFiles, path: str, id_column: str | None) -> TextTable:
    """Reads the file of a truth; a list of right values has no ids of rows."""
    whole = await files.read(path)
    return await files.read(path, id_column=id_column) if id_column in whole.by_name else whole


_TABLES = re.compile(r"(dirty|clean)\.(csv|tsv|tab|xlsx)", re.IGNORECASE)
_SCHEMAS = ("schema.yaml", "schema.yml")
_RULES = ("fd_rules.txt", "denial_constraints.txt")


class LoadTasks:
    """Reads tables, schemas and whole folders of tasks.

    `sample_tables` is the folder of the clean tables that come with Candor.
    """

    def __init__(self, *, table_files: TableFiles, sample_tables: str) -> None:
        self._files = table_files
        self._samples = sample_tables

    async def make(self, plan: BenchmarkPlan) -> Sequence[Task]:
        """Makes the tasks of the sample tables that a plan names, the same bytes for the same seed; without
        names all of them. Raises `TasksNotFound` for a table that is no sample.
        """
        paths = {
            PurePath(path).stem: str(PurePath(self._samples, path))
            for path in await self._files.list(self._samples)
            if path.endswith(".csv")
        }
        unknown = [name for name in plan.tables if name not in paths]
        if unknown:
            raise TasksNotFound(
                f"There is no sample table {unknown[0]!r}.", hint=f"There are {', '.join(paths)}."
            )
        found: list[Task] = []
        for name in plan.tables or paths:
            clean, schema = await self.table(paths[name])
            found += await asyncio.to_thread(list, injected_tasks(name, clean, schema, plan))
        return found

    async def table(self, path: str, schema: str | None = None) -> tuple[TextTable, TableSchema]:
        """Returns a table with its schema: that of the path, else the file `.yaml` beside it, else
        none.
        """
        try:
            beside = str(PurePath(path).with_suffix(".yaml"))
            declared = await self._files.read_schema(schema or beside)
        except TableNotFound:
            if schema is not None:
                raise
            declared = TableSchema()
        table = await self._files.read(path, id_column=declared.id_column)
        return table, fitted(declared, table.columns)

    async def folder(self, folder: str) -> Sequence[Task]:
        """Returns every task of a folder: of its folders, or the folder itself. Raises `CandorError`."""
        found: dict[str, dict[str, str]] = {}
        for path in await self._files.list(folder):
            place, _, name = path.rpartition("/")
            table = _TABLES.fullmatch(name)
            part = table[1].lower() if table else name
            found.setdefault(place, {})[part] = str(PurePath(folder, path))
        tasks = [
            await self._task(place or PurePath(folder).name, paths)
            for place, paths in found.items()
            if paths.keys() >= {"dirty", "clean"}
        ]
        if not tasks:
            raise TasksNotFound(f"{folder!r} has no folder with dirty.csv and clean.csv.")
        return tasks

    async def _task(self, name: str, paths: Mapping[str, str]) -> Task:
        declared = next((paths[each] for each in _SCHEMAS if each in paths), None)
        schema = TableSchema() if declared is None else await self._files.read_schema(declared)
        dirty = await self._files.read(paths["dirty"], id_column=schema.id_column)
        schema = fitted(schema, dirty.columns)
        if declared is None:
            for rules in (paths[each] for each in _RULES if each in paths):
                more = fitting_rules(await self._files.read_schema(rules), dirty.columns)
                both = (*schema.dependencies, *more.dependencies)
                schema = replace(schema, dependencies=tuple(dict.fromkeys(both)))
        clean = truth_of(dirty, await read_truth(self._files, paths["clean"], schema.id_column))
        return Task(
            task_id=name,
            table=name,
            dirty=dirty,
            clean=clean,
            sha256=digest(dirty, clean),
            schema=schema,
            duplicates=repeated_rows(dirty, clean, schema.key),
            known=is_known(name, dirty.columns),
        )


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
        """Returns what was injected, and the dirty table in CSV; both are written where a path is
        given.

        The table has its ids where the schema names a column of ids, and where rows were added. Raises
        `CandorError`.
        """
        clean, declared = await self._load.table(path, schema)
        made = inject_errors(clean, declared, dimension, difficulty, seed)
        added = ROW_ID if dimension is Dimension.UNIQUENESS else None
        text = csv_text(made.dirty, id_column=declared.id_column or added)
        if truth is not None:
            await self._files.write(truth, lambda: truth_lines(made))
        if out is not None:
            await self._files.write(out, lambda: [text])
        return made, text


class ScoreTables:
    """Scores an output against its truth."""

    def __init__(self, *, table_files: TableFiles) -> None:
        self._files = table_files

    async def run(
        self,
        *,
        dirty: str,
        clean: str | Sequence[TruthLabel],
        output: str,
        schema: str | None = None,
        id_column: str | None = None,
        claims: Sequence[Edit] = (),
    ) -> TaskScore:
        """Scores a file. `clean` is a file, or the labels of the injected errors. `claims` are what the
        tool says it did.

        Without an id column the rows of the dirty table and of the truth are in the same order. Rows that
        only the dirty table has are duplicates. Raises the errors of tables, and `TruthMismatch`.
        """
        declared = await self._files.read_schema(schema) if schema else TableSchema()
        ids = id_column or declared.id_column
        before = await self._files.read(dirty, id_column=ids)
        declared = fitted(declared, before.columns)
        found = Task(task_id=dirty, table=dirty, dirty=before, clean=before, schema=declared)
        if isinstance(clean, str):
            truth = truth_of(before, await read_truth(self._files, clean, ids))
            if len(truth.ids) != len(before.ids) and ids is None:
                raise TruthMismatch(
                    f"The dirty table has {len(before.ids):,} rows, the truth {len(truth.ids):,}.",
                    hint="Name the column that holds the ids of rows: --id.",
                )
            task = replace(found, clean=truth)
            if declared.key:
                task = replace(task, duplicates=repeated_rows(before, truth, declared.key))
        else:
            errors = [each for each in clean if each.label == "error"]
            traps = frozenset((e.row, e.column or "") for e in clean if e.label == "trap")
            task = replace(
                found,
                clean=truth_of_labels(before, clean),
                errors=errors,
                traps=traps,
                duplicates={e.row: e.original for e in errors if e.original is not None},
            )
        try:
            after = await self._files.read(output)
        except NO_TABLE as error:
            failed = Cleaning(failure=f"{error.code}: {error.detail}", output=before)
            return score_cleaning(task, failed).score
        matched, matched_by = _with_ids(task, after, ids)
        cleaning = Cleaning(output=matched, edits=claims)
        return score_cleaning(task, cleaning, rows_matched_by=matched_by).score


def _with_ids(task: Task, output: TextTable, ids: str | None) -> tuple[TextTable, RowsMatchedBy]:
    """Returns the output with the ids of its rows, and how they were found."""
    if ids is None or ids not in output.by_name:
        return find_row_ids(task.dirty, task.clean, output, task.schema.key)
    left = {name: cells for name, cells in output.by_name.items() if name != ids}
    return TextTable(tuple(left), unique_ids(output.by_name[ids]), tuple(left.values())), "id"
