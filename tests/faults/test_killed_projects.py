"""The creation of a project whose process is killed: none or one is there, and the next one goes on."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from fastapi import Response

from services.conversation_apis.linear_projects import LinearProjects
from services.store.store import Store
from services.store.stored_project_drafts import SqlProjectDrafts
from services.system import SystemClock, SystemEntropy
from tests.contracts.keeping import ANNA, kept_in, opening, turn
from tests.contracts.test_project_drafts import CHAT, version
from tests.fakes.ids import CountedIds
from tests.services.conversation_apis.stub_linear import KEY, Fault, StubLinear, stub_linear
from tests.templates import migrated_store
from use_cases.conversations.drafts.manage_drafts import CreateProject, ManageProjectDrafts

pytestmark = pytest.mark.anyio


def program(folder: Path, linear: StubLinear) -> subprocess.Popen[str]:
    """`candor conversations project … --create`, begun, with Linear at this address."""
    code = (
        "import sys; from backend.settings.settings import Settings; from backend.cli.program import main;"
        f"Settings.linear_api_url = {linear.address!r}; main()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, "conversations", "project", CHAT, "--create"],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(folder / "var"),
            "LINEAR_ACCESS_KEY": KEY,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("before", "carried_out", "left"),
    [
        pytest.param([], False, 0, marks=pytest.mark.exhaustive, id="as the team is asked for"),
        pytest.param([None], False, 0, marks=pytest.mark.exhaustive, id="before it is created"),
        pytest.param([None], True, 1, id="after it was created"),
    ],
)
async def test_a_killed_creation_goes_on_with_the_same_project(
    tmp_path: Path, before: Sequence[None], carried_out: bool, left: int
) -> None:
    store = Store(migrated_store(tmp_path / "var" / "candor.sqlite"))
    await turn(kept_in(store), opening("1", text="How often?"))
    drafts = SqlProjectDrafts(store)
    await drafts.save(ANNA, version("1"), await drafts.conversation(ANNA, CHAT))
    with stub_linear() as linear:
        running: list[subprocess.Popen[str]] = []

        def kill() -> Response:
            running[0].kill()
            return Response(status_code=502)

        linear.fail(*before, Fault(kill, carried_out=carried_out))
        running.append(program(tmp_path, linear))
        running[0].communicate()
        assert running[0].returncode == -signal.SIGKILL
        assert len(linear.projects) == left
        begun = await drafts.project(ANNA, CHAT)
        assert begun is not None
        assert (begun.state, begun.url) == ("creating", None)
        clock, projects = (
            SystemClock(),
            LinearProjects(KEY, None, SystemClock(), url=linear.address),
        )
        create = CreateProject(
            drafts=drafts,
            manage_drafts=ManageProjectDrafts(drafts=drafts, clock=clock, ids=CountedIds()),
            tracker=projects,
            clock=clock,
            entropy=SystemEntropy(),
        )
        assert (await create.run(ANNA, CHAT)).state == "created"
        assert list(linear.projects) == [begun.project_id]
        await projects.close()
    found = await drafts.project(ANNA, CHAT)
    assert found is not None
    assert found.url == linear.projects[begun.project_id]["url"]
    assert (await drafts.conversation(ANNA, CHAT)).locked_at is not None
    await store.close()
