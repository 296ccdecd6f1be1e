"""The checks of `candor doctor`, one at a time, with a remedy for each fault.

Promises: a check never raises, and changes nothing but building the embedding graph, which the
first search would do too. It may take seconds. No provider is contacted without `online`. The
checks that take milliseconds are in `backend/doctor/health.py`.
"""

from collections.abc import AsyncGenerator

from backend.composition.container import Container
from backend.doctor import databases, machine, providers
from backend.doctor.findings import Check, CheckFunction, CheckResult, Level, failed_check, remedy
from use_cases.kernel.errors import CandorError, StorageDamaged

_CHECKS: tuple[tuple[str, CheckFunction], ...] = (
    ("python", machine.python),
    ("sqlite", machine.sqlite),
    ("sqlite-vec", machine.vectors),
    ("full text", machine.full_text),
    ("settings", machine.settings),
    ("disk", machine.disk),
    ("embedder", providers.embedder),
    ("knowledge database", databases.knowledge),
    ("index", databases.index),
    ("answers database", databases.answers),
    ("servers", databases.servers),
    ("providers", providers.configured),
    ("chat model", providers.model),
    ("reranker", providers.reranker),
    ("projects", providers.projects),
    ("profiles", machine.profiles),
    ("samples", machine.samples),
)


async def examine(candor: Container, *, online: bool = False) -> AsyncGenerator[Check, None]:
    """Yields every check as it ends; with `online` each configured provider is contacted, too."""
    for name, look in _CHECKS:
        try:
            finding = await look(candor)
        except StorageDamaged as error:
            hint = remedy(error.file, candor.settings) if error.file else error.hint
            finding = CheckResult(Level.FAIL, f"{error.code}: {error.detail}", hint)
        except CandorError as error:
            finding = CheckResult(Level.FAIL, f"{error.code}: {error.detail}", error.hint)
        except Exception as error:  # noqa: BLE001  (a doctor goes on after any fault)
            finding = failed_check(name, error)
        yield Check(name, finding)
    if not online:
        return
    try:
        async for check in providers.online(candor):
            yield check
    except CandorError as error:
        yield Check("asked", CheckResult(Level.FAIL, f"{error.code}: {error.detail}", error.hint))
