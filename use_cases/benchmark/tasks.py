"""Tasks: a dirty table with its truth, versioned and with a digest of its data."""

from collections.abc import Sequence

from use_cases.benchmark.csv_form import digest
from use_cases.benchmark.injection.inject_errors import KINDS, RATES, inject_errors
from use_cases.benchmark.model import Difficulty, Dimension, Table, TableSchema, Task
from use_cases.benchmark.truth import is_known, repeated_rows, truth_of

INJECTION_VERSION = 1
"""Of the injected tasks: another one where the same seed would make other bytes."""


def injected_tasks(
    name: str,
    clean: Table,
    schema: TableSchema,
    seed: int,
    dimensions: Sequence[Dimension] = (),
    difficulties: Sequence[Difficulty] = (),
) -> Sequence[Task]:
    """Four dimensions in three difficulties, and a control; of these, what is named.

    Raises `InjectionImpossible` where the table can carry no error of a dimension.
    """
    wanted = [(dimension, level) for dimension in KINDS for level in RATES]
    return [
        injected_task(name, clean, schema, dimension, level, seed)
        for dimension, level in (*wanted, (Dimension.CONTROL, Difficulty.NONE))
        if (not dimensions or dimension in dimensions)
        and (not difficulties or level in difficulties)
    ]


def injected_task(
    name: str,
    clean: Table,
    schema: TableSchema,
    dimension: Dimension,
    difficulty: Difficulty,
    seed: int,
) -> Task:
    """A clean table with errors put in, as a task. Raises `InjectionImpossible`."""
    made = inject_errors(clean, schema, dimension, difficulty, seed)
    return Task(
        task_id=f"{name}_{dimension.value}_{difficulty.value}_{seed}",
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
        duplicates={each.row: each.original for each in made.errors if each.original is not None},
        seed=seed,
        known=is_known(name, clean.columns),
    )


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
