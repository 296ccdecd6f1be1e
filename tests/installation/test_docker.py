"""What the Dockerfile starts, run without a container engine: the same command, variables and check."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.backend.cli.test_program import environment, free_port
from tests.faults.serving import running
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
KEY = f"cndr_{'a1' * 5}_{'B2' * 20}"


def said(instruction: str) -> list[str]:
    """What follows an instruction of the last stage, line by line."""
    last = max(place for place, line in enumerate(LINES) if line.startswith("FROM "))
    return [
        line.removeprefix(instruction).strip()
        for line in LINES[last:]
        if line.startswith(f"{instruction} ")
    ]


def variables(folder: Path, port: int, **more: str) -> Mapping[str, str]:
    """The image's variables, with this machine's places in their stead."""
    told = dict(word.split("=", 1) for line in said("ENV") for word in shlex.split(line))
    kept = {name: told[name] for name in ("HOST", "AUTH_MODE")}
    return environment(**{**kept, "DATA_DIR": str(folder), "PORT": str(port), **more})


def command() -> list[str]:
    """The entry point with the usual command, without the interpreter."""
    (entry,), (usual,) = said("ENTRYPOINT"), said("CMD")
    return [*json.loads(entry)[1:], *json.loads(usual)]


def check(told: Mapping[str, str]) -> int:
    """The health check's exit code."""
    (line,) = said("HEALTHCHECK")
    words = json.loads(line[line.index("CMD ") + 4 :])
    run = subprocess.run([sys.executable, *words[1:]], env=told, check=False, capture_output=True)
    return run.returncode


def status(url: str, key: str | None = None) -> int:
    headers = {"Host": "localhost", **({"X-API-Key": key} if key else {})}
    try:
        with urlopen(Request(url, headers=headers), timeout=PATIENCE) as response:
            return response.status
    except HTTPError as error:
        return error.code


def test_it_requires_a_key_runs_as_a_user_and_keeps_its_data_in_a_volume() -> None:
    told = " ".join(said("ENV"))
    assert "AUTH_MODE=required" in told
    assert "ALLOW_PUBLIC_LOCAL" not in told
    assert said("USER") == ["candor"]
    assert said("VOLUME") == ["/data"]


@pytest.mark.exhaustive
def test_the_first_key_is_printed_once_and_opens_the_server(tmp_path: Path) -> None:
    told = dict(variables(tmp_path, port := free_port()))
    assert check(told) != 0
    printed = tmp_path / "stdout"
    for starts in (1, 2):
        with (
            printed.open("a") as stdout,
            running(*command(), environment=told, stdout=stdout) as it,
        ):
            it.log.wait_for("Uvicorn running")
            keys = re.findall(r"^cndr_\w+$", printed.read_text(), re.MULTILINE)
            assert len(keys) == 1
            assert status(f"http://127.0.0.1:{port}/answers") == 401
            assert status(f"http://127.0.0.1:{port}/answers", keys[0]) == 200
            assert check(told) == 0
            assert ("it is shown this once" in " ".join(it.log.lines)) is (starts == 1)
            assert not any(keys[0] in line for line in it.log.lines)


@pytest.mark.exhaustive
def test_the_first_key_may_be_given(tmp_path: Path) -> None:
    told = dict(variables(tmp_path, port := free_port(), FIRST_API_KEY=KEY))
    with running(*command(), environment=told) as server:
        server.log.wait_for("Uvicorn running")
        assert status(f"http://127.0.0.1:{port}/answers", KEY) == 200
        assert not any(KEY in line for line in server.log.lines)


@pytest.mark.exhaustive
@pytest.mark.parametrize("given", ["secret", f"{KEY}x"])
def test_a_key_of_another_shape_ends_the_start(tmp_path: Path, given: str) -> None:
    told = dict(variables(tmp_path, free_port(), FIRST_API_KEY=given))
    run = subprocess.run(
        [sys.executable, *command()],
        env=told,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert run.returncode == 2
    assert "FIRST_API_KEY does not have the shape of a key" in run.stderr
    assert given not in run.stderr
