"""The memory of a server: its threads share what they have free."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only the GNU library has arenas of threads"
)

_ALLOCATING = """
import ctypes, sys, threading
from backend.processes.scheduling import share_arenas
if sys.argv[1] == "shared":
    share_arenas()
library = ctypes.CDLL(None)
library.fopen.restype = library.malloc.restype = ctypes.c_void_p
library.fclose.argtypes, library.malloc_info.argtypes = [ctypes.c_void_p], [ctypes.c_int, ctypes.c_void_p]
together = threading.Barrier(6)
def allocate():
    library.malloc(10_000)
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(6)]
for each in threads: each.start()
for each in threads: each.join()
file = library.fopen(sys.argv[2].encode(), b"w")
library.malloc_info(0, file)
library.fclose(file)
"""


@pytest.mark.parametrize(("how", "few"), [("shared", True), ("apart", False)])
def test_the_threads_of_a_server_share_two_arenas(how: str, few: bool, tmp_path: Path) -> None:
    found = tmp_path / "arenas.xml"
    subprocess.run([sys.executable, "-c", _ALLOCATING, how, str(found)], check=True)
    arenas = len(re.findall(r"<heap nr=", found.read_text()))
    assert (arenas <= 2) is few, arenas
