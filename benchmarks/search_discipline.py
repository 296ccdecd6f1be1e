"""How well the search discipline tells questions that change fast from those that never do.

    python -m benchmarks.search_discipline FRESHNESS [--today 2024-12-18] [--half even|odd]

FRESHNESS is a CSV (or a folder with CSVs) in the form of FreshQA: `question`, `fact_type`
(`fast-changing`, `slow-changing`, `never-changing`), `false_premise` and `id`. Scored are fast
against never, both with a true premise; slow-changing questions and false premises are shown apart.
The time of a decision is measured one by one, on every question, after one warm round.
"""

import argparse
import csv
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.machine import machine
from services.rules.rule_files import read_rules
from use_cases.advice.search_rules.decide import decide
from use_cases.advice.search_rules.verdict import SearchDecision, SearchVerdict
from use_cases.kernel.text.rules import read_rules_with

ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, how fast its answer changes, and what was decided."""

    question: str
    kind: str
    premise_is_false: bool
    decision: SearchVerdict

    @property
    def fired(self) -> bool:
        """Whether a search was found to be mandatory."""
        return self.decision.system_rules_decision is SearchDecision.MANDATORY


def main() -> None:
    """Print the table, the misses and false fires with their reasons, and the times."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("freshness", type=Path, help="a CSV in FreshQA's form, or a folder of them")
    parser.add_argument("--today", type=date.fromisoformat, default=date(2024, 12, 18))
    parser.add_argument("--half", choices=("even", "odd"), help="only questions with such an id")
    given = parser.parse_args()
    rows = list(_rows(given.freshness, given.half))
    judged = [_judge(row, given.today) for row in rows]
    print(machine())
    _print_table(judged)
    _print_times([row["question"] for row in rows], given.today)


def _rows(source: Path, half: str | None) -> Iterator[dict[str, str]]:
    files = sorted(source.glob("*.csv")) if source.is_dir() else [source]
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if half is None or int(row["id"]) % 2 == (half == "odd"):
                    yield row


def _judge(row: dict[str, str], today: date) -> Judged:
    premise_is_false = row["false_premise"].lower() == "true"
    decision = decide(row["question"], today=today)
    return Judged(row["question"], row["fact_type"], premise_is_false, decision)


def _print_table(judged: Sequence[Judged]) -> None:
    kinds = ("fast-changing", "slow-changing", "never-changing")
    print("\n| questions | n | searched |\n|---|---|---|")
    for premise_is_false in (False, True):
        for kind in kinds:
            of_kind = _of(judged, kind, premise_is_false)
            label = f"{kind}, {'false' if premise_is_false else 'true'} premise"
            print(f"| {label} | {len(of_kind)} | {sum(one.fired for one in of_kind)} |")
    fast, never = (_of(judged, kind, False) for kind in (kinds[0], kinds[2]))
    found, false = sum(one.fired for one in fast), sum(one.fired for one in never)
    print(f"\nfast against never: recall {_share(found, len(fast))}", end="")
    print(f", precision {_share(found, found + false)}")
    for title, wrong in (
        ("missed", [one for one in fast if not one.fired]),
        ("searched in vain", [one for one in never if one.fired]),
    ):
        print(f"\n{title}: {len(wrong)}")
        for one in wrong:
            print(f"- {one.question}\n  {one.decision.system_rules_reasoning}")


def _of(judged: Sequence[Judged], kind: str, premise_is_false: bool) -> list[Judged]:
    return [one for one in judged if (one.kind, one.premise_is_false) == (kind, premise_is_false)]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f} ({part} of {whole})" if whole else "none"


def _print_times(questions: Sequence[str], today: date) -> None:
    times = list[float]()
    for turn in range(ROUNDS + 1):
        for question in questions:
            start = time.perf_counter_ns()
            decide(question, today=today)
            if turn:
                times.append((time.perf_counter_ns() - start) / 1000)
    times.sort()
    middle, late = (times[int(len(times) * share)] for share in (0.5, 0.99))
    print(f"\ntime of a decision: p50 {middle:.0f} µs, p99 {late:.0f} µs ({len(times)} decisions)")


if __name__ == "__main__":
    read_rules_with(read_rules)
    main()
