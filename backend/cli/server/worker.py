"""`candor worker`: do the work beside the requests, on this machine or another one."""

import signal
from typing import Annotated

import anyio
import typer
from loguru import logger

from backend.cli.command_run import CommandApp
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.processes.beside_requests import QUEUES, work
from use_cases.kernel.errors import InvalidInput

app = CommandApp()


@app.add(
    None,
    "candor worker",
    "candor worker --queues evaluation,benchmark",
    "INLINE_WORKER=off candor serve",
    json=False,
)
async def serve_work(
    candor: Container,
    queues: Annotated[
        str | None,
        typer.Option(
            "--queues",
            help=f"Only work of these sorts, separated by commas: {', '.join(QUEUES)}. Unset: all.",
        ),
    ] = None,
) -> ExitCode:
    """Do the work that servers leave to be done: evaluations, vectors, sweeps.

    It works on evaluations, benchmark runs and summaries, adds the vectors of documents, looks outcomes up,
    and sweeps files. As many processes as you like do it, each with the settings of the server. On PostgreSQL they may run on
    any machine, are told at once, and share the items of one run. What a killed one had in hand, another one
    takes up within ten seconds. It ends at SIGTERM and Ctrl-C; what it had in hand goes on elsewhere.
    """
    named = None if queues is None else [each.strip() for each in queues.split(",")]
    for name in named or ():
        if name not in QUEUES:
            raise InvalidInput(
                f"There is no queue {name!r}.", hint=f"Queues are {', '.join(QUEUES)}."
            )
    _ = candor.spread_work  # what is missing is said here, and not by a group of tasks
    await candor.open_store()
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with anyio.create_task_group() as group:
            group.start_soon(work, candor, named)
            logger.info("working on {}", ", ".join(named or QUEUES))
            async for _ in signals:
                break
            group.cancel_scope.cancel()
    return ExitCode.DONE
