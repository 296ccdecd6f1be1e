"""Compares two runs, such as yesterday's with today's: variants of one name, over the cases of both.

Promises: cases are paired by their identity, also where the dataset has changed; errors and unchecked
cells are in no rate, and repeats of a case count as one case.
"""

from collections.abc import Sequence

from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import Caller
from use_cases.kernel.statistics.paired_comparison import PairedItem
from use_cases.playground.evaluations.manage_evaluations import ManageEvaluations
from use_cases.playground.evaluations.summarise import judged
from use_cases.playground.model import Cell, Comparison, Verdict

_RATES = {Verdict.PASSED: 1.0, Verdict.FAILED: 0.0}


class CompareRuns:
    """Compares runs."""

    def __init__(self, *, manage_evaluations: ManageEvaluations) -> None:
        self._evaluations = manage_evaluations

    async def run(self, caller: Caller, before: str, after: str) -> Sequence[Comparison]:
        """Returns the comparison of each variant that both runs have, `before` as the baseline.

        Two runs of one variant each are compared whatever the names. Raises `JobNotFound`, and
        `InvalidInput` where the runs have no variant in common.
        """
        old, new = await self._rates(caller, before), await self._rates(caller, after)
        pairs = [(name, name) for name in old if name in new]
        if not pairs and len(old) == len(new) == 1:
            pairs = [(next(iter(old)), next(iter(new)))]
        if not pairs:
            raise InvalidInput(
                f"The runs have no variant in common: {', '.join(old)}; {', '.join(new)}.",
                hint="Compare runs of one evaluation.",
            )
        found: list[Comparison] = []
        for one, other in pairs:
            both = [case for case in old[one] if case in new[other]]
            items = [PairedItem(old[one][case], new[other][case]) for case in both]
            found.append(judged(f"{other} of {after}", f"{one} of {before}", "", items, len(pairs)))
        return found

    async def _rates(
        self, caller: Caller, run_id: str
    ) -> dict[str, dict[str, tuple[float | None, ...]]]:
        """Returns the results of a run's cells by variant and case."""
        run = await self._evaluations.show(caller, run_id)
        found: dict[str, dict[str, tuple[float | None, ...]]] = {
            each.name: {} for each in run.spec.plan.variants
        }
        async for cell in self._evaluations.cells(caller, run_id, inputs=False):
            if cell.grade is None or cell.grade.verdict is not Verdict.UNCHECKED:
                cases = found[cell.variant]
                cases[cell.case] = (*cases.get(cell.case, ()), _rate(cell))
        return found


def _rate(cell: Cell) -> float | None:
    return None if cell.grade is None else _RATES.get(cell.grade.verdict)
