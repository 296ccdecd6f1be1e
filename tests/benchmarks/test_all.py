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
        "endurance",
        "console_speed",
        "history",
        "conversation_search",
        "conversation_imports",
        "responses",
        "jobs",
        "evaluation",
        "evaluation_statistics",
        "cleaning_scores",
        "cleaning_injection",
        "cleaning_findings",
        "cleaning_speed",
        "hostile_uploads",
        "ingestion",
        "conflicts",
        "offline_answers",
    ]
    assert runs["ingestion"].arguments == [str(SAMPLES / "documents")]
    assert runs["offline_answers"].arguments == [str(SAMPLES)]


def test_whole_collections_are_judged_and_those_with_spans_cut(data: Path) -> None:
    runs = planned(data)
    plain, spans = (str(data / "collections" / name) for name in ("plain", "spans"))
    assert runs["retrieval"].arguments[:3] == [plain, spans, "--cache"]
    assert runs["chunking"].arguments[:2] == [spans, "--vectors"]


@pytest.mark.parametrize(
    ("files", "arguments"),
    [
        (
            {"mine/documents/a.md": "", "mine/questions.jsonl": ""},
            {"ingestion": ["mine/documents"], "offline_answers": ["mine"]},
        ),
        ({"speeds.csv": "id,question,fact_type\n"}, {"search_discipline": ["speeds.csv"]}),
        ({"cases/template_cases.jsonl": "{}\n"}, {"template_conformance": ["cases"]}),
        (
            {"games/a.csv": "probability,outcome,date\n0.5,1,2026-01-01\n", "games/b.csv": "p,q\n"},
            {"statistics": ["games"]},
        ),
        ({"season/start_sit_cases.csv": "season,week\n"}, {"start_sit": ["season"]}),
        (
            {"tables/beers/dirty.csv": "a,b\n", "tables/flights/dirty.csv": "a,b\n"},
            {"cleaning_data": ["--data", "tables"], "cleaning": ["--data", "tables"]},
        ),
    ],
)
def test_data_of_a_known_form_is_measured(
    data: Path, files: dict[str, str], arguments: dict[str, list[str]]
) -> None:
    for name, text in files.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(text)
    runs = planned(data)
    for module, wanted in arguments.items():
        assert runs[module].arguments == [
            each if each.startswith("--") else str(data / each) for each in wanted
        ]


def test_a_folder_of_a_known_handbook_is_asked_its_questions(data: Path) -> None:
    (data / "books" / "18f_handbook").mkdir(parents=True)
    assert planned(data)["handbooks"].arguments[:2] == [str(data / "books"), "--cache"]
    assert "handbooks" not in planned(data, quick=True)


def test_quick_leaves_large_collections_and_vectors_out(data: Path) -> None:
    (data / "collections" / "plain" / "docs.jsonl").write_bytes(b"{}\n" * 400_000)
    runs = planned(data, quick=True)
    spans = str(data / "collections" / "spans")
    assert runs["retrieval"].arguments[0] == spans
    assert runs["chunking"].arguments == [spans]
    assert runs["search_speed"].arguments == ["1000", "--queries", "20"]


def test_every_planned_benchmark_exists(data: Path) -> None:
    house = SAMPLES.parent
    assert all(
        (house / "benchmarks" / f"{run.module}.py").exists() for run in plan(data, quick=False)
    )


_LONG = {
    "offline_answers",  # has no small size
    "advice_streams",
    "console_speed",  # it needs a Chromium
    "conversation_imports",
    "endurance",
    "evaluation_statistics",
    "fairness",
    "history",
    "hostile_uploads",
    "ingestion",
    "jobs",
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
