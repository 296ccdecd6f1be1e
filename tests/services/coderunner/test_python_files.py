"""The operator's code in real processes: what it returns, and what it cannot do."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from pydantic import JsonValue

from services.coderunner.python_files import PythonFiles
from use_cases.playground.errors import CodeFailed, CodeNotAllowed

pytestmark = pytest.mark.anyio


CHECKS = """
import os, sys, time
import neighbour

def get_assert(output, context):
    print("this goes nowhere")
    return {"pass": output == context["vars"]["wanted"], "score": neighbour.HALF, "reason": "ok"}

async def later(output, context): return 0.25
def environment(output, context): return dict(os.environ)
def fails(output, context): raise ValueError("no such luck")
def leaves(output, context): sys.exit(3)
def vanishes(output, context): os._exit(4)
def odd(output, context): return object()
def length(output, context): return "x" * int(output)
def spins(output, context):
    while True: pass
def sleeps(output, context): time.sleep(600)
def eats(output, context): return len(bytearray(4_000_000_000))
def writes(output, context): open(output, "wb").write(b"x" * 20_000_000)
def forks(output, context):
    child = os.fork()
    if not child:
        time.sleep(600)
    return child
def environments(output, context):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        for file in ("environ", "mem"):
            try:
                with open(f"/proc/{name}/{file}", "rb") as held:
                    if int(name) != os.getpid() and (file == "mem" or held.read()):
                        found.append(f"{name}/{file}")
            except OSError:
                pass
    return found
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "checks.py").write_text(CHECKS)
    (tmp_path / "neighbour.py").write_text("HALF = 0.5")
    (tmp_path / "broken.py").write_text("def get_assert(:")
    return tmp_path


async def run(
    folder: Path, function: str = "get_assert", output: str = "yes", **bounds: float
) -> JsonValue:
    runner = PythonFiles(folder, ["checks.py", "broken.py", "gone.py"], **bounds)  # pyright: ignore[reportArgumentType]
    return await runner.run("checks.py", function, output, {"vars": {"wanted": "yes"}})


async def test_a_function_gets_output_and_context_and_its_result_comes_back(folder: Path) -> None:
    assert await run(folder) == {"pass": True, "score": 0.5, "reason": "ok"}
    assert await run(folder, output="\ud83d no") == {"pass": False, "score": 0.5, "reason": "ok"}
    assert await run(folder, "later") == 0.25


@pytest.mark.parametrize(
    "file",
    ["other.py", "../checks.py", "/etc/passwd", "neighbour.py", "link.py", "", "checks.py\0"],
)
async def test_no_file_runs_that_the_operator_did_not_name(folder: Path, file: str) -> None:
    (folder / "other.py").write_text("raise SystemExit")
    (folder / "link.py").symlink_to(folder / "other.py")
    with pytest.raises(CodeNotAllowed):
        await PythonFiles(folder, ["checks.py"]).run(file, "get_assert", "", {})


async def test_the_code_sees_no_variable_of_ours(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    seen = await run(folder, "environment")
    assert isinstance(seen, dict)
    assert set(seen) <= {"PATH", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "LC_CTYPE"}


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("fails", "ValueError: no such luck (line 11)"),
        ("leaves", "SystemExit: 3"),
        ("vanishes", "ended without a result (exit code 4)"),
        ("odd", "TypeError: Object of type object is not JSON serializable"),
        ("missing", "there is no function missing"),
    ],
)
async def test_a_fault_of_the_code_is_named(folder: Path, function: str, words: str) -> None:
    with pytest.raises(CodeFailed) as raised:
        await run(folder, function)
    assert words in raised.value.detail


async def test_a_file_that_is_broken_or_gone_is_named(folder: Path) -> None:
    runner = PythonFiles(folder, ["broken.py", "gone.py"])
    with pytest.raises(CodeFailed, match="SyntaxError"):
        await runner.run("broken.py", "get_assert", "", {})
    with pytest.raises(CodeFailed, match="There is no file"):
        await runner.run("gone.py", "get_assert", "", {})


@pytest.mark.exhaustive
async def test_cpu_time_and_time_are_bounded(folder: Path) -> None:
    with pytest.raises(CodeFailed, match=r"CPU time|took more"):
        await run(folder, "spins", seconds=0.5)


async def test_a_result_that_is_too_long_is_refused(folder: Path) -> None:
    with pytest.raises(CodeFailed, match="more than 1,000 bytes"):
        await run(folder, "length", "100000", most_bytes=1000)
    assert await run(folder, "length", "900", most_bytes=1000) == "x" * 900


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit memory")
async def test_memory_and_files_are_bounded(folder: Path) -> None:
    with pytest.raises(CodeFailed, match="more memory than it may have"):
        await run(folder, "eats")
    with pytest.raises(CodeFailed):
        await run(folder, "writes", str(folder / "large"))
    assert (folder / "large").stat().st_size <= 10_000_000


async def test_what_the_code_started_ends_with_it(folder: Path) -> None:
    child = await run(folder, "forks")
    assert isinstance(child, int)
    while _runs(child):  # noqa: ASYNC110  (the system ends it)
        await asyncio.sleep(0.01)


async def test_a_call_that_is_cancelled_ends_its_process(folder: Path) -> None:
    (folder / "checks.py").write_text(
        "import os, time\n"
        "def get_assert(output, context):\n"
        "    open('pid.new', 'w').write(str(os.getpid()))\n"
        "    os.rename('pid.new', 'pid')\n"
        "    time.sleep(600)\n"
    )
    call = asyncio.ensure_future(run(folder))
    while not (folder / "pid").exists():  # noqa: ASYNC110  (another process writes it)
        await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not _runs(int((folder / "pid").read_text()))


def _runs(process: int) -> bool:
    """Whether the process runs; one that is dead and waits for its parent does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
async def test_no_environment_of_another_process_can_be_read(folder: Path) -> None:
    keyed = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "input()"),
        stdin=asyncio.subprocess.PIPE,
        env={"OPENAI_API_KEY": "sk-planted-9c1d"},
    )
    try:
        held = await asyncio.to_thread(Path(f"/proc/{keyed.pid}/environ").read_bytes)
        found = await run(folder, "environments")
    finally:
        keyed.kill()
        await keyed.wait()
    assert b"sk-planted" in held
    assert found == []
