"""The progress of a run: a bar on a terminal, lines in a pipe, nothing for programs."""

from decimal import Decimal

import pytest

from backend.cli.runs.run_progress import WatchRun, describe, show_run_progress
from tests.backend.cli.screen import see_written
from use_cases.kernel.jobs.model import Progress


def run(watch: WatchRun) -> None:
    watch(Progress(total=0))
    for done in range(0, 101, 4):
        watch(
            Progress(total=100, pending=100 - done, done=done - done // 50, errors=done // 50),
            Decimal(done) / 1000,
        )


def test_it_names_cells_errors_and_money() -> None:
    assert describe(Progress(total=1_000, done=427, errors=3), Decimal("0.1234")) == (
        "430 of 1,000 cells, 3 errors, $0.12"
    )
    assert describe(Progress(total=1), Decimal(0)) == "0 of 1 cell"


def test_a_pipe_gets_a_line_for_each_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    with show_run_progress(as_json=False) as watch:
        run(watch)
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.splitlines() == [
        "12 of 100 cells, $0.012",
        "20 of 100 cells, $0.02",
        "32 of 100 cells, $0.032",
        "40 of 100 cells, $0.04",
        "52 of 100 cells, 1 error, $0.052",
        "60 of 100 cells, 1 error, $0.06",
        "72 of 100 cells, 1 error, $0.072",
        "80 of 100 cells, 1 error, $0.08",
        "92 of 100 cells, 1 error, $0.092",
        "100 of 100 cells, 2 errors, $0.1",
    ]


def test_programs_get_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with show_run_progress(as_json=True) as watch:
        run(watch)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("columns", [40, 140])
def test_the_bar_leaves_nothing_on_the_terminal(columns: int) -> None:
    def act() -> int:
        with show_run_progress(as_json=False) as watch:
            run(watch)
        return 0

    assert see_written(columns, act).text.strip() == ""
