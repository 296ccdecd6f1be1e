"""Calibrates the judges of a run by the labels of people.

Promises: the figures are computed from the run's answers and the labels in force, and from nothing
else. Leaves to others: the statistics (`calibration`), the labels (`label_answers`).
"""

from collections.abc import Sequence

from use_cases.kernel.model import Caller
from use_cases.playground.evaluations.manage_evaluations import ManageEvaluations
from use_cases.playground.labelling.calibration import Calibrating, JudgeCalibration
from use_cases.playground.labelling.judged_answers import judged_answers
from use_cases.playground.ports import Labels


class CalibrateJudges:
    """Judges beside people."""

    def __init__(self, *, manage_evaluations: ManageEvaluations, labels: Labels) -> None:
        self._evaluations = manage_evaluations
        self._labels = labels

    async def run(self, caller: Caller, run_id: str) -> Sequence[JudgeCalibration]:
        """Return the calibration of each judge of a run and metric. Raises `JobNotFound`."""
        await self._evaluations.show(caller, run_id)
        calibrating = Calibrating(await self._labels.in_force(run_id))
        async for placed in self._evaluations.placed_cells(caller, run_id):
            for answer in judged_answers(placed):
                calibrating.add(answer)
        return calibrating.result()

    async def labelled(self, caller: Caller, run_id: str) -> Sequence[JudgeCalibration]:
        """Return those that have labels, for a report; none where nobody labelled the run."""
        await self._evaluations.show(caller, run_id)
        if not await self._labels.in_force(run_id):
            return ()
        return [each for each in await self.run(caller, run_id) if each.agreement.labels.n]
