"""How far an ingestion is: the bar moves through one large document and never back; a pipe gets lines."""

from pathlib import Path

import pytest

from backend.cli.knowledge.progress import Position
from tests.backend.cli.conftest import Candor
from tests.backend.cli.screen import see, too_wide
from use_cases.knowledge.ingest_progress import Stage, StageReport
from use_cases.knowledge.model import Change, FileOutcome, IngestProgress


def embedded(done: int, total: int, *, documents: int = 1, name: str | None = None) -> StageReport:
    return StageReport(
        stage=Stage.EMBEDDING, name=name, documents=documents, done=done, total=total
    )


def test_each_stage_is_named_and_the_bar_moves_within_one_document() -> None:
    position = Position()
    seen = [(position.text, position.done)]
    for report in (
        StageReport(stage=Stage.FOUND, documents=1),
        StageReport(stage=Stage.READING, name="book.pdf"),
        StageReport(stage=Stage.CUTTING, name="book.pdf"),
        StageReport(stage=Stage.STARTING_MODEL),
        embedded(64, 1280, name="book.pdf"),
        embedded(1280, 1280, name="book.pdf"),
        StageReport(stage=Stage.SAVING, name="book.pdf"),
    ):
        position.stage(report)
        seen.append((position.text, round(position.done, 3)))
    position.advance(IngestProgress(1, 1, FileOutcome("book.pdf", Change.ADDED, 1280)))
    assert (position.done, position.total) == (1, 1)
    assert seen == [
        ("Looking for documents", 0),
        ("Found 1 file", 0),
        ("Reading book.pdf", 0),
        ("Cutting book.pdf", 0),
        ("Starting the model (slower at its first use)", 0),
        ("Embedded 64 of 1,280 passages of book.pdf", 0.045),
        ("Embedded 1,280 of 1,280 passages of book.pdf", 0.9),
        ("Saving book.pdf", 0.9),
    ]


def test_what_is_read_ahead_does_not_hide_the_embedding() -> None:
    position = Position()
    position.stage(embedded(64, 128, documents=4))
    position.stage(StageReport(stage=Stage.READING, name="next.md"))
    assert position.text == "Embedded 64 of 128 passages"
    position.stage(embedded(128, 128, documents=4))
    position.stage(StageReport(stage=Stage.READING, name="next.md"))
    assert position.text == "Reading next.md"
    position.stage(embedded(0, 128, documents=4))
    position.stage(StageReport(stage=Stage.EMBEDDING))
    position.stage(StageReport(stage=Stage.READING, name="last.md"))
    assert position.text == "Reading last.md"


def test_the_bar_never_goes_back() -> None:
    position = Position()
    position.stage(embedded(128, 128, documents=40))
    before = position.done
    position.advance(IngestProgress(1, 60, FileOutcome("a.md", Change.ADDED)))
    position.stage(embedded(1, 128, documents=2))
    assert position.done == before == 36


@pytest.mark.parametrize("columns", [40, 80, 140])
def test_a_terminal_sees_the_stages_and_at_the_end_the_report_alone(
    columns: int, candor: Candor, corpus: Path
) -> None:
    (corpus / "empty.md").write_text("")
    seen = see(columns, "ingest", str(corpus))
    assert seen.exit_code == 0
    assert too_wide(seen, columns) == []
    assert "4 added, 1 skipped (1 no text)" in " ".join(seen.lines)
    assert "skipped: empty.md:" in " ".join(seen.lines)


def test_a_pipe_gets_a_line_for_each_change_and_nothing_of_a_bar(
    candor: Candor, corpus: Path
) -> None:
    result = candor("ingest", str(corpus))
    assert [line.split(" ", 1)[1] for line in result.stderr.splitlines()] == [
        "added policies/leave.md",
        "added policies/passwords.md",
        "added runbooks/restart.md",
        "added tables/directory.csv",
    ]
    assert candor("ingest", str(corpus)).stderr == ""
