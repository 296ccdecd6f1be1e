"""A summary whose process is killed: the next one asks only for what is missing."""

from pathlib import Path

import pytest

from tests.contracts.keeping import ANNA
from tests.faults.parts import run_program
from tests.use_cases.conversations.test_summarise import LONG, MODEL, desk
from tests.use_cases.playground.evaluations.evaluating import AnsweringModels
from use_cases.kernel.jobs.model import JobState

pytestmark = pytest.mark.anyio


@pytest.mark.exhaustive
async def test_a_killed_summary_goes_on_with_the_parts_it_has(tmp_path: Path) -> None:
    models = AnsweringModels({MODEL: lambda text: "All."})
    async with desk(tmp_path, models) as summaries:
        chat_id = await summaries.stored(LONG, "m3")
        run_id = (await summaries.summarise.create(ANNA, chat_id, queued=True)).job_id
        run_program("killed_summary", tmp_path, run_id)
        summaries.clock.move(10)  # its lease is over
        [job] = await summaries.summarise.abandoned()
        assert (job.job_id, job.state) == (run_id, JobState.INTERRUPTED)
        assert (await summaries.summarise.summary(ANNA, chat_id))[0].shown == ""
        ended = await summaries.summarise.run(ANNA, run_id)
        assert ended.state is JobState.COMPLETED
        assert (await summaries.summarise.summary(ANNA, chat_id))[0].shown == "All."
    [(_, asked)] = models.asked
    assert asked.count("summary: A part.") == 4
