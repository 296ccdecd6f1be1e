"""Looks at everything Candor needs, one check at a time, and says what to do about what is wrong.

Promises: a check never raises, and changes nothing but building the embedding graph, which the
first search would do too. It may take seconds. No provider is asked anything unless `online` is
said. What a running server can tell in milliseconds is `backend/doctor/health.py`.
"""

from collections.abc import AsyncGenerator

from backend.composition.container import Container
from backend.doctor import databases, machine, profiles, providers
from backend.doctor.findings import Check, Finding, Level, Look, broken
from backend.doctor.repair_hints import remedy
from use_cases.kernel.errors import CandorError, StorageDamaged

_CHECKS: tuple[tuple[str, Look], ...] = (
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
    ("providers", providers.configured),
    ("chat model", providers.model),
    ("reranker", providers.reranker),
    ("profiles", profiles.profiles),
    ("samples", machine.samples),
)


async def examine(candor: Container, *, online: bool = False) -> AsyncGenerator[Check, None]:
    """Every check, as it is done; with `online` each configured provider is asked, too."""
    for name, look in _CHECKS:
        try:
            finding = await look(candor)
        except StorageDamaged as error:
            hint = remedy(error.file, candor.settings) if error.file else error.hint
            finding = Finding(Level.FAIL, f"{error.code}: {error.detail}", hint)
        except CandorError as error:
            finding = Finding(Level.FAIL, f"{error.code}: {error.detail}", error.hint)
        except Exception as error:  # noqa: BLE001  (a doctor goes on whatever is broken)
            finding = broken(name, error)
        yield Check(name, finding)
    if not online:
        return
    try:
        async for check in providers.online(candor):
            yield check
    except CandorError as error:
        yield Check("asked", Finding(Level.FAIL, f"{error.code}: {error.detail}", error.hint))
