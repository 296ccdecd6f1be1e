"""Tasks: a dirty table with its truth, versioned and with a digest of its data."""

from use_cases.benchmark.csv_form import digest
from use_cases.benchmark.model import Difficulty, Dimension, Table, TableSchema, Task
from use_cases.benchmark.truth import is_known, repeated_rows, truth_of


def real_task(name: str, dirty: Table, written: Table, schema: TableSchema) -> Task:
    """A table with errors as they came, and its truth in a form of `truth_of`.

    Raises `TruthMismatch`.
    """
    clean = truth_of(dirty, written)
    return Task(
        task_id=name,
        version=1,
        table=name,
        dimension=Dimension.MIXED,
        difficulty=Difficulty.REAL,
        dirty=dirty,
        clean=clean,
        sha256=digest(dirty, clean),
        schema=schema,
        duplicates=repeated_rows(dirty, clean, schema.key),
        known=is_known(name, dirty.columns),
    )
