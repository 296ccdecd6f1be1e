"""The machine a measurement was made on, as its table states it."""

import os
import platform
from pathlib import Path


def machine() -> str:
    """Processor, cores, load of the last 1, 5 and 15 minutes, Python."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    python = platform.python_version()
    return f"{_processor()}, {os.cpu_count()} cores, load {load}, Python {python}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
