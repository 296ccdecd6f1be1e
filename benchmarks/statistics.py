"""The statistics of confidence against what other libraries computed, their speed, their false alarms.

    python -m benchmarks.statistics DATA [--events COLUMN] [--quick]

DATA is a folder with CSV files (columns `probability` and `outcome`; `date` and `season` are used
where they are, and the column that names events, if one is given) and, where they exist, `reference.json` and `reference_drift.json` with values of
other libraries; or one CSV. Prints the largest differences, the time of a full report of 16,352 rows,
what is imported, and how often calibrated bands are called wrong. Status 1 if a limit is missed.
"""

import argparse
import csv
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import cast

from benchmarks.machine import machine
from benchmarks.statistics_reference import Difference, against, drift_against, read
from use_cases.kernel.statistics.bands import two_sided
from use_cases.kernel.statistics.calibration_error import calibration_errors
from use_cases.kernel.statistics.distributions import LEVEL, counts, holm
from use_cases.kernel.statistics.figures import Forecast
from use_cases.kernel.statistics.report import (
    calibration_report,
    drift_report,
    score_report,
)

ROWS = 16_352
SECONDS = 1.0
FLAGGED = 0.06
IMPORTED = (
    "import sys, use_cases.kernel.statistics.report; "
    "print(*sorted({'numpy', 'scipy', 'pandas', 'sklearn'} & set(sys.modules)))"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A forecast with the season it belongs to (empty without one)."""

    forecast: Forecast
    season: str


def main() -> None:
    """Print all tables; exit with status 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, help="folder with CSV files, or one CSV")
    parser.add_argument("--quick", action="store_true", help="fewer simulated bands")
    parser.add_argument("--events", default="", help="the column that names a row's event")
    given = parser.parse_args()
    data = cast("Path", given.data)
    files = sorted(data.glob("*.csv")) if data.is_dir() else [data]
    sets = {path.stem: rows for path in files if (rows := load(path, str(given.events)))}
    if not sets:
        sys.exit(f"no CSV with probability and outcome in {data}")
    print(machine())
    folder = data if data.is_dir() else data.parent
    everything = [row.forecast for rows in sets.values() for row in rows]
    good = [
        _compared(folder, sets),
        _edges_hold(),
        _fast(everything),
        _light(),
        _quiet(400 if given.quick else 4_000),
    ]
    for name, rows in sets.items():
        _summary(name, [row.forecast for row in rows])
    if not all(good):
        sys.exit("a limit was missed")


def load(path: Path, events: str = "") -> list[Row]:
    """The rows of a CSV with `probability` and an outcome of 0 or 1; none of any other file."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if not {"probability", "outcome"} <= set(reader.fieldnames or ()):
            return []
        return [_row(line, events) for line in reader if float(line["outcome"]) in (0.0, 1.0)]


def variants(sets: dict[str, list[Row]]) -> Iterator[tuple[str, list[Forecast]]]:
    """Each set by its name, and the parts of it that references exist for."""
    for name, rows in sets.items():
        forecasts = [row.forecast for row in rows]
        yield name, forecasts
        yield f"{name}_first_30_rows", forecasts[:30]
        yield (
            f"{name}_rounded_to_tenths",
            [
                replace(forecast, probability=round(forecast.probability, 1))
                for forecast in forecasts
            ],
        )
        for season in sorted({row.season for row in rows} - {""}):
            part = [row.forecast for row in rows if row.season == season]
            yield f"{name}_season_{season}_only", part


def _row(line: dict[str, str], events: str) -> Row:
    stated = line.get("date")
    forecast = Forecast(
        probability=float(line["probability"]),
        right=float(line["outcome"]) == 1,
        event=line.get(events) or None,
        at=date.fromisoformat(stated[:10]) if stated else None,
    )
    return Row(forecast, line.get("season") or "")


def _compared(folder: Path, sets: dict[str, list[Row]]) -> bool:
    """Every statistic beside its reference."""
    references = read(folder / "reference.json")
    drifts = read(folder / "reference_drift.json")
    good = True
    for name, forecasts in variants(sets):
        if name in references:
            good &= _table(name, list(against(forecasts, references[name], name)))
    for name, rows in sets.items():
        if name in drifts:
            pairs = [(row.forecast, row.season) for row in rows]
            good &= _table(f"{name}, drift", list(drift_against(pairs, drifts[name])))
    if not references and not drifts:
        print("\nno reference.json beside the data: nothing to compare with")
    return good


def _table(name: str, differences: Sequence[Difference]) -> bool:
    """The largest difference of each statistic."""
    print(f"\n### {name}\n\n| statistic | values | largest difference | limit | |")
    print("|---|---|---|---|---|")
    ordered = sorted(differences, key=lambda difference: difference.name)
    for statistic, group in groupby(ordered, key=lambda difference: difference.name):
        found = list(group)
        worst = max(found, key=lambda difference: difference.size / difference.limit)
        verdict = "pass" if worst.holds else "FAIL"
        print(f"| {statistic} | {len(found)} | {worst.size:.1e} | {worst.limit:.1e} | {verdict} |")
    return all(difference.holds for difference in differences)


def _edges_hold() -> bool:
    """100 rows at 0.9 all right, 100 at 1.0 with 80 right: apart only where 0.9 has its own band."""
    rows = [Forecast(0.9, True)] * 100 + [Forecast(1.0, True)] * 80 + [Forecast(1.0, False)] * 20
    left = calibration_errors(rows).ece or 0.0
    right = calibration_errors(rows, edges="right").ece or 0.0
    print(f"\nECE of the proof case: {left:.12f} left (0.05), {right:.12f} right (0.15)")
    return abs(left - 0.05) < 1e-12 and abs(right - 0.15) < 1e-12


def _fast(forecasts: Sequence[Forecast]) -> bool:
    """A full report of 16,352 rows drawn from the data, no two of one probability."""
    generator = random.Random(1)
    drawn = [
        replace(row, probability=min(1.0, max(0.0, row.probability + generator.gauss(0, 0.001))))
        for row in generator.choices(forecasts, k=ROWS)
    ]
    by_event = [replace(row, event=str(generator.randrange(224))) for row in drawn]
    print("\n| full report | median of 3, s | limit, s |\n|---|---|---|")
    good = True
    for name, rows in (("each row its own event", drawn), ("224 events", by_event)):
        taken = median(_seconds(rows) for _ in range(3))
        print(f"| {ROWS:,} rows, {name} | {taken:.3f} | {SECONDS:.1f} |")
        good &= taken < SECONDS
    return good


def _seconds(rows: Sequence[Forecast]) -> float:
    start = perf_counter()
    score_report(rows, coverage=1.0)
    calibration_report(rows, coverage=1.0)
    drift_report(rows, coverage=1.0)
    return perf_counter() - start


def _light() -> bool:
    """A process of its own that imports the statistics, and what it did not import."""
    command = [sys.executable, "-c", IMPORTED]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    print(f"\nheavy libraries imported with the statistics: {found or 'none'}")
    return not found


def _quiet(draws: int) -> bool:
    """How often calibrated bands are flagged, alone (p < 0.05) and as ten bands under Holm."""
    print(f"\n| calibrated rows in a band ({draws:,} draws) | flagged | gap of 0.05 would flag |")
    print("|---|---|---|")
    generator = random.Random(2)
    good = True
    for n in (10, 50, 400):
        kinds = {f"{p}": [p] * n for p in (0.5, 0.55, 0.75, 0.95)}
        kinds["0.7 to 0.8"] = [generator.uniform(0.7, 0.8) for _ in range(n)]
        for kind, stated in kinds.items():
            flagged, gapped = _alarms(stated, draws, generator)
            print(f"| {n} at {kind} | {flagged:.3f} | {gapped:.2f} |")
            good &= flagged <= _limit(draws)
        family = _family(n, draws, generator)
        print(f"| ten bands of {n}, Holm | {family:.3f} | |")
        good &= family <= _limit(draws)
    return good


def _limit(draws: int) -> float:
    """6 %, and what chance adds to a share of 5.5 % over so few draws."""
    return FLAGGED if draws >= 4_000 else FLAGGED + 3 * (0.055 * 0.945 / draws) ** 0.5


def _alarms(stated: Sequence[float], draws: int, generator: random.Random) -> tuple[float, float]:
    law = counts(stated)
    seen = [_right(stated, generator) for _ in range(draws)]
    ps = {count: two_sided(law, count) for count in set(seen)}
    gapped = sum(abs(count - law.mean) > 0.05 * len(stated) for count in seen)
    return sum(ps[count] < LEVEL for count in seen) / draws, gapped / draws


def _family(n: int, draws: int, generator: random.Random) -> float:
    bands = [[generator.uniform(k / 10, (k + 1) / 10) for _ in range(n)] for k in range(10)]
    laws = [counts(stated) for stated in bands]
    known: dict[tuple[int, int], float] = {}
    alarms = 0
    for _ in range(draws):
        ps: list[float] = []
        for k, (stated, law) in enumerate(zip(bands, laws, strict=True)):
            right = _right(stated, generator)
            if (k, right) not in known:
                known[k, right] = two_sided(law, right)
            ps.append(known[k, right])
        alarms += min(holm(ps)) < LEVEL
    return alarms / draws


def _right(stated: Sequence[float], generator: random.Random) -> int:
    return sum(generator.random() < p for p in stated)


def _summary(name: str, forecasts: Sequence[Forecast]) -> None:
    brier, calibration = score_report(forecasts).brier, calibration_report(forecasts)
    errors = calibration.errors
    low, high = brier.interval or (float("nan"), float("nan"))
    states = [verdict.state for verdict in calibration.bands]
    print(
        f"\n{name}: n {len(forecasts):,}, Brier {brier.value:.6f} [{low:.4f}, {high:.4f}], "
        f"ECE {errors.ece:.4f} (if calibrated {errors.ece_expected:.4f}, p {errors.ece_p:.4f}), "
        f"{states.count('miscalibrated')} of {len(states)} bands miscalibrated"
    )


if __name__ == "__main__":
    main()
