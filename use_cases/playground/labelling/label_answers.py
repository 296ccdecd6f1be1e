"""Labels of judged answers, one noun: answers to label, labels to store and to read.

Promises: a person who labels sees input, output and criterion, and never the judge's verdict, because
it is not in what a door is given; a label belongs to the output that was seen, and ends with it. A
person's later label of an answer replaces the earlier one, which stays as history.
Leaves to others: what follows from the labels (`calibrate_judges`).
"""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page, require_limit
from use_cases.kernel.ports import Clock, Ids
from use_cases.kernel.text.storable_text import storable
from use_cases.kernel.text.value_text import value_text
from use_cases.playground.errors import LabelsInvalid, NothingJudged
from use_cases.playground.evaluations.manage_evaluations import ManageEvaluations
from use_cases.playground.labelling.judged_answers import (
    JudgedAnswer,
    criterion_of,
    draw_sample,
    judged_answers,
)
from use_cases.playground.labelling.label_records import COLUMNS, GivenLabel, read_label
from use_cases.playground.model import Case, Cell, EvalRun, Label
from use_cases.playground.ports import EvalFiles, ItemError, LabelFile, Labels

_MOST_DRAWN = 1000
_MOST_ERRORS = 100
_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerToLabel:
    """An answer as a person labels it. `label` is the one that this person gave it before."""

    place: int
    inputs: Case
    variant: str
    repeat: int
    assertion: str
    criterion: str
    output: str
    output_digest: str
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class LabelReport:
    """What came of given labels: how many are stored, how many are wrong, and the first of these."""

    stored: int
    errors: int
    first_errors: Sequence[ItemError]


class LabelAnswers:
    """The labels of a caller's runs."""

    def __init__(
        self,
        *,
        manage_evaluations: ManageEvaluations,
        labels: Labels,
        eval_files: EvalFiles,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._evaluations = manage_evaluations
        self._labels = labels
        self._files = eval_files
        self._clock = clock
        self._ids = ids

    async def sample(
        self,
        caller: Caller,
        run_id: str,
        *,
        labeller: str = "",
        assertion: str | None = None,
        size: int = 50,
        seed: int = 0,
    ) -> Sequence[AnswerToLabel]:
        """Answers to label, half of them passed by the judge, half failed, in an order by chance.

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
            for each in await self._labels.in_force(run_id)
            if each.labeller == (labeller or caller.user_id)
        }
        return [
            _shown(each, cells[each.place], run, there) for each in chosen if each.place in cells
        ]

    async def template(
        self,
        caller: Caller,
        run_id: str,
        *,
        labeller: str = "",
        assertion: str | None = None,
        size: int = 50,
        seed: int = 0,
    ) -> AsyncGenerator[bytes]:
        """Write the same answers as a CSV file to fill in, of which no cell is a formula."""
        found = await self.sample(
            caller, run_id, labeller=labeller, assertion=assertion, size=size, seed=seed
        )
        for line in self._files.table([COLUMNS, *map(_row, found)]):
            yield line

    def read(self, file: LabelFile) -> Iterable[GivenLabel | ItemError]:
        """Yield the labels of a file, and its faulty lines. Raises `DatasetUnreadable`."""
        for line, record in self._files.records(file.name, file.content):
            if isinstance(record, ItemError):
                yield record
                continue
            label = read_label(line, record)
            if label is not None:
                yield ItemError(line, label) if isinstance(label, str) else label

    async def put(
        self,
        caller: Caller,
        run_id: str,
        given: Iterable[GivenLabel | ItemError],
        *,
        labeller: str = "",
        partly: bool = False,
    ) -> LabelReport:
        """Store labels; those that name nobody are by `labeller`, or else by the caller.

        With `partly` the wrong ones are reported and the others stored. Raises `JobNotFound`, and
        `LabelsInvalid`, which names the first wrong ones, without it.
        """
        run = await self._evaluations.show(caller, run_id)
        every = list(given)
        errors = [each for each in every if isinstance(each, ItemError)]
        labels = [each for each in every if not isinstance(each, ItemError)]
        found = await self._answers(caller, run, labels)
        stored: dict[tuple[int, str, str], Label] = {}
        for each in labels:
            label = self._label(run, each, found, labeller or caller.user_id)
            if isinstance(label, str):
                errors.append(ItemError(each.line, label))
                continue
            key = (label.place, label.assertion, label.labeller)
            if key in stored:
                errors.append(ItemError(each.line, "the same answer was labelled before it."))
            else:
                stored[key] = label
        errors.sort(key=lambda error: error.line)
        if errors and not partly:
            named = " ".join(f"{each.line}: {each.message}" for each in errors[:_NAMED])
            raise LabelsInvalid(f"{len(errors)} of {len(every)} labels are wrong. {named}")
        if stored:
            await self._labels.put(list(stored.values()))
        return LabelReport(len(stored), len(errors), errors[:_MOST_ERRORS])

    async def list(
        self,
        caller: Caller,
        run_id: str,
        *,
        limit: int = 100,
        before: str | None = None,
        replaced: bool = False,
    ) -> Page[Label]:
        """Labels, the newest first; with `replaced` also those that later ones replaced.

        Raises `JobNotFound`, and `LabelNotFound` for `before`.
        """
        require_limit(limit, 1000)
        await self._evaluations.show(caller, run_id)
        return await self._labels.labels(
            caller, run_id, limit=limit, before=before, replaced=replaced
        )

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

    async def _answers(
        self, caller: Caller, run: EvalRun, given: Sequence[GivenLabel]
    ) -> Mapping[object, Sequence[JudgedAnswer]]:
        """The judged answers of the cells that are named, by place or by case, variant and repeat."""
        wanted = {_address(each, run) for each in given}
        places = [each for each in wanted if isinstance(each, int)]
        only = len(places) == len(wanted)  # so that a few are found without reading all
        found: dict[object, Sequence[JudgedAnswer]] = {}
        if not wanted:
            return found
        after = min(places) - 1 if only else -1
        async with aclosing(
            self._evaluations.placed_cells(caller, run.job_id, after=after)
        ) as cells:
            async for placed in cells:
                cell = placed.cell
                for address in (placed.place, (cell.case, cell.variant, cell.repeat)):
                    if address in wanted:
                        found[address] = list(judged_answers(placed))
                if len(found) == len(wanted) or (only and placed.place >= max(places)):
                    break
        return found

    def _label(
        self,
        run: EvalRun,
        given: GivenLabel,
        found: Mapping[object, Sequence[JudgedAnswer]],
        labeller: str,
    ) -> Label | str:
        answers = found.get(_address(given, run))
        if answers is None:
            return "the run has no such result."
        if not answers:
            return "no model has judged this result."
        fitting = [each for each in answers if given.assertion in ("", each.assertion)]
        if len(fitting) != 1:
            names = ", ".join(each.assertion for each in answers)
            return f"the assertion is one of {names}, not {given.assertion[:60]!r}."
        answer = fitting[0]
        if given.output_digest and given.output_digest != answer.output_digest:
            return "another output has taken the place of the one that was labelled."
        return Label(
            label_id=self._ids.new("label"),
            run_id=run.job_id,
            user_id=run.user_id,
            place=answer.place,
            case=answer.case,
            variant=answer.variant,
            repeat=answer.repeat,
            assertion=answer.assertion,
            labeller=storable(given.labeller or labeller),
            passed=given.passed,
            output_digest=answer.output_digest,
            created_at=self._clock.now(),
            note=storable(given.note),
        )


def _address(given: GivenLabel, run: EvalRun) -> object:
    if given.place is not None:
        return given.place
    variants = run.spec.plan.variants
    only = variants[0].name if len(variants) == 1 else ""
    return given.case, given.variant or only, given.repeat


def _shown(
    answer: JudgedAnswer,
    cell: Cell,
    run: EvalRun,
    labels: Mapping[tuple[int, str, str], Label],
) -> AnswerToLabel:
    inputs = cell.inputs or Case(key=cell.case)
    return AnswerToLabel(
        place=answer.place,
        inputs=inputs,
        variant=answer.variant,
        repeat=answer.repeat,
        assertion=answer.assertion,
        criterion=criterion_of(run.spec.plan, inputs, answer.assertion),
        output=cell.output.text if cell.output else "",
        output_digest=answer.output_digest,
        label=labels.get((answer.place, answer.assertion, answer.output_digest)),
    )


def _row(answer: AnswerToLabel) -> Sequence[str]:
    label = answer.label
    return (
        str(answer.place),
        answer.inputs.key,
        answer.variant,
        str(answer.repeat),
        answer.assertion,
        "\n".join(
            f"{name}: {value_text(value)}" for name, value in answer.inputs.variables.items()
        ),
        answer.output,
        answer.criterion,
        "" if label is None else "pass" if label.passed else "fail",
        "" if label is None else label.note,
        answer.output_digest,
    )


def _nothing(run_id: str, assertion: str | None, found: Sequence[JudgedAnswer]) -> str:
    names = sorted({each.assertion for each in found})
    if assertion is None or not names:
        return f"No model has judged an answer of {run_id}."
    return (
        f"No model has judged an answer of {run_id} by {assertion!r}; there is {', '.join(names)}."
    )
