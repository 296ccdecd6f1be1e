"""onnxruntime with its telemetry off: the only module that imports it.

From 1.29 on, onnxruntime's own builds report sessions and models to their vendor, and write a
device id and a queue of events into the user's cache folder (docs/Privacy.md in its repository).
Promises: none of this happens, whatever the environment. Leaves to others: the graph and its results
(`local.py`).
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import onnxruntime

Session: TypeAlias = "onnxruntime.InferenceSession"
"""A loaded graph."""


def open_session(graph: Path) -> "Session | None":
    """Open a session on the processor; None when the file is no valid graph."""
    # Before the import, because the library reads the variable once.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as states

    onnxruntime.disable_telemetry_events()  # Windows builds do not read the variable
    options = onnxruntime.SessionOptions()
    # A run stays in its thread: several runs at once use the cores better than several threads in one.
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except (states.Fail, states.InvalidProtobuf, states.InvalidGraph, states.NoSuchFile):
        return None
