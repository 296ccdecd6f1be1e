"""Compares our assertions with recorded results of promptfoo, row by row.

Run: python -m benchmarks.assertions_conformance DATA_FOLDER
The folder holds promptfoo_assertions.jsonl, promptfoo_differential_0_123_1.jsonl and
metrics_reference.jsonl. Rows that are marked as not portable are left out. Where upstream's recorded
test and 0.123.1 disagree, 0.123.1 counts. An error where promptfoo throws agrees; so does an error
where promptfoo fails because its pattern is broken, and those are counted apart. ROUGE alone is
compared of the metrics; BLEU is smoothed and split there in ways that no type uses.
Exits with 1 when fewer than 99 % of the differential rows agree.
"""

import asyncio
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.assertions.checks import AssertionChecks
from services.assertions.markup_checks import contains_xml, is_xml
from services.assertions.measurement_checks import bleu, gleu, google_rouge, google_rouge_l
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.grading import grade, set_result
from use_cases.playground.model import Assertion, AssertionResult, Case, Verdict

Row = Mapping[str, Any]
_CLOSE = 1e-9
_GOAL = 0.99


@dataclass(slots=True)
class Tally:
    """The agreement of one file, by type."""

    agree: Counter[str] = field(default_factory=Counter[str])
    by_rule: Counter[str] = field(default_factory=Counter[str])
    differ: Counter[str] = field(default_factory=Counter[str])
    notes: list[str] = field(default_factory=list[str])

    def add(self, name: str, note: str) -> None:
        """Count one row: an empty note agrees."""
        if note == "by rule":
            self.by_rule[name] += 1
        elif note:
            self.differ[name] += 1
            self.notes.append(f"  {name}: {note}")
        else:
            self.agree[name] += 1


async def main(folder: Path) -> int:
    """Compare all files and print the tables."""
    checks = AssertionChecks()
    share = 1.0
    for name in ("promptfoo_assertions.jsonl", "promptfoo_differential_0_123_1.jsonl"):
        tally = Tally()
        for row in _rows(folder / name):
            if row.get("portable", True):
                await _compare(checks, row, tally)
        share = _print(name, tally)
    tally = Tally()
    for row in _rows(folder / "metrics_reference.jsonl"):
        _compare_metric(row, tally)
    _print("metrics_reference.jsonl", tally)
    return 0 if share >= _GOAL else 1


async def _compare(checks: AssertionChecks, row: Row, tally: Tally) -> None:
    if row.get("level") == "helper":
        tally.add(row["function"], _helper(row))
        return
    output = _output(row)
    case = Case(key="", variables=row.get("vars") or {})
    if row.get("level") == "runAssertions":
        assertions = [_assertion(one) for one in row["assert"] if one["type"] in _known(checks)]
        results = [await _result(checks, one, output, case) for one in assertions]
        graded = grade(results, row.get("threshold"))
        passed, score = graded.verdict is Verdict.PASSED, graded.score or 0.0
        tally.add("runAssertions", _difference(row, row["expect"], passed, score, graded.reason))
        return
    expected = row.get("oracle_0_123_1") or row["expect"]
    found = await checks.check(_assertion(row), output, case)
    note = ""
    if found.verdict is Verdict.ERROR:
        if not expected.get("error"):
            broken = "Invalid regex pattern" in expected.get("reason", "")
            note = "by rule" if broken else _note(row, expected, found.reason)
    else:
        passed = found.verdict is Verdict.PASSED
        note = _difference(row, expected, passed, found.score, found.reason)
    tally.add(row["type"].removeprefix("not-"), note)


async def _result(
    checks: AssertionChecks, assertion: Assertion, output: TargetOutput, case: Case
) -> AssertionResult:
    if assertion.type != "assert-set":
        return await checks.check(assertion, output, case)
    parts = [await _result(checks, one, output, case) for one in assertion.assertions]
    return set_result(assertion, parts)


def _difference(row: Row, expected: Row, passed: bool, score: float, reason: str) -> str:
    if expected.get("error"):
        return _note(row, expected, f"{passed} {reason}")
    if passed is not expected["pass"] or not math.isclose(
        score, expected["score"], rel_tol=_CLOSE, abs_tol=_CLOSE
    ):
        return _note(row, expected, f"{passed} {score:.6g} {reason}")
    return ""


def _helper(row: Row) -> str:
    """Compare a call of one of promptfoo's own functions (as they were in 0.118.17)."""
    arguments: list[Any] = row["args"]
    text, rest = arguments[0], arguments[1:]
    value: Any = rest[0] if rest else []
    expected = row["expect"]
    if row["function"] in ("validateXml", "containsXml"):
        check = is_xml if row["function"] == "validateXml" else contains_xml
        found = check(Assertion(type="", value=value), TargetOutput(text=text, model=""))
        holds = "contains all required" in expected["value"]["reason"]
        return "" if found.holds is holds else _note(row, expected, found.seen)
    if expected["error"]:
        return "" if not value or len(rest) > 1 else _note(row, expected, "no error")
    if row["function"] == "calculateGleuScore":
        score = gleu(text, value, *rest[2:])
    elif rest[1:] in ([], [[0.25] * 4]):
        score = bleu(text, value)
    else:
        return _note(row, expected, "weights are fixed here")
    return (
        ""
        if math.isclose(score, expected["value"], rel_tol=_CLOSE)
        else _note(row, expected, score)
    )


def _compare_metric(row: Row, tally: Tally) -> None:
    match row["metric"]:
        case "rouge1" | "rouge2" as name:
            found = google_rouge(int(name[-1]), row["prediction"], [row["target"]])
        case "rougeL" as name:
            found = google_rouge_l(row["prediction"], [row["target"]])
        case _:
            return
    expected: Any = row["expect"]
    value = expected if isinstance(expected, float) else expected["fmeasure"]
    close = math.isclose(found, value, abs_tol=1e-6)
    tally.add(name, "" if close else _note(row, {"expect": expected}, found))


def _assertion(row: Row) -> Assertion:
    return Assertion(
        type=row["type"],
        value=row.get("value"),
        threshold=row.get("threshold"),
        weight=row.get("weight", 1.0),
        metric=row.get("metric"),
        config=row.get("config") or {},
        assertions=[_assertion(one) for one in row.get("assert", [])],
    )


def _output(row: Row) -> TargetOutput:
    text = row.get("output", "")
    cost = row.get("cost")
    return TargetOutput(
        text=text if isinstance(text, str) else json.dumps(text, separators=(",", ":")),
        model="recorded",
        latency_ms=row.get("latency_ms"),
        cost=None if cost is None else Decimal(str(cost)),
        finish_reason=row.get("finish_reason"),
        logprobs=row.get("log_probs"),
    )


def _known(checks: AssertionChecks) -> frozenset[str]:
    """Return the types to run: `max-score` and `select-best` compare cells, and are done elsewhere."""
    return checks.types | {f"not-{name}" for name in checks.types} | {"assert-set"}


def _note(row: Row, expected: object, found: object) -> str:
    shown = {key: row[key] for key in ("value", "output", "args", "threshold") if key in row}
    return f"{json.dumps(shown)[:220]}\n      expected {json.dumps(expected)[:160]}\n      found {found}"


def _rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if not row.get("_meta"):
                yield row


def _print(name: str, tally: Tally) -> float:
    print(f"\n{name}\n{'type':32}{'agree':>8}{'by rule':>9}{'differ':>8}")
    for kind in sorted(tally.agree | tally.by_rule | tally.differ):
        print(f"{kind:32}{tally.agree[kind]:8}{tally.by_rule[kind]:9}{tally.differ[kind]:8}")
    agree = tally.agree.total() + tally.by_rule.total()
    total = agree + tally.differ.total()
    print(f"{'all':32}{tally.agree.total():8}{tally.by_rule.total():9}{tally.differ.total():8}")
    print(f"{agree} of {total} agree ({agree / max(1, total):.2%})")
    print(*tally.notes, sep="\n")
    return agree / max(1, total)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
