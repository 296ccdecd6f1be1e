"""How much an evaluation itself costs: durable cells of a model that only gives the question back.

    python -m benchmarks.evaluation [--cells 1000 10000] [--quick]
        [--pydantic-evals PYTHON] [--promptfoo NODE MAIN]

Each system evaluates one prompt on the same cases with two assertions (contains, regex), 10 at a time,
in a process of its own. Ours keeps every cell in a SQLite file, as `candor eval run` does: its figures
are those of planning, running and summing up. The peers: pydantic-evals in the Python of an environment
that has it, which keeps results in memory alone; and promptfoo by a node and its `main.js`, with the
provider `echo` and its database. CPU seconds are of user and system; `start` is what a process needs
before the first cell, and is counted for promptfoo alone, which cannot be asked for less.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from benchmarks.machine import machine

AT_ONCE = 10
PATTERN = r"number \d+"

PYDANTIC_EVALS = r"""
import asyncio, json, re, resource, sys, time
from dataclasses import dataclass
from pydantic_evals import Case, Dataset
from pydantic_evals.evaluators import Contains, Evaluator, EvaluatorContext

@dataclass
class Matches(Evaluator):
    pattern: str

    def evaluate(self, ctx: EvaluatorContext) -> bool:
        return re.search(self.pattern, ctx.output) is not None

async def echo(question: str) -> str:
    return f"Answer: {question}"

count, at_once, pattern = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
cases = [Case(name=f"c{n}", inputs=f"What is number {n}?") for n in range(count)]
dataset = Dataset(name="cases", cases=cases, evaluators=[Contains("What"), Matches(pattern)])
cpu, wall = time.process_time(), time.perf_counter()
report = dataset.evaluate_sync(echo, max_concurrency=at_once, progress=False)
used, passed = time.process_time() - cpu, time.perf_counter() - wall
assert len(report.cases) == count and report.averages().assertions == 1
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"cpu": used, "wall": passed, "peak": peak}))
"""


async def evaluate(count: int, folder: Path) -> dict[str, float]:
    """Run an evaluation of so many cells, and return what it took."""
    from backend.composition.container import Container
    from backend.settings.settings import Settings
    from use_cases.kernel.model import LOCAL
    from use_cases.kernel.prompts.content import PromptContent, PromptMessage, Role
    from use_cases.playground.evaluations.work_cells import EvaluationPolicy
    from use_cases.playground.model import Assertion, Case, Dataset, PlacedCase, Plan, Variant

    async with Container(Settings.model_validate({"data_dir": folder}), offline=True) as candor:
        playground = candor.playground
        playground.evaluation_policy = EvaluationPolicy(eval_concurrency=AT_ONCE)
        evaluations, datasets = playground.manage_evaluations, playground.datasets
        now = datetime.now(UTC)
        await datasets.add(
            Dataset(dataset_id="d", user_id="local", name="d", created_at=now, updated_at=now)
        )
        draft = await datasets.begin_version("d")
        for first in range(0, count, 1000):
            page = range(first, min(count, first + 1000))
            items = [
                PlacedCase(n, Case(key=f"c{n}", variables={"question": f"What is number {n}?"}))
                for n in page
            ]
            await datasets.put(draft, items)
        await datasets.publish(draft, author="local", now=now)
        content = PromptContent((PromptMessage(Role.USER, "Answer: {{question}}"),))
        plan = Plan(
            name="echo",
            variants=[Variant(name="echo", prompt=content, model="offline:echo")],
            assertions=[
                Assertion(type="contains", value="What"),
                Assertion(type="regex", value=PATTERN),
            ],
        )
        cpu, wall = time.process_time(), time.perf_counter()
        run = await evaluations.create(LOCAL, plan, "d")
        working = asyncio.create_task(evaluations.run(LOCAL, run.job_id))
        while not (await evaluations.progress(LOCAL, run.job_id)).done:  # noqa: ASYNC110  (as a terminal does)
            await asyncio.sleep(0.01)
        first_seen = time.perf_counter() - wall
        await working
        worked = time.process_time() - cpu
        [total] = (await evaluations.summary(LOCAL, run.job_id)).totals
        used, passed = time.process_time() - cpu, time.perf_counter() - wall
        if total.passed != count:
            sys.exit(f"{total.passed} of {count} cells passed")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"cpu": used, "worked": worked, "wall": passed, "peak": peak, "first": first_seen}


def candor(count: int) -> dict[str, float]:
    """Ours, in a process of its own."""
    return _printed([sys.executable, "-m", "benchmarks.evaluation", "--measure", str(count)])


def pydantic_evals(python: str, count: int) -> dict[str, float]:
    """The peer, in a process of its own."""
    return _printed([python, "-c", PYDANTIC_EVALS, str(count), str(AT_ONCE), PATTERN])


def promptfoo(node: str, main: str, count: int) -> dict[str, float]:
    """The peer, with its start."""
    with tempfile.TemporaryDirectory() as folder:
        tests = [{"vars": {"question": f"What is number {n}?"}} for n in range(count)]
        config = {
            "prompts": ["Answer: {{question}}"],
            "providers": ["echo"],
            "defaultTest": {
                "assert": [
                    {"type": "contains", "value": "What"},
                    {"type": "regex", "value": PATTERN},
                ]
            },
            "tests": tests,
        }
        file = Path(folder, "config.json")
        file.write_text(json.dumps(config))
        output = Path(folder, "output.jsonl")
        command = [node, main, "eval", "-c", str(file), "-j", str(AT_ONCE), "-o", str(output)]
        quiet = {
            "PROMPTFOO_CONFIG_DIR": folder,
            "PROMPTFOO_DISABLE_TELEMETRY": "1",
            "PROMPTFOO_DISABLE_UPDATE": "1",
            "PROMPTFOO_DISABLE_REMOTE_GENERATION": "1",
        }
        more = ["--no-table", "--no-progress-bar", "--no-cache"]
        wall = time.perf_counter()
        process = subprocess.Popen(
            [*command, *more],
            env={**os.environ, **quiet},
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(process.pid, 0)
        passed = time.perf_counter() - wall
        done = len(output.read_text().splitlines()) if output.exists() else 0
        if status or done != count:
            sys.exit(f"promptfoo: status {status}, {done} of {count} cells")
    return {
        "cpu": used.ru_utime + used.ru_stime,
        "wall": passed,
        "peak": used.ru_maxrss // 1024,
    }


def main() -> None:
    """Read the arguments, measure, report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cells", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--pydantic-evals", metavar="PYTHON")
    parser.add_argument("--promptfoo", nargs=2, metavar=("NODE", "MAIN"))
    parser.add_argument("--quick", action="store_true", help="does everything run?")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(asyncio.run(evaluate(int(given.measure), Path(folder)))))
        return
    cells = [50, 200] if given.quick else cast("list[int]", given.cells)
    print(machine(), flush=True)
    print("\n| system | cells | CPU s | wall s | peak MB | first progress s |")
    print("|---|---|---|---|---|---|", flush=True)
    for count in cells:
        _row("Candor, durable", count, candor(count))
        if python := cast("str | None", given.pydantic_evals):
            _row("pydantic-evals, in memory", count, pydantic_evals(python, count))
        if peer := cast("list[str] | None", given.promptfoo):
            _row("promptfoo, with its start", count, promptfoo(peer[0], peer[1], count))


def _row(system: str, count: int, found: dict[str, float]) -> None:
    first = f"{found['first']:.2f}" if "first" in found else ""
    figures = f"{found['cpu']:.2f} | {found['wall']:.1f} | {found['peak']:.0f} | {first}"
    print(f"| {system} | {count:,} | {figures} |", flush=True)


def _printed(command: Sequence[str]) -> dict[str, float]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command[:3]}: {done.stderr[-2000:]}")
    return cast("dict[str, float]", json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    main()
