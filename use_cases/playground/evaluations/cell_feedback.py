"""People's verdicts on cells of a run; where a model judged the same output, they calibrate that judge.

Promises: a verdict belongs to the output that was seen, and ends with it; a person's later verdict on an
answer replaces the earlier one. Leaves to others: the statistics (`judge_calibration.py`).
"""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from use_cases.kernel.model import Caller, require_limit
from use_cases.kernel.ports import Clock
from use_cases.kernel.text.plain_text import storable
from use_cases.playground.errors import CellFeedbackInvalid, NothingJudged
from use_cases.playground.evaluations.judge_calibration import (
    Calibrating,
    JudgeCalibration,
    JudgedAnswer,
    criterion_of,
    draw_sample,
    judged_answers,
)
from use_cases.playground.evaluations.manage_evaluations import ManageEvaluations, PlacedCell
from use_cases.playground.model import Case, Cell, CellFeedback
from use_cases.playground.ports import CellFeedbacks

_MOST_DRAWN = 1000
_WHOLE = "output"
"""The name of a verdict on an output as a whole, beside those of assertions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerToJudge:
    """A judged answer as a person sees it, without the judge's verdict. `feedback` is this person's own."""

    place: int
    inputs: Case
    assertion: str
    criterion: str
    output: str
    output_digest: str
    feedback: CellFeedback | None = None


class GiveCellFeedback:
    """Verdicts of people on the cells of a caller's runs."""

    def __init__(
        self,
        *,
        manage_evaluations: ManageEvaluations,
        cell_feedbacks: CellFeedbacks,
        clock: Clock,
    ) -> None:
        self._evaluations = manage_evaluations
        self._feedbacks = cell_feedbacks
        self._clock = clock

    async def give(
        self,
        caller: Caller,
        run_id: str,
        place: int,
        *,
        passed: bool,
        assertion: str = "",
        note: str = "",
        person: str = "",
        output_digest: str = "",
    ) -> CellFeedback:
        """Records a verdict on the cell at a place. Raises `JobNotFound` and `CellFeedbackInvalid`.

        `assertion` `output`, or none where no model judged the cell, is the output as a whole; one judged
        assertion needs no name. `person` is the caller's id where it is empty. With `output_digest` the
        verdict holds for that output alone.
        """
        placed = await self._placed(caller, run_id, place)
        digest = placed.cell.output_digest
        if digest is None:
            raise CellFeedbackInvalid("This result has no output: it ended in an error.")
        meant = _meant([each.assertion for each in judged_answers(placed)], assertion)
        if output_digest not in ("", digest):
            raise CellFeedbackInvalid(
                "Another output has taken the place of the one that was seen."
            )
        feedback = CellFeedback(
            run_id=run_id,
            place=place,
            assertion=meant,
            person=storable(person or caller.user_id),
            passed=passed,
            output_digest=digest,
            created_at=self._clock.now(),
            note=storable(note),
        )
        await self._feedbacks.keep(feedback)
        return feedback

    async def given(self, caller: Caller, run_id: str) -> Sequence[CellFeedback]:
        """Returns all verdicts on a run, in the order of its cells. Raises `JobNotFound`."""
        await self._evaluations.show(caller, run_id)
        return await self._feedbacks.of_run(run_id)

    async def sample(
        self,
        caller: Caller,
        run_id: str,
        *,
        person: str = "",
        assertion: str | None = None,
        size: int = 50,
        seed: int = 0,
    ) -> Sequence[AnswerToJudge]:
        """Draws answers, half of them passed by the judge, half failed, in an order by chance.

        The same seed draws the same ones, so that a person can go on later. Raises `JobNotFound`, and
        `NothingJudged` where no model has judged any.
        """
        require_limit(size, _MOST_DRAWN)
        run = await self._evaluations.show(caller, run_id)
        found: list[JudgedAnswer] = []
        async for placed in self._evaluations.placed_cells(caller, run_id):
            found += judged_answers(placed)
        wanted = [each for each in found if assertion in (None, each.assertion, each.metric)]
        if not wanted:
            raise NothingJudged(_nothing(run_id, assertion, found))
        chosen = draw_sample(wanted, size, seed)
        cells = await self._cells(caller, run_id, {each.place for each in chosen})
        there = {
            (each.place, each.assertion, each.output_digest): each
            for each in await self._feedbacks.of_run(run_id)
            if each.person == (person or caller.user_id)
        }
        shown: list[AnswerToJudge] = []
        for each in chosen:
            if (cell := cells.get(each.place)) is not None:
                inputs = cell.inputs or Case(key=cell.case)
                shown.append(
                    AnswerToJudge(
                        place=each.place,
                        inputs=inputs,
                        assertion=each.assertion,
                        criterion=criterion_of(run.spec.plan, inputs, each.assertion),
                        output=cell.output.text if cell.output else "",
                        output_digest=each.output_digest,
                        feedback=there.get((each.place, each.assertion, each.output_digest)),
                    )
                )
        return shown

    async def calibrations(self, caller: Caller, run_id: str) -> Sequence[JudgeCalibration]:
        """Returns the calibration of each judge of a run and metric. Raises `JobNotFound`."""
        calibrating = Calibrating(await self.given(caller, run_id))
        async for placed in self._evaluations.placed_cells(caller, run_id):
            for answer in judged_answers(placed):
                calibrating.add(answer)
        return calibrating.result()

    async def known_calibrations(self, caller: Caller, run_id: str) -> Sequence[JudgeCalibration]:
        """Returns those that rest on a verdict, for a report; none where nobody gave one."""
        if not await self.given(caller, run_id):
            return ()
        found = await self.calibrations(caller, run_id)
        return [each for each in found if each.agreement.labels.n]

    async def _placed(self, caller: Caller, run_id: str, place: int) -> PlacedCell:
        page = await self._evaluations.cell_page(caller, run_id, after=place - 1, limit=1)
        for placed in page:
            if placed.place == place:
                return placed
        raise CellFeedbackInvalid(f"{run_id} has no result at place {place}.")

    async def _cells(self, caller: Caller, run_id: str, places: set[int]) -> Mapping[int, Cell]:
        found: dict[int, Cell] = {}
        first = min(places) - 1
        async with aclosing(
            self._evaluations.placed_cells(caller, run_id, after=first, inputs=True)
        ) as cells:
            async for placed in cells:
                if placed.place in places:
                    found[placed.place] = placed.cell
                if len(found) == len(places):
                    break
        return found


def _meant(judged: Sequence[str], assertion: str) -> str:
    """Returns the one of the judged assertions that is meant, or the whole."""
    if not assertion and len(judged) < 2:
        return judged[0] if judged else _WHOLE
    if assertion not in (_WHOLE, *judged):
        names = ", ".join([*judged, _WHOLE])
        raise CellFeedbackInvalid(f"The assertion is one of {names}, not {assertion[:60]!r}.")
    return assertion


def _nothing(run_id: str, assertion: str | None, found: Sequence[JudgedAnswer]) -> str:
    names = sorted({each.assertion for each in found})
    if assertion is None or not names:
        return f"No model has judged an answer of {run_id}."
    return (
        f"No model has judged an answer of {run_id} by {assertion!r}; there is {', '.join(names)}."
    )
