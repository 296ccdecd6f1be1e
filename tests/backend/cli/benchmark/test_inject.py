"""`candor benchmark inject`: the dirty table to stdout or a file, and its labels."""

from pathlib import Path

from backend.installation import samples
from tests.backend.cli.conftest import Candor

CUSTOMERS = str(samples() / "clean-tables" / "customers.csv")


def test_the_same_seed_gives_the_same_table(candor: Candor) -> None:
    words = ("benchmark", "inject", CUSTOMERS, "--dimension", "consistency", "--level", "hard")
    one = candor(*words, "--seed", "7")
    assert one.exit_code == 0
    assert one.stdout == candor(*words, "--seed", "7").stdout
    assert one.stdout != candor(*words, "--seed", "8").stdout
    assert one.stdout.count("\n") == 301
    assert one.stderr.startswith("630 errors (")
    assert "broken_dependency" in one.stderr


def test_files_are_written_and_errors_counted(candor: Candor) -> None:
    run = candor(
        *("benchmark", "inject", CUSTOMERS, "--dimension", "uniqueness", "--level", "easy"),
        *("--out", "dirty.csv", "--truth", "truth.jsonl"),
    )
    assert (run.stdout, run.stderr) == ("", "6 errors (6 exact_duplicate), 0 traps\n")
    assert Path("dirty.csv").read_text(encoding="utf-8").count("\n") == 307
    assert len(Path("truth.jsonl").read_text(encoding="utf-8").splitlines()) == 6


def test_a_file_that_is_read_is_never_replaced(candor: Candor) -> None:
    clean = Path(CUSTOMERS).read_text(encoding="utf-8")
    Path("clean.csv").write_text(clean, encoding="utf-8")
    words = ("benchmark", "inject", "clean.csv", "--dimension", "accuracy")
    run = candor(*words, "--truth", "clean.csv")
    assert (run.exit_code, "would be replaced" in run.stderr) == (2, True)
    assert Path("clean.csv").read_text(encoding="utf-8") == clean
    assert [each.name for each in Path.cwd().glob("*.csv")] == ["clean.csv"]
