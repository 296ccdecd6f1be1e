"""The program as the shell sees it: exit codes, streams, pipes, signals."""

import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.hostile_files import endless_page
from tests.backend.cli.conftest import Candor
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[3]
CANDOR = [sys.executable, "-m", "backend.cli.program"]


def environment(**extra: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "DATA_DIR": "var", **extra}


def run_program(folder: Path, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CANDOR, *words],
        cwd=folder,
        env=environment(**extra),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def free_port() -> int:
    """A port for a server to come. Its socket stays and does not listen, so nobody else gets it."""
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        port = int(kept.getsockname()[1])
        kept.detach()
    return port


@pytest.mark.parametrize(
    ("words", "code", "said", "heavy"),
    [
        (
            ["--help"],
            None,
            "Store the documents and tables",
            ["pydantic", "rich", "fastapi", "sqlalchemy", "pydantic_ai", "numpy", "loguru", "mcp"],
        ),
        (
            ["search", "x"],
            3,
            "",
            ["pydantic_ai", "openai", "sqlalchemy", "fastapi", "cohere", "pypdf", "docx"],
        ),
    ],
)
def test_a_command_that_answers_at_once_imports_nothing_heavy(
    tmp_path: Path, words: list[str], code: int | None, said: str, heavy: list[str]
) -> None:
    output, found = imported(tmp_path, words, code, heavy)
    assert (said in output, found) == (True, [])


def imported(
    folder: Path, words: list[str], code: int | None, heavy: list[str]
) -> tuple[str, list[str]]:
    """What a command prints, and which of some modules it imports."""
    script = (
        f"import sys; sys.argv = ['candor', *{words}]\n"
        "from backend.cli.program import main\n"
        "try: main()\n"
        f"except SystemExit as ended: assert (ended.code or None) == {code}, ended.code\n"
        f"print('imported:', *sorted(set({heavy}) & set(sys.modules)))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    output, _, names = run.stdout.rpartition("imported:")
    return output, names.split()


WEB = [
    "mcp",
    "mcp_types",
    "sse_starlette",
    "fastapi",
    "starlette",
    "uvicorn",
    "jinja2",
    "authlib",
    "prometheus_client",
]
PROVIDERS = ["openai", "anthropic", "cohere", "google", "boto3", "logfire"]
READERS = ["pypdf", "docx", "lxml", "selectolax", "markdown_it", "sqlglot", "pandas", "pyarrow"]
STORES = ["alembic", "aiosqlite", "psycopg", "procrastinate", "sqlalchemy.dialects.postgresql"]
OTHERS = ["pydantic_evals", "prompt_toolkit", "pygments", "click", "safetensors", "rapidfuzz"]
NO_QUESTION = ["numpy", "onnxruntime", "tokenizers", "use_cases.chat", "use_cases.advice"]


@pytest.mark.exhaustive
def test_a_command_imports_nothing_that_only_others_need(tmp_path: Path) -> None:
    (tmp_path / "kettles.md").write_text("# Kettles\n\nA kettle may be repaired.\n")
    (tmp_path / "one.yaml").write_text(
        "prompts: ['{{word}}']\nproviders: ['offline:echo']\n"
        "tests: [{vars: {word: kettle}, assert: [{type: contains, value: kettle}]}]\n"
    )
    (tmp_path / "chat.yaml").write_text(
        "target: chat\nvariants: [{name: extractive, model: 'offline:extractive'}]\n"
        "tests: [{vars: {question: May a kettle be repaired?}, assert: [{type: contains, value: kettle}]}]\n"
    )
    ask = ["ask", "May a kettle be repaired?", "--offline"]
    # The first use of a data folder makes the databases, by the migrations.
    for first in (["ingest", "kettles.md"], ask):
        assert run_program(tmp_path, *first).returncode == 0
    evaluate = ("eval", "run", "--yes", "--offline")
    for words, said, heavy in (
        (ask, "A kettle may be repaired.", ["rich", "use_cases.advice", "use_cases.benchmark"]),
        (
            [*evaluate, "chat.yaml"],
            "1 of 1",
            ["use_cases.advice", "use_cases.benchmark", "use_cases.conversations.model"],
        ),
        (
            [*evaluate, "one.yaml"],
            "1 of 1",
            [*NO_QUESTION, "use_cases.conversations", "use_cases.benchmark"],
        ),
    ):
        unneeded = [*heavy, *WEB, *PROVIDERS, *READERS, *STORES, *OTHERS]
        output, found = imported(tmp_path, words, None, unneeded)
        assert (said in output, found) == (True, []), words


@pytest.mark.parametrize(
    ("words", "variables", "exit_code", "said"),
    [
        (["nonsense"], {}, 2, "No such command 'nonsense'"),
        (["backtest", "start-sit", "x"], {}, 2, "hint: `candor confidence report --csv"),
        (["serch"], {}, 2, "Did you mean 'search'"),
        (["search"], {}, 2, "Missing argument"),
        (["search", "  "], {}, 2, "the query is empty."),
        (["search", "--limit", "0", "x"], {}, 2, "--limit"),
        (["search", "--nope"], {}, 2, "No such option"),
        (["search", "x"], {"PORT": "x"}, 2, "error[settings_invalid]: PORT: "),
        (["search", "x"], {}, 3, "Start with: candor ingest"),
        (["sql", "SELECT 1"], {"DATA_DIR": "/proc/none"}, 2, "error["),
        (["serve", "--host", "0.0.0.0"], {}, 4, "error[public_address_refused]: "),
        (["ingest", "nowhere"], {}, 2, "error[source_not_found]: "),
    ],
)
def test_what_goes_wrong_has_an_exit_code_and_a_sentence(
    candor: Candor,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    variables: dict[str, str],
    exit_code: int,
    said: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    run = candor(*words)
    assert (run.exit_code, run.stdout) == (exit_code, ""), run.output
    assert said in run.stderr
    assert "Traceback" not in run.stderr


def test_the_shell_gets_the_exit_code_and_no_secret_of_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "OPENAI_API_KEY=sk-planted-123456789\nPORT=sk-planted-123456789\n"
    )
    run = run_program(tmp_path, "documents")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("error[settings_invalid]: PORT: ")
    assert "planted" not in run.stderr


def unread(folder: Path, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """A run whose output nobody reads, as behind `| head -1`."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run(
            [*CANDOR, *words],
            cwd=folder,
            env=environment(**extra),
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    finally:
        os.close(writer)


MORE_THAN_A_BUFFER_HOLDS = (
    "SELECT a.*, b.*, c.*, d.*, e.* "
    "FROM directory a, directory b, directory c, directory d, directory e"
)


@pytest.mark.exhaustive
def test_a_reader_that_has_seen_enough_is_no_error(candor: Candor, corpus: Path) -> None:
    candor("ingest", str(corpus / "tables"))
    for words in (["sql", MORE_THAN_A_BUFFER_HOLDS], ["search", "--help"]):
        run = unread(corpus.parent, *words)
        assert run.returncode == 0, (words, run.stderr)
        assert "rror" not in run.stderr


@pytest.mark.exhaustive
def test_a_taken_port_is_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run = run_program(tmp_path, "serve", "--port", port)
    assert run.returncode == 7
    assert f"error[unavailable]: The server could not start on 127.0.0.1:{port}." in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.exhaustive
def test_ctrl_c_ends_with_130_and_no_traceback(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [*CANDOR, "serve", "--port", str(free_port())],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    said = ""
    for line in running.stderr:
        said += line
        if "running on" in line:
            break
    running.send_signal(signal.SIGINT)
    _, rest = running.communicate(timeout=PATIENCE)
    assert "Traceback" not in said + rest
    assert running.returncode in (0, 130)


@pytest.mark.exhaustive
def test_interrupting_an_ingestion_ends_its_readers_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "endless.html").write_bytes(endless_page())
    running = subprocess.Popen(
        [*CANDOR, "ingest", "endless.html", "--json"],
        cwd=tmp_path,
        env=environment(READ_TIMEOUT_SECONDS="3600"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # its own group, as a terminal has one
    )
    tasks = Path(f"/proc/{running.pid}/task")
    readers: list[str] = []
    while not readers and running.poll() is None:
        readers = [pid for task in tasks.iterdir() for pid in _words(task / "children")]
    (reader,) = (os.pidfd_open(int(pid)) for pid in readers)
    os.killpg(running.pid, signal.SIGINT)
    stdout, stderr = running.communicate(timeout=PATIENCE)
    assert (running.returncode, stdout, stderr) == (130, "", "Stopped.\n")
    ended, _, _ = select.select([reader], [], [], PATIENCE)
    os.close(reader)
    assert ended


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:  # of a thread that has ended
        return []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_output_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [*CANDOR, "tables", "--json"],
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    assert run.stderr.startswith('{"type": "urn:candor:error:unavailable"')
    assert "The output cannot be written: No space left on device." in run.stderr
    assert "Traceback" not in run.stderr


def test_a_closed_output_is_no_error(tmp_path: Path) -> None:
    run = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *CANDOR, "tables"],
        cwd=tmp_path,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (run.returncode, run.stderr) == (
        0,
        "No tables in var/knowledge.sqlite.\nStart with: candor ingest FOLDER "
        "(`candor samples` puts some to try into ./samples)\n",
    )
