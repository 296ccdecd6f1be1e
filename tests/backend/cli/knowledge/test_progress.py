"""The progress of an ingestion: a bar for texts, then for vectors, with rate and time left; a pipe gets lines."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from backend.cli.knowledge.ingest import follow
from backend.cli.knowledge.progress import Position, watch_ingestion
from tests.backend.cli.conftest import Candor
from tests.backend.cli.screen import see, too_wide
from use_cases.knowledge.ingest_stages import Stage, StageReport, Watch
from use_cases.knowledge.model import Change, FileOutcome, IngestProgress, IngestReport


def embedded(done: int, total: int) -> StageReport:
    return StageReport(stage=Stage.EMBEDDING, done=done, total=total)


def test_the_bar_fills_with_texts_and_then_with_vectors() -> None:
    now = iter([10.0, 12.0, 14.0])
    position = Position(lambda: next(now))
    seen = [(position.text, position.done, position.total)]
    for report in (
        StageReport(stage=Stage.FOUND, documents=1),
        StageReport(stage=Stage.READING, name="book.pdf"),
        StageReport(stage=Stage.CUTTING, name="book.pdf"),
        StageReport(stage=Stage.SAVING, name="book.pdf"),
        IngestProgress(1, 1, FileOutcome("book.pdf", Change.ADDED, 12_800)),
        StageReport(stage=Stage.STARTING_MODEL, total=12_800),
        embedded(64, 12_800),
        embedded(128, 12_800),
        embedded(12_736, 12_800),
    ):
        if isinstance(report, IngestProgress):
            position.advance(report)
        else:
            position.stage(report)
        seen.append((position.text, position.done, position.total))
    assert seen == [
        ("Looking for documents", 0, None),
        ("Found 1 file", 0, 1),
        ("Reading book.pdf", 0, 1),
        ("Cutting book.pdf", 0, 1),
        ("Saving book.pdf", 0, 1),
        ("Saving book.pdf", 1, 1),
        ("Starting the model (slower at its first use)", 0, 12_800),
        ("Embedded 64 of 12,800 passages; words find all already", 64, 12_800),
        (
            "Embedded 128 of 12,800 passages, 32 a second, 7 min left; words find all already",
            128,
            12_800,
        ),
        (
            "Embedded 12,736 of 12,800 passages, 3,168 a second, 0 s left; words find all already",
            12_736,
            12_800,
        ),
    ]


def test_a_pipe_gets_a_line_for_each_tenth_of_many_vectors(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with watch_ingestion(as_json=False) as watcher:
        watcher.stage(StageReport(stage=Stage.STARTING_MODEL, total=1_280))
        for done in range(64, 1_281, 64):
            watcher.stage(embedded(done, 1_280))
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == [
        "1,280 passages get vectors; words find them already",
        "Embedded 128 of 1,280 passages",
    ]
    assert lines[-1] == "Embedded 1,280 of 1,280 passages"
    assert len(lines) == 11


@pytest.mark.anyio
async def test_who_stops_among_the_vectors_reads_what_is_missing_and_how_to_go_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def stopped(watch: Watch) -> AsyncGenerator[IngestProgress | IngestReport, None]:
        yield IngestProgress(1, 1, FileOutcome("a.md", Change.ADDED, 100))
        watch(StageReport(stage=Stage.STARTING_MODEL, total=100))
        watch(embedded(64, 100))
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await follow(stopped, as_json=False)
    assert capsys.readouterr().err.splitlines()[-1] == (
        "All texts are stored, and words find them; about 36 passages have no vectors yet. The same"
        " command goes on from here, or a running server does."
    )


@pytest.mark.parametrize("columns", [40, 140])
def test_a_terminal_sees_the_stages_and_at_the_end_the_report_alone(
    columns: int, candor: Candor, corpus: Path
) -> None:
    (corpus / "empty.md").write_text("")
    seen = see(columns, "ingest", str(corpus))
    assert seen.exit_code == 0
    assert too_wide(seen, columns) == []
    assert "4 added, 1 skipped (1 no text)" in " ".join(seen.lines)
    assert "skipped: empty.md:" in " ".join(seen.lines)
    assert "hint: " in " ".join(seen.lines)
