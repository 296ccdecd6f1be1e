"""How often tuning changes something, rightly and wrongly, and what that does to the Brier score.

    python -m benchmarks.tuning DATA [--quick]

DATA is a folder with CSV files (columns `probability` and `outcome`). First simulations with fixed
seeds, of stated values as models state them: calibrated ones (nothing should be applied), 18 points
too high (a map should be), without order (seldom) or against it (never). Changes of the Brier
score are exact there, for the true probabilities are known. Then the files: tuned on random rows,
tried on all others. Beside ours stand the figures of `recalibration_guard_experiment.csv`, where it
is in DATA. Status 1 if a limit is missed.
"""

import argparse
import csv
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum
from pathlib import Path
from time import perf_counter
from typing import cast

from benchmarks.machine import machine
from benchmarks.stated_values import (
    GAP,
    SHAPES,
    WHEN,
    Shape,
    Truth,
    as_stated,
    bell,
    drawn,
    flat,
    overstated,
    row,
    too_high,
)
from benchmarks.statistics import load
from use_cases.advice.model import CalibrationVersion, Scored, VersionKind
from use_cases.advice.profile import CERTAIN
from use_cases.advice.tuning.maps import UNCHANGED, CalibrationLine, fit
from use_cases.advice.tuning.proposal import line_in_force, pool

APPLIED_WHEN_CALIBRATED = 0.03
APPLIED_WHEN_OVERCONFIDENT = 0.85
APPLIED_WITHOUT_ORDER = 0.08
"""By design 5 %, and what chance adds over 500 runs."""

SEED = 538
JUDGED = ("as models state", "flat .55 to 1")
"""Shapes for which overconfidence must be found; where numbers are close, order is hidden at 200."""


@dataclass(frozen=True, slots=True)
class Run:
    """Simulated or resampled tunings: how often one was applied, and what that changed."""

    trials: int
    applied: int
    changes: tuple[float, ...]

    @property
    def share(self) -> float:
        """How often it was applied."""
        return self.applied / self.trials

    @property
    def change(self) -> str:
        """The mean change of the Brier score where it was applied; negative is better."""
        return f"{fsum(self.changes) / len(self.changes):+.4f}" if self.changes else "      -"

    @property
    def harmed(self) -> str:
        """The share of those applied that made it worse."""
        worse = sum(change > 0 for change in self.changes)
        return f"{worse / len(self.changes):5.1%}" if self.changes else "    -"


def main() -> None:
    """Print all tables; exit with status 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, help="folder with CSV files")
    parser.add_argument("--quick", action="store_true", help="few runs: limits are not judged")
    given = parser.parse_args()
    data, trials = cast("Path", given.data), 100 if given.quick else 1_000
    print(machine())
    began = perf_counter()
    good = [_calibrated(trials), _overconfident(trials // 2), _without_order(trials // 2)]
    good += [_overstated(trials // 2), _in_groups(trials // 2)]
    good.append(_step_by_step(trials // 10))
    for path in sorted(data.glob("*.csv")):
        if rows := load(path):
            known = [(_points(row.forecast.probability), row.forecast.right) for row in rows]
            _on_file(path.stem, known, _peers(data, path.stem), trials // 5)
    print(f"\n{perf_counter() - began:.0f} s")
    if not all(good) and not given.quick:
        sys.exit("a limit was missed")


def _calibrated(trials: int) -> bool:
    print(f"\nTruly calibrated: applied in (of {trials}; limit {APPLIED_WHEN_CALIBRATED:.0%})")
    sizes = (30, 50, 100, 200, 400)
    print(f"{'stated values':20}" + "".join(f"{'n = ' + str(n):>10}" for n in sizes))
    good = True
    for name, shape in SHAPES.items():
        runs = [simulated(shape, as_stated, n, trials) for n in sizes]
        print(f"{name:20}" + "".join(f"{run.share:10.2%}" for run in runs), flush=True)
        good &= all(run.share <= APPLIED_WHEN_CALIBRATED for run in runs)
    return good


def _in_groups(trials: int) -> bool:
    """Maps for several models and prompt versions are tried side by side, and pooled ones after."""
    print(f"\nTruly calibrated, flat .55 to 1, several groups: any map applied in (of {trials})")
    generator, shape = random.Random(SEED), SHAPES["flat .55 to 1"]
    good = True
    for models, prompts, n in ((2, 2, 50), (2, 2, 100), (3, 3, 40), (1, 6, 20)):
        applied = 0
        for _ in range(trials):
            rows = [
                replace(row, model=f"m{model}", prompt_version=f"p{prompt}")
                for model in range(models)
                for prompt in range(prompts)
                for row in drawn(shape, as_stated, n, generator, f"{model} {prompt}")
            ]
            applied += bool(_applied(rows, None))
        share = applied / trials
        print(f"{models} models x {prompts} prompt versions x {n}: {share:.2%}", flush=True)
        good &= share <= APPLIED_WHEN_CALIBRATED
    return good


def _overconfident(trials: int) -> bool:
    print(
        f"\nTrue probability = stated - {GAP} (of {trials}; at n = 200 at least "
        f"{APPLIED_WHEN_OVERCONFIDENT:.0%} and none worse, but for the narrow one)"
    )
    print(f"{'stated values':20}{'n':>6}{'applied':>10}{'Brier':>10}{'worse':>8}")
    good = True
    for name, shape in SHAPES.items():
        if name.startswith("wide"):
            continue
        for n in (50, 100, 200, 400):
            run = simulated(shape, too_high, n, trials)
            print(f"{name:20}{n:6}{run.share:10.1%}{run.change:>10}{run.harmed:>8}", flush=True)
            if n == 200 and name in JUDGED:
                good &= run.share >= APPLIED_WHEN_OVERCONFIDENT and max(run.changes) < 0
    return good


def _overstated(trials: int) -> bool:
    print(f"\nStated = true + {GAP}, 1 at most (n = 200, of {trials}; none worse)")
    print(f"{'true':20}{'in steps of':>12}{'applied':>10}{'Brier':>10}{'worse':>8}")
    truths = {
        ".3 to .8, flat": (flat(30, 80), True),
        ".4 to .9, flat": (flat(40, 90), True),
        ".62, deviation .15": (bell(62, 15), True),
        ".62, deviation .10": (bell(62, 10), False),
        ".5 to .8, flat": (flat(50, 80), False),
    }
    good = True
    for name, (true, judged) in truths.items():
        for step in (100, 1_000):
            shape, truth = overstated(true, step=step)
            run = simulated(shape, truth.__getitem__, 200, trials)
            found = f"{run.share:10.1%}{run.change:>10}{run.harmed:>8}"
            print(f"{name:20}{step / CERTAIN:12g}{found}", flush=True)
            enough = run.share >= APPLIED_WHEN_OVERCONFIDENT
            good &= max(run.changes) < 0 and (enough or not judged)
    return good


def _without_order(trials: int) -> bool:
    print(
        "\nNo order, or the reverse one: applied in "
        f"(of {trials}; limit {APPLIED_WITHOUT_ORDER:.0%} and 0)"
    )
    good = True
    truths: Mapping[str, Truth] = {
        "always .62": lambda _: 0.62,
        "1.35 - stated": lambda s: 1.35 - s / CERTAIN,
    }
    for name, truth in truths.items():
        runs = [simulated(SHAPES["flat .55 to 1"], truth, n, trials) for n in (100, 400, 1_000)]
        shares = ", ".join(f"{run.share:.1%}" for run in runs)
        print(f"{name:20} at n = 100, 400, 1,000: {shares}", flush=True)
        good &= all(run.share <= (APPLIED_WITHOUT_ORDER if "-" not in name else 0) for run in runs)
    return good


def _step_by_step(trials: int) -> bool:
    """One run moves no probability by more than 0.10: how the error shrinks over several."""
    print(f"\nTuned again after every 200 outcomes, {GAP} too high (mean of {trials} runs)")
    shape, generator = SHAPES["as models state"], random.Random(SEED)
    errors: list[list[float]] = [[] for _ in range(5)]
    for _ in range(trials):
        rows: list[Scored] = []
        version: CalibrationVersion | None = None
        for step in range(5):
            line = line_in_force(version, ("model", "prompt"))
            errors[step].append(excess(shape, too_high, line))
            rows += drawn(shape, too_high, 200, generator, f"{step}")
            version = _applied(rows, version) or version
    means = [fsum(each) / len(each) for each in errors]
    print("excess Brier before, after 200, 400, ...: " + ", ".join(f"{mean:.4f}" for mean in means))
    return means[-1] < means[0] / 4


def _on_file(
    name: str, known: Sequence[tuple[int, bool]], peers: Mapping[int, str], trials: int
) -> None:
    print(f"\n{name} ({len(known)} rows): tuned on n at random, tried on the others (of {trials})")
    print(
        f"{'n':>6}{'applied':>10}{'peer':>8}{'Brier':>10}{'worse':>8}"
        f"{'always, no guard, no limit':>28}{'ms':>8}"
    )
    generator = random.Random(SEED)
    for n in (30, 50, 100, 200, 500, 1_000):
        if n > len(known) // 2:
            continue
        changes: list[float] = []
        always: list[float] = []
        began = perf_counter()
        for trial in range(trials):
            order = generator.sample(range(len(known)), len(known))
            train, test = [known[i] for i in order[:n]], [known[i] for i in order[n:]]
            version = _applied([row(f"{trial}-{i}", *each) for i, each in enumerate(train)], None)
            if version:
                changes.append(_tried(line_in_force(version, ("model", "prompt")), test))
            always.append(_tried(fit(train), test[:1_000]))
        run = Run(trials, len(changes), tuple(changes))
        spent = 1_000 * (perf_counter() - began) / trials
        print(
            f"{n:6}{run.share:10.1%}{peers.get(n, '-'):>8}{run.change:>10}{run.harmed:>8}"
            f"{fsum(always) / len(always):28.4f}{spent:8.0f}",
            flush=True,
        )


def simulated(shape: Shape, truth: Truth, n: int, trials: int) -> Run:
    """So many tunings of n outcomes each; changes are exact, from the true probabilities."""
    generator = random.Random(SEED)
    changes: list[float] = []
    for trial in range(trials):
        version = _applied(drawn(shape, truth, n, generator, str(trial)), None)
        if version:
            line = line_in_force(version, ("model", "prompt"))
            changes.append(excess(shape, truth, line) - excess(shape, truth, UNCHANGED))
    return Run(trials, len(changes), tuple(changes))


def excess(shape: Shape, truth: Truth, line: CalibrationLine) -> float:
    """The expected Brier score above that of the true probabilities: mean (p' - p)^2."""
    weighed = (often * (line.at(stated) - truth(stated)) ** 2 for stated, often in shape.items())
    return fsum(weighed) / fsum(shape.values())


def _applied(
    rows: Sequence[Scored], current: CalibrationVersion | None
) -> CalibrationVersion | None:
    found = pool(rows, current)
    if not found.maps:
        return None
    return CalibrationVersion(
        version_id="tuned",
        parent_id=None,
        profile="simulated",
        kind=VersionKind.TUNED,
        maps=tuple(found.merged.values()),
        author="benchmark",
        created_at=WHEN,
    )


def _tried(line: CalibrationLine, rows: Sequence[tuple[int, bool]]) -> float:
    changes = [(line.at(s) - right) ** 2 - (s / CERTAIN - right) ** 2 for s, right in rows]
    return fsum(changes) / len(changes)


def _points(probability: float) -> int:
    return round(probability * CERTAIN)


def _peers(data: Path, name: str) -> Mapping[int, str]:
    """How often the same guard without a move limit was applied elsewhere, by n."""
    path = data / "recalibration_guard_experiment.csv"
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {
            int(line["n"]): f"{float(line['applied']):.1%}"
            for line in csv.DictReader(file)
            if name.startswith(f"{line['set']}_games")
        }


if __name__ == "__main__":
    main()
