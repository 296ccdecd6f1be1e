"""Which benchmarks run for which data; and that those which need none do run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.all import HOUSE, SAMPLES, Run, plan
from tests.patience import PATIENCE


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name, query in (("plain", "{}"), ("spans", '{"spans": []}'), ("partial", "{}")):
        folder = tmp_path / "collections" / name
        folder.mkdir(parents=True)
        (folder / "docs.jsonl").write_text("{}\n")
        (folder / "qrels.tsv").write_text("query_id\tdoc_id\trelevance\n")
        if name != "partial":
            (folder / "queries.jsonl").write_text(f"{query}\n")
    return tmp_path


def planned(data: Path | None, *, quick: bool = False) -> dict[str, Run]:
    return {run.module: run for run in plan(data, quick=quick)}


def test_without_data_only_what_needs_none_runs() -> None:
    runs = planned(None)
    assert list(runs) == [
        "search_speed",
        "streams",
        "advice_streams",
        "workers",
        "fairness",
        "history",
        "conversation_search",
        "conversation_imports",
        "responses",
        "jobs",
        "evaluation",
        "evaluation_statistics",
        "cleaning_scores",
        "cleaning_injection",
        "hostile_uploads",
        "ingestion",
        "offline_answers",
    ]
    assert runs["ingestion"].arguments == [str(SAMPLES / "documents")]
    assert runs["offline_answers"].arguments == [str(SAMPLES)]


def test_whole_collections_are_judged_and_those_with_spans_cut(data: Path) -> None:
    runs = planned(data)
    plain, spans = (str(data / "collections" / name) for name in ("plain", "spans"))
    assert runs["retrieval"].arguments[:3] == [plain, spans, "--cache"]
    assert runs["chunking"].arguments[:2] == [spans, "--vectors"]


def test_documents_and_questions_of_the_data_replace_the_samples(data: Path) -> None:
    (data / "mine" / "documents").mkdir(parents=True)
    (data / "mine" / "questions.jsonl").write_text("")
    runs = planned(data)
    assert runs["ingestion"].arguments == [str(data / "mine" / "documents")]
    assert runs["offline_answers"].arguments == [str(data / "mine")]


def test_a_folder_of_a_known_handbook_is_asked_its_questions(data: Path) -> None:
    (data / "books" / "18f_handbook").mkdir(parents=True)
    assert planned(data)["handbooks"].arguments[:2] == [str(data / "books"), "--cache"]
    assert "handbooks" not in planned(data, quick=True)


def test_questions_with_the_speed_of_their_facts_are_judged(data: Path) -> None:
    (data / "other.csv").write_text("id,question\n")
    (data / "speeds.csv").write_text("id,question,fact_type\n")
    assert planned(data)["search_discipline"].arguments == [str(data / "speeds.csv")]


def test_templates_are_compared_with_those_of_other_projects(data: Path) -> None:
    (data / "cases").mkdir()
    (data / "cases" / "template_cases.jsonl").write_text("{}\n")
    assert planned(data)["template_conformance"].arguments == [str(data / "cases")]


def test_quick_leaves_large_collections_and_vectors_out(data: Path) -> None:
    (data / "collections" / "plain" / "docs.jsonl").write_bytes(b"{}\n" * 400_000)
    runs = planned(data, quick=True)
    spans = str(data / "collections" / "spans")
    assert runs["retrieval"].arguments[0] == spans
    assert runs["chunking"].arguments == [spans]
    assert runs["search_speed"].arguments == ["1000", "--queries", "20"]


def test_forecasts_with_outcomes_check_the_statistics(data: Path) -> None:
    folder = data / "forecasts"
    folder.mkdir()
    (folder / "games.csv").write_text("probability,outcome,date\n0.5,1,2026-01-01\n")
    (folder / "other.csv").write_text("probability,result\n")
    assert planned(data)["statistics"].arguments == [str(folder)]
    assert planned(data, quick=True)["statistics"].arguments == [str(folder), "--quick"]


def test_decided_cases_are_replayed(data: Path) -> None:
    (data / "season").mkdir()
    (data / "season" / "start_sit_cases.csv").write_text("season,week\n")
    assert planned(data)["start_sit"].arguments == [str(data / "season")]


def test_dirty_tables_are_counted_and_cleaned(data: Path) -> None:
    for table in ("beers", "flights"):
        (data / "tables" / table).mkdir(parents=True)
        (data / "tables" / table / "dirty.csv").write_text("a,b\n")
    runs = planned(data)
    assert runs["cleaning_data"].arguments == ["--data", str(data / "tables")]
    assert runs["cleaning"].arguments == ["--data", str(data / "tables")]


def test_every_planned_benchmark_exists(data: Path) -> None:
    house = SAMPLES.parent
    assert all(
        (house / "benchmarks" / f"{run.module}.py").exists() for run in plan(data, quick=False)
    )


_LONG = {
    "offline_answers",  # has no small size
    "advice_streams",
    "evaluation_statistics",
    "fairness",
    "history",
    "hostile_uploads",
    "ingestion",
    "streams",
    "workers",
}
QUICK = [run for run in plan(None, quick=True) if run.module not in _LONG]
"""Those that take seconds; the others take half a minute and more each."""


@pytest.mark.exhaustive
@pytest.mark.parametrize("run", QUICK, ids=lambda run: run.module)
def test_a_quick_benchmark_runs(run: Run, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{run.module}", *run.arguments],
        cwd=tmp_path,
        env={name: os.environ[name] for name in ("PATH", "HOME")} | {"PYTHONPATH": str(HOUSE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout
