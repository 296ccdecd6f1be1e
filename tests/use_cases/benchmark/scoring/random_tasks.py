"""Random small tasks with outputs of every kind: repaired, harmed, shuffled, dropped, invented."""

import random
from dataclasses import dataclass

from use_cases.benchmark.model import (
    Difficulty,
    Dimension,
    Edit,
    EditKind,
    TableSchema,
    Task,
    TextTable,
    ValueKind,
)

WRITTEN: dict[ValueKind, list[str]] = {
    ValueKind.TEXT: [
        "ann",
        "Ann",
        "a &amp; b",
        "a & b",
        " ann",
        "",
        "N/A",
        "caf\u00e9",
        "cafe\u0301",
    ],
    ValueKind.CATEGORY: ["red", "blue", "red ", "", "?", "1.0", "1"],
    ValueKind.NUMBER: [
        "5",
        "5.0",
        "5 kg",
        "7",
        "1,000",
        "1000",
        "99%",
        "-2",
        "x",
        "",
        "null",
        "8.5",
    ],
    ValueKind.BOOLEAN: ["yes", "TRUE", "1", "no", "False", "maybe", "", "NaN"],
    ValueKind.DATE: ["2020-03-04", "4.3.2020", "4 Mar 2020", "2021-01-01", "1.1.2021", "soon", "?"],
}
NAMES = ("a", "b", "c", "d", "e")


@dataclass(frozen=True)
class RandomTask:
    task: Task
    output: TextTable
    claims: tuple[Edit, ...]


def random_task(seed: int) -> RandomTask:
    draw = random.Random(seed)
    kinds = {name: draw.choice(list(WRITTEN)) for name in NAMES[: draw.randint(1, 5)]}

    def value(name: str) -> str:
        return draw.choice(WRITTEN[kinds[name]])

    names = list(kinds)
    clean = {str(n): {name: value(name) for name in names} for n in range(draw.randint(1, 9))}
    rate = draw.choice([0, 0.1, 0.5])

    def spoiled(row: dict[str, str]) -> dict[str, str]:
        return {n: value(n) if draw.random() < rate else v for n, v in row.items()}

    dirty = {rid: spoiled(row) for rid, row in clean.items()}
    duplicates: dict[str, str] = {}
    for n in range(draw.choice([0, 0, 2])):
        original = draw.choice(list(clean))
        duplicates[f"dup{n}"] = original
        dirty[f"dup{n}"] = spoiled(dirty[original])
    output: dict[str, dict[str, str]] = {}
    lost = draw.choice([0, 0, 0.3])
    for rid, row in dirty.items():
        if draw.random() >= (0.5 if rid in duplicates else lost):
            output[rid] = {
                n: draw.choice([v, clean.get(rid, row)[n], value(n)]) for n, v in row.items()
            }
    for n in range(draw.choice([0, 0, 1])):
        output[f"new{n}"] = {name: value(name) for name in names}
    shown = [n for n in draw.sample(names, len(names)) if draw.random() > 0.1]
    claims = tuple(
        Edit(
            kind=EditKind.CELL,
            rows=(draw.choice(list(dirty)),),
            column=(name := draw.choice(names)),
            new=value(name),
        )
        for _ in range(draw.choice([0, 6]))
    )
    order = draw.sample(list(output), len(output))
    task = Task(
        task_id=f"random_{seed}",
        version=1,
        table="random",
        dimension=Dimension.MIXED,
        difficulty=Difficulty.REAL,
        dirty=_table(names, dirty, list(dirty)),
        clean=_table(draw.sample(names, len(names)), clean, draw.sample(list(clean), len(clean))),
        sha256="",
        schema=TableSchema(kinds=kinds),
        duplicates=duplicates,
    )
    return RandomTask(task, _table(shown, output, order), claims)


def _table(names: list[str], rows: dict[str, dict[str, str]], ids: list[str]) -> TextTable:
    return TextTable(tuple(names), tuple(ids), tuple(tuple(rows[r][n] for r in ids) for n in names))
