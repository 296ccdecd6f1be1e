"""Makes a contestant of a function that proposes edits.

Promises: no call of a model, no cost, and the same edits for the same table. The function works in a
thread of its own, so that a big table does not hold up what else runs.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from use_cases.benchmark.model import Edit, Table, TableSchema
from use_cases.benchmark.ports import Cleaning, CleaningRequest


@dataclass(frozen=True, slots=True)
class RuleContestant:
    """A contestant without a model. `description` is one line for lists of contestants."""

    name: str
    description: str
    propose: Callable[[Table, TableSchema], Sequence[Edit]]

    async def clean(self, request: CleaningRequest) -> Cleaning:
        """Propose the edits of the rule."""
        edits = await asyncio.to_thread(self.propose, request.dirty, request.schema)
        return Cleaning(edits=edits, input_tokens=0, output_tokens=0, cost=Decimal(0))
