"""Every benchmark that has its data, one after the other.

    python -m benchmarks.all [DATA] [--quick] [--list]

Below DATA, a folder with `docs.jsonl`, `queries.jsonl` and `qrels.tsv` is a judged collection (with
`spans` in its queries it also measures passage sizes), a folder `documents` is what ingestion reads,
one with `questions.jsonl` asks for offline answers; the samples stand in for the latter two. A folder
named as a file of `handbook_questions` is the handbook that those questions are about. A folder with
CSV files of `probability` and `outcome` checks the statistics of confidence and tuning, one with
`start_sit_cases.csv` has its decisions replayed, those with `dirty.csv` are cleaned. Each benchmark is
a process of its own, so that none inherits another's memory; status 1 if one failed.
`--quick` only shows that everything runs: small sizes, small collections.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from benchmarks.gold_questions import QUESTIONS
from benchmarks.machine import machine

HOUSE = Path(__file__).parents[1]
SAMPLES = HOUSE / "samples"
SMALL = 1_000_000  # bytes of a collection that is still embedded with `--quick`


@dataclass(frozen=True, slots=True)
class Run:
    """One benchmark with its arguments, and the peers its table compares with."""

    module: str
    arguments: Sequence[str]
    peers: str


def main() -> None:
    """Run them all; print what runs, beside which peers, and how it ended."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", nargs="?", type=_folder, help="folder with collections")
    parser.add_argument("--quick", action="store_true", help="small sizes: does everything run?")
    parser.add_argument("--list", action="store_true", help="print what would run, and stop")
    given = parser.parse_args()
    planned = list(plan(cast("Path | None", given.data), quick=bool(given.quick)))
    print(machine(), flush=True)
    for run in planned:
        print(f"- {run.module} {' '.join(run.arguments)}\n  peers: {run.peers}", flush=True)
    failed = [] if given.list else [run.module for run in planned if not _succeeds(run)]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def plan(data: Path | None, *, quick: bool) -> Iterator[Run]:
    """What there is data for, in order."""
    judged = sorted(p.parent for p in data.rglob("qrels.tsv") if _is_judged(p)) if data else []
    cache = ["--cache", str(HOUSE / "var/benchmarks")]
    if small := [str(f) for f in judged if not quick or (f / "docs.jsonl").stat().st_size <= SMALL]:
        key = "" if os.environ.get("COHERE_API_KEY") else " (left out: no COHERE_API_KEY)"
        lanes = f"vectors alone, BM25 alone, reranked by Cohere{key}"
        yield Run("retrieval", [*small, *cache, *(["--mode", "cut"] if quick else [])], lanes)
    for folder in filter(_has_spans, judged):
        also = [] if quick else ["--vectors", *cache]
        yield Run("chunking", [str(folder), *also], "windows of fixed length")
    sizes = ["1000", "--queries", "20"] if quick else []
    yield Run("search_speed", sizes, "a plain numpy product, sqlite-vec's exact scan")
    few = ["--turns", "2", "--pause", "0.02", "--messages", "200"] if quick else []
    streams = ["--quick"] if quick else []
    servers = {
        "streams": "pydantic-ai's own VercelAIAdapter behind uvicorn",
        "advice_streams": "Candor's own chat over the same model's text",
        "workers": "one process",
        "fairness": "the same requests on an idle server",
        "endurance": "the same server after half of its turns",
        "console_speed": "the budget of a frame",
    }
    yield from (Run(module, streams, peer) for module, peer in servers.items())
    yield Run("history", few, "the same chats without a model's pauses")
    said = ["--messages", "400", "--queries", "14"] if quick else []
    yield Run("conversation_search", said, "none")
    yield Run("conversation_imports", streams, "json.load, which stores nothing")
    kept = ["--responses", "1000", "--times", "3"] if quick else []
    yield Run("responses", kept, "none")
    few_items = ["--items", "100", "--sizes", "100"] if quick else []
    yield Run("jobs", few_items, "none (pydantic-evals and promptfoo: docs/decisions/0018)")
    peers = "none (its `--pydantic-evals`, `--promptfoo`: programs that have them)"
    yield Run("evaluation", streams, peers)
    yield Run("evaluation_statistics", streams, "none (its `--peer`: scipy, statsmodels)")
    planted = ["--only", "subscribers"] if quick else []
    yield from (
        Run("cleaning_scores", streams, "none (its `--raha`: an interpreter with raha 1.26)"),
        Run("cleaning_injection", streams, "none"),
        Run("cleaning_findings", planted, "a plain vote of stated dependencies"),
        Run("cleaning_speed", streams, "pandas (its `--pandas`: an interpreter with it)"),
    )
    texts = next(iter(sorted(data.rglob("documents/"))), None) if data else None
    sizes = ["--sizes", "1000", "--with-model"] if quick else []
    yield Run("hostile_uploads", ["--quick"] if quick else [], "none")
    read = str(texts or SAMPLES / "documents")
    yield Run("ingestion", [read, *sizes], "the embedder by itself")
    yield Run("conflicts", [], "none")
    asked = sorted(p.parent for p in data.rglob("questions.jsonl")) if data else []
    for folder in asked or [SAMPLES]:
        yield Run("offline_answers", [str(folder)], "the stated gold answers, no other system")
    yield from _handbooks(None if quick else data, cache)  # embedding them takes ten minutes
    for file in sorted(data.rglob("*.csv")) if data else []:
        if _tells_how_fast_facts_change(file):
            yield Run("search_discipline", [str(file)], "a list of 30 words of time (in its docs)")
    for file in sorted(data.rglob("start_sit_cases.csv")) if data else []:
        yield Run("start_sit", [str(file.parent)], "always 50 %, always 80 %")
    for file in sorted(data.rglob("template_cases.jsonl")) if data else []:
        yield Run("template_conformance", [str(file.parent)], "Agenta, Langfuse, mustache/spec")
    cleaned = {p.parent.parent for p in data.rglob("dirty.csv")} if data else set[Path]()
    for folder in sorted(cleaned):
        yield Run("cleaning_data", ["--data", str(folder)], "the published numbers of wrong cells")
        peers = "nothing, mode (in its table); Raha and Baran: benchmarks.cleaning_peer"
        yield Run("cleaning", ["--data", str(folder)], peers)
    outcomes = sorted({p.parent for p in data.rglob("*.csv") if _has_outcomes(p)}) if data else []
    for folder in outcomes:
        less = ["--quick"] if quick else []
        yield Run("statistics", [str(folder), *less], "the libraries behind its reference.json")
        yield Run("tuning", [str(folder), *less], "the same guard without a limit on moves")


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no folder")
    return Path(text).resolve()


def _succeeds(run: Run) -> bool:
    print(f"\n== {run.module} {' '.join(run.arguments)}", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{run.module}", *run.arguments]
    return subprocess.run(command, cwd=HOUSE, check=False).returncode == 0


def _is_judged(qrels: Path) -> bool:
    return all(qrels.with_name(name).exists() for name in ("docs.jsonl", "queries.jsonl"))


def _handbooks(data: Path | None, cache: Sequence[str]) -> Iterator[Run]:
    names = [file.stem for file in QUESTIONS.glob("*.toml")]
    found = (path for name in names for path in data.rglob(name)) if data else ()
    for folder in sorted({path.parent for path in found if path.is_dir()}):
        yield Run("handbooks", [str(folder), *cache], "vectors alone, BM25 alone")
        yield Run("follow_ups", [str(folder), *cache], "none")


def _tells_how_fast_facts_change(file: Path) -> bool:
    with file.open(encoding="utf-8", errors="replace") as lines:
        return {"question", "fact_type"} <= set(lines.readline().strip().split(","))


def _has_spans(folder: Path) -> bool:
    first = (folder / "queries.jsonl").read_text(encoding="utf-8").partition("\n")[0]
    return "spans" in cast("dict[str, object]", json.loads(first or "{}"))


def _has_outcomes(table: Path) -> bool:
    with table.open(encoding="utf-8", errors="replace") as file:
        return {"probability", "outcome"} <= set(file.readline().strip().split(","))


if __name__ == "__main__":
    main()
