"""`candor benchmark inject`: put labelled errors into a clean table."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.command_run import Shown
from backend.cli.runs.output_files import require_unread, require_writable
from backend.cli.terminal import terminal
from backend.composition.container import Container
from use_cases.benchmark.model import Difficulty, Dimension
from use_cases.kernel.statistics.figures import counted


async def inject(
    candor: Container,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A clean table: CSV, TSV or XLSX.")],
    dimension: Annotated[
        Dimension,
        typer.Option(
            metavar="NAME",
            help="accuracy, completeness, consistency or uniqueness; control: no error.",
        ),
    ],
    difficulty: Annotated[
        Difficulty,
        typer.Option("--level", metavar="LEVEL", help="easy (2 %), medium (5 %) or hard (15 %)."),
    ] = Difficulty.MEDIUM,
    seed: Annotated[int, typer.Option(help="The same seed puts in the same errors.")] = 1,
    schema: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Kinds, key, dependencies. Unset: the .yaml beside the table."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The dirty table. Unset: to stdout.")
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The labels of all errors, as JSON lines; a score takes them as --clean.",
        ),
    ] = None,
) -> Shown:
    """Put labelled errors into a clean table, the same for the same seed.

    With --json, the counts of errors are printed instead of the table.
    """
    written = [str(each) for each in (out, truth) if each is not None]
    require_writable(written)
    read = [str(each) for each in (file, schema) if each is not None]
    require_unread(written, read, hint="Name another file.")
    made, text = await candor.benchmark.inject_table.run(
        str(file),
        dimension=dimension,
        difficulty=difficulty,
        seed=seed,
        schema=None if schema is None else str(schema),
        out=None if out is None else str(out),
        truth=None if truth is None else str(truth),
    )
    kinds = Counter(error.kind.value for error in made.errors)
    listed = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
    terminal.talk(
        f"{counted(len(made.errors), 'error')}{listed and f' ({listed})'}, "
        f"{counted(len(made.traps), 'trap')}"
    )
    if len(made.errors) < made.wanted - 1:
        terminal.talk(f"The table can carry no more; the level wants {made.wanted:,}.")
    counts = {
        "errors": len(made.errors),
        "wanted": made.wanted,
        "repairable": sum(error.repairable for error in made.errors),
        "traps": len(made.traps),
        "kinds": dict(sorted(kinds.items())),
    }
    return Shown(counts, lambda: terminal.exact(text) if out is None else None)
