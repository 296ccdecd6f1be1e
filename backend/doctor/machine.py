"""Checks of Python, SQLite and its extensions, the settings file, the disk, the samples and the profiles."""

import os
import shutil
import sys
from importlib.metadata import version

import apsw

from backend.composition.container import Container
from backend.doctor.databases import connect_with_vectors
from backend.doctor.findings import CheckResult, Level
from backend.installation import samples as shipped
from backend.settings.group import MEGABYTE
from backend.settings.settings import names_in_env_file
from use_cases.advice.errors import ProfileBroken

_OLDEST_PYTHON = (3, 11)
_LITTLE_SPACE = 1024 * MEGABYTE
_NO_SPACE = 100 * MEGABYTE


async def python(_: Container) -> CheckResult:
    """Checks the version of Python."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return CheckResult(Level.FAIL, found, "Install Python 3.11 or newer.")
    return CheckResult(Level.OK, found)


async def sqlite(_: Container) -> CheckResult:
    """Reports the SQLite version of the knowledge database."""
    return CheckResult(Level.OK, f"{apsw.sqlite_lib_version()} (apsw {apsw.apsw_version()})")


async def vectors(_: Container) -> CheckResult:
    """Checks that the vector extension loads."""
    connect_with_vectors(":memory:").close()
    return CheckResult(Level.OK, f"{version('sqlite-vec')} loads")


async def full_text(_: Container) -> CheckResult:
    """Checks that SQLite has full text search."""
    if "ENABLE_FTS5" not in apsw.compile_options:
        return CheckResult(Level.FAIL, "SQLite has no FTS5", "Install apsw from its wheel.")
    return CheckResult(Level.OK, "FTS5")


async def settings(candor: Container) -> CheckResult:
    """Checks that `.env` contains only known settings."""
    known = {name.upper() for name in type(candor.settings).model_fields}
    unknown = sorted(names_in_env_file() - known)
    if unknown:
        return CheckResult(
            Level.WARN,
            f"unknown settings in .env: {', '.join(unknown)}",
            "Compare with .env.example; unknown names have no effect.",
        )
    return CheckResult(Level.OK, f"data in {candor.settings.data_path.absolute()}")


async def disk(candor: Container) -> CheckResult:
    """Checks the free space, and the permission to write."""
    folder = candor.settings.data_path.absolute()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not os.access(there, os.W_OK):
        return CheckResult(Level.FAIL, f"{there} cannot be written", "Check its permissions.")
    free = shutil.disk_usage(there).free
    level = Level.FAIL if free < _NO_SPACE else Level.WARN if free < _LITTLE_SPACE else Level.OK
    hint = "" if level is Level.OK else "Free some space."
    return CheckResult(level, f"{free / MEGABYTE / 1024:.1f} GiB free under {there}", hint)


async def samples(_: Container) -> CheckResult:
    """Reports the place of the samples."""
    return CheckResult(Level.OK, f"{shipped()}; `candor samples` copies them")


_MOST_NAMED = 3


async def profiles(candor: Container) -> CheckResult:
    """Checks that each profile file can be read; its queries are not run."""
    names = candor.advice.read_profiles.names()
    wrong = [f"{name}: {reason}" for name, reason in candor.advice.read_profiles.unusable().items()]
    for name in names:
        try:
            candor.advice.read_profiles.show(name)
        except ProfileBroken as broken:
            wrong.append(broken.detail)
    if wrong:
        more = f" And {len(wrong) - _MOST_NAMED} more." if len(wrong) > _MOST_NAMED else ""
        hint = "Correct PROFILES_PATH or the files; `candor profiles` lists them."
        return CheckResult(Level.WARN, " ".join(wrong[:_MOST_NAMED]) + more, hint)
    candor.advice.read_profiles.show()  # the default must be one of them
    return CheckResult(Level.OK, f"{len(names)}: {', '.join(names)}")
