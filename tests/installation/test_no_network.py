"""Without a provider the program calls nobody: no connection, no name looked up, no device id.

Real programs run with a library before them (`refuse_network.c`) that refuses and notes every call
that leaves this machine. It is compiled here, so the test needs a C compiler and says where it has
none.
"""

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.backend.cli.test_program import free_port
from tests.faults.serving import running
from tests.patience import PATIENCE
from tests.services.embeddings.reference import installed

ROOT = Path(__file__).parents[2]
DOCUMENT = "# Passwords\n\nPasswords must be rotated every 90 days.\n"


class Watched:
    """Programs in a folder of their own; `calls` are their attempts to reach another machine."""

    def __init__(self, folder: Path, library: Path) -> None:
        self.folder = folder
        self._log = folder / "network.log"
        self.home = folder / "home"
        self.home.mkdir()
        # CI is not among them: some libraries stay quiet where it is set.
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "LD_PRELOAD": str(library),
            "NETWORK_LOG": str(self._log),
            "HOME": str(self.home),
            "DATA_DIR": str(folder / "data"),
            "MODELS_DIR": str(folder / "models"),
        }

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def candor(self, *words: str, stdin: str = "") -> str:
        run = self.run("-m", "backend.cli.program", *words, stdin=stdin)
        assert run.returncode == 0, run.stderr
        return run.stdout

    @property
    def calls(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []

    @property
    def files_at_home(self) -> list[str]:
        return [str(file.relative_to(self.home)) for file in self.home.rglob("*")]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("NOT TESTED: watching calls to the network needs Linux and a C compiler.")
    target = tmp_path_factory.mktemp("library") / "refuse_network.so"
    source = Path(__file__).with_name("refuse_network.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", target, source, "-ldl"], check=True)
    return target


@pytest.fixture
def watched(tmp_path: Path, library: Path) -> Watched:
    (tmp_path / "passwords.md").write_text(DOCUMENT)
    found = Watched(tmp_path, library)
    # The weights without the graph: building it is part of what is watched.
    folder = tmp_path / "models" / installed().name
    folder.mkdir(parents=True)
    for name in ("model.safetensors", "tokenizer.json"):
        (folder / name).symlink_to(installed().folder / name)
    return found


def test_the_library_sees_what_leaves_the_machine(watched: Watched) -> None:
    watched.run(
        "-c",
        "import socket\n"
        "try: socket.socket().connect(('192.0.2.1', 443))\n"
        "except OSError: pass\n"
        "try: socket.getaddrinfo('telemetry.example', 443)\n"
        "except OSError: pass\n",
    )
    assert watched.calls == ["connect 192.0.2.1", "getaddrinfo telemetry.example"]


@pytest.mark.by_hand
def test_onnxruntime_is_quiet_because_its_telemetry_is_off(watched: Watched) -> None:
    """Where this fails, a new version has another switch; see `services/embeddings/encoder.py`."""
    watched.candor("ingest", "passwords.md")
    assert "90 days" in watched.candor("ask", "How often must passwords be rotated?", "--offline")
    assert "90 days" in watched.candor(
        "chat", "--offline", stdin="How often must passwords be rotated?\n"
    )
    assert "Passwords" in watched.candor("search", "rotation")
    watched.candor("doctor")
    assert watched.calls == []
    assert watched.files_at_home == []


@pytest.mark.exhaustive
def test_a_server_is_quiet_while_it_starts_answers_and_ends(watched: Watched) -> None:
    watched.candor("ingest", "passwords.md")
    command = ("-m", "backend.cli.program", "serve", "--port", str(free_port()))
    with running(*command, environment=watched.environment) as server:
        body = {"user_id": "anna", "message": "How often must passwords be rotated?"}
        request = urllib.request.Request(
            f"{server.url}/chat",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            assert "90 days" in json.load(response)["answer"]
    assert watched.calls == []
    assert watched.files_at_home == []
