"""Makes a contestant of a function that proposes edits.

Promises: no call of a model, no cost, and the same edits for the same table. The function works in a
thread of its own, so that a big table does not hold up what else runs. A cancelled one is not waited for,
nor is its thread when the process ends, so that Ctrl-C ends a long computation at once.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from decimal import Decimal
from threading import Thread

from use_cases.benchmark.model import Edit, Table, TableSchema
from use_cases.benchmark.ports import Cleaning, CleaningRequest


@dataclass(frozen=True, slots=True)
class RuleContestant:
    """A contestant without a model. `description` is one line for lists of contestants.

    `unsearched` says, in a sentence, what it does not look at in a table; empty for nothing.
    """

    name: str
    description: str
    propose: Callable[[Table, TableSchema], Sequence[Edit]]
    unsearched: Callable[[Table], str] = lambda _: ""

    async def clean(self, request: CleaningRequest) -> Cleaning:
        """Propose the edits of the rule."""
        found = Future[tuple[Sequence[Edit], str]]()
        Thread(target=self._find, args=(request, found), name=self.name, daemon=True).start()
        edits, unsearched = await asyncio.wrap_future(found)
        return Cleaning(
            edits=edits, notice=unsearched, input_tokens=0, output_tokens=0, cost=Decimal(0)
        )

    def _find(self, request: CleaningRequest, found: Future[tuple[Sequence[Edit], str]]) -> None:
        found.set_running_or_notify_cancel()
        try:
            edits = self.propose(request.dirty, request.schema)
            found.set_result((edits, self.unsearched(request.dirty)))
        except Exception as error:  # noqa: BLE001  (raised where the edits are awaited)
            found.set_exception(error)
