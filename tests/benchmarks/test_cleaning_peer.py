"""What the comparison with Raha and Baran asks for before it starts them."""

import sys
from pathlib import Path

import pytest

from benchmarks.cleaning_peer import arguments


def test_the_tables_the_seed_and_the_folder_are_taken() -> None:
    given = arguments(
        ["--raha-python", sys.executable, "--data", "d", "--only", "a", "b", "--out", "o"]
    )
    assert (given.raha_python, given.data, given.seed) == (sys.executable, "d", 1)
    assert given.only == ["a", "b"]
    assert given.out == Path("o")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--data", "d"], "--raha-python"),
        (["--raha-python", "/no/python", "--data", "d"], "/no/python is no program"),
        (["--raha-python", sys.executable], "--data"),
    ],
)
def test_an_interpreter_and_a_folder_are_asked_for(
    given: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        arguments(given)
    assert message in capsys.readouterr().err
