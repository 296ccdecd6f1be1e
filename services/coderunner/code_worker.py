"""The process that calls one function of a Python file, within limits, and prints its result.

`python_files.py` starts it as `python -I code_worker.py` with a JSON request on standard input. It
writes one line, `{"result": …}` or `{"error": …}`, and what the code prints goes nowhere. It imports
the standard library alone.
"""

import asyncio
import ctypes
import importlib.util
import inspect
import json
import math
import os
import struct
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

_LONGEST_ERROR = 500
_LARGEST_FILE = 10_000_000  # bytes that the code may write to one file

# From linux/landlock.h and linux/prctl.h; the numbers of the calls are the same on every architecture.
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_PATH_BENEATH, _READ_FILE = 1, 1 << 2
_NO_NEW_PRIVILEGES = 38


def main() -> None:
    """Answers the request."""
    # What the code prints must not be taken for the answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    request = json.load(sys.stdin)
    bound(request["seconds"], request["memory_bytes"])
    leave_others_alone()
    try:
        answer = json.dumps({"result": call(request)})
    except MemoryError:
        answer = json.dumps({"error": "it needs more memory than it may have"})
    except BaseException as error:  # noqa: BLE001  (also SystemExit: it is the code's, not ours)
        answer = json.dumps({"error": described(error, request["file"])})
    answers.write(answer + "\n")
    answers.flush()
    os._exit(0)  # no thread or exit handler of the code delays the end


def bound(seconds: float, memory_bytes: int) -> None:
    """Sets the limits of this process and of those that it starts. No effect on Windows."""
    if sys.platform == "win32":
        return
    import resource

    limits = {
        resource.RLIMIT_CPU: math.ceil(seconds),
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: _LARGEST_FILE,
    }
    if sys.platform == "linux":
        limits[resource.RLIMIT_AS] = memory_bytes
    for which, wanted in limits.items():
        _, hard = resource.getrlimit(which)
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        # One more second of CPU, so that the signal that names the cause comes before the kill.
        more = 1 if which == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else 0
        resource.setrlimit(which, (limit, limit + more))


def leave_others_alone() -> None:
    """Closes the way to other processes, whose environments in /proc hold keys (Linux 5.13 and later).

    In this Landlock domain every file is readable but those of other processes, also to root, and no
    process outside of it can be traced.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    handled = ctypes.c_uint64(_READ_FILE)
    domain = libc.syscall(_LANDLOCK_CREATE, ctypes.byref(handled), ctypes.sizeof(handled), 0)
    if domain < 0:  # an older kernel, or one without it
        return
    readable = [each for each in Path("/").iterdir() if each.name != "proc"]
    readable += [
        each for each in Path("/proc").iterdir() if not each.name.isdigit() and each.name != "kcore"
    ]
    for path in readable:
        try:
            place = os.open(path, os.O_PATH)
        except OSError:  # a dangling link
            continue
        rule = struct.pack("=Qi", _READ_FILE, place)
        libc.syscall(_LANDLOCK_ADD, domain, _PATH_BENEATH, rule, 0)
        os.close(place)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if libc.syscall(_LANDLOCK_RESTRICT, domain, 0) != 0:
        raise OSError(ctypes.get_errno(), "the process cannot be kept from others")
    os.close(domain)


def call(request: dict[str, Any]) -> object:
    """Returns the result of the function. Raises what it raises."""
    module = load(request["file"])
    function = getattr(module, request["function"], None)
    if function is None:
        raise LookupError(f"there is no function {request['function']}")
    result: Any = function(request["output"], request["context"])
    return asyncio.run(result) if inspect.iscoroutine(result) else result


def load(file: str) -> ModuleType:
    """Imports the file; its neighbours can be imported too."""
    sys.path.append(str(Path(file).parent))
    spec = importlib.util.spec_from_file_location("checks", file)
    if spec is None or spec.loader is None:
        raise ImportError("it is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules["checks"] = module
    spec.loader.exec_module(module)
    return module


def described(error: BaseException, file: str) -> str:
    """Returns the kind of an error, its words, and the line of the file that it came from."""
    lines = [
        each.lineno for each in traceback.extract_tb(error.__traceback__) if each.filename == file
    ]
    place = f" (line {lines[-1]})" if lines else ""
    return f"{type(error).__name__}: {error}"[:_LONGEST_ERROR] + place


if __name__ == "__main__":
    main()
