"""The program as the shell sees it: exit codes, streams, pipes, signals."""

import os
import pty
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.hostile_files import hidden_elements
from tests.patience import PATIENCE
from tests.thoroughness import sample

ROOT = Path(__file__).parents[3]
CANDOR = [sys.executable, "-m", "backend.cli.main"]


def environment(**extra: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "DATA_DIR": "var", **extra}


def candor(folder: Path, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
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


def test_help_lists_the_commands_and_imports_none(tmp_path: Path) -> None:
    script = (
        "import sys; sys.argv = ['candor', '--help']\n"
        "from backend.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as ended: assert not ended.code\n"
        "heavy = {'pydantic', 'rich', 'fastapi', 'sqlalchemy', 'pydantic_ai', 'numpy', 'loguru'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Store the documents and tables" in run.stdout
    assert run.stdout.endswith("heavy: []\n")


def test_search_imports_neither_agents_nor_the_store(tmp_path: Path) -> None:
    script = (
        "import sys; sys.argv = ['candor', 'search', 'x']\n"
        "from backend.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as ended: assert ended.code == 3\n"
        "heavy = {'pydantic_ai', 'openai', 'sqlalchemy', 'fastapi', 'cohere', 'pypdf', 'docx'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "heavy: []\n"


def test_the_version_is_told(tmp_path: Path) -> None:
    run = candor(tmp_path, "--version")
    assert (run.returncode, run.stdout.split()[0]) == (0, "candor")


@pytest.mark.parametrize(
    ("words", "variables", "exit_code", "said"),
    sample(
        [
            (["nonsense"], {}, 2, "No such command 'nonsense'"),
            (["backtest", "start-sit", "x"], {}, 2, "hint: `candor confidence report --csv"),
            (["serch"], {}, 2, "Did you mean 'search'"),
            (["search"], {}, 2, "Missing argument"),
            (["search", "--limit", "0", "x"], {}, 2, "--limit"),
            (["search", "--nope"], {}, 2, "No such option"),
            (["search", "x"], {"PORT": "x"}, 2, "error[settings_invalid]: PORT: "),
            (["search", "x"], {}, 3, "Start with: candor ingest"),
            (["sql", "SELECT 1"], {"DATA_DIR": "/proc/none"}, 2, "error["),
            (["serve", "--host", "0.0.0.0"], {}, 4, "error[public_address_refused]: "),
            (["ingest", "nowhere"], {}, 2, "error[source_not_found]: "),
        ],
        5,
    ),
)
def test_what_goes_wrong_has_an_exit_code_and_a_sentence(
    tmp_path: Path, words: list[str], variables: dict[str, str], exit_code: int, said: str
) -> None:
    run = candor(tmp_path, *words, **variables)
    assert run.returncode == exit_code, run.stderr
    assert said in run.stderr
    assert run.stdout == ""
    assert "Traceback" not in run.stderr


def test_a_secret_in_a_wrong_setting_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "OPENAI_API_KEY=sk-planted-123456789\nPORT=sk-planted-123456789\n"
    )
    run = candor(tmp_path, "documents")
    assert run.returncode == 2
    assert "planted" not in run.stdout + run.stderr


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


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "words.csv").write_text("word,number\n" + f"one{' longer' * 50},1\n" * 90)
    without_vectors = {"EMBEDDING_MODEL": "openai:text-embedding-3-small"}
    assert candor(tmp_path, "ingest", "words.csv", **without_vectors).returncode == 0
    for words, code in sample(
        [
            (["search", "one"], 0),
            (["sql", "-- more than a buffer holds\nSELECT * FROM words"], 0),
            (["search", "nothing"], 3),
            (["ask", "What is the number of one?"], 0),
            (["search", "--help"], 0),
        ],
        2,
    ):
        run = unread(tmp_path, *words, **without_vectors)
        assert run.returncode == code, (words, run.stderr)
        assert "Traceback" not in run.stderr
        assert "rror" not in run.stderr


@pytest.mark.exhaustive
def test_on_a_terminal_progress_is_a_bar_and_the_summary_stays(tmp_path: Path) -> None:
    """With EMBEDDING_MODEL without its key nothing is embedded, so the run is short."""
    (tmp_path / "a.md").write_text("# A\n\nSome words here.\n")
    ours, theirs = pty.openpty()
    run = subprocess.run(
        [*CANDOR, "ingest", "a.md"],
        cwd=tmp_path,
        env=environment(EMBEDDING_MODEL="openai:text-embedding-3-small", TERM="xterm"),
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=True,
        timeout=PATIENCE,
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert run.stdout.startswith(b"1 added, 1 passage in ")
    assert "\x1b[" in shown
    assert "1/1 added" not in shown


@pytest.mark.exhaustive
def test_on_a_terminal_an_answer_comes_without_a_banner(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    run = subprocess.run(
        [*CANDOR, "ask", "How many days?"],
        cwd=tmp_path,
        env=environment(TERM="xterm"),
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
        timeout=PATIENCE,
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert run.returncode == 3
    assert "note: Nothing has been ingested yet." in shown
    assert "pydantic" not in shown


@pytest.mark.exhaustive
def test_a_taken_port_is_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run = candor(tmp_path, "serve", "--port", port)
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


def test_interrupting_an_ingestion_ends_its_readers_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "endless.html").write_bytes(hidden_elements())
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
