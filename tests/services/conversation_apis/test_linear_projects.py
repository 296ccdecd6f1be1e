"""Projects at Linear, at the wire: what is sent, and what is made of each answer."""

from collections.abc import AsyncGenerator, Generator

import pytest
from fastapi import Response

from services.conversation_apis.linear_projects import LinearProjects
from tests.fakes.clock import FixedClock
from tests.services.conversation_apis.stub_linear import (
    KEY,
    Fault,
    StubLinear,
    failure,
    stub_linear,
)
from use_cases.conversations.drafts.model import DraftContent, TrackedProject
from use_cases.conversations.errors import (
    LinearKeyRejected,
    LinearRefused,
    LinearTeamNotFound,
)
from use_cases.kernel.errors import CandorError, RateLimited, UpstreamFailed, UpstreamTimeout

pytestmark = pytest.mark.anyio

ID = "2b1f7a52-9a37-4c0e-9c33-6a8f5f2f6b10"
CONTENT = DraftContent("Rotation of keys", "# Why\n\n- 你好, and “quotes”")
CREATED = TrackedProject(*CONTENT, "https://linear.app/acme/project/2b1f7a52")


@pytest.fixture(scope="module")
def server() -> Generator[StubLinear]:
    with stub_linear() as stub:
        yield stub


@pytest.fixture
def linear(server: StubLinear) -> StubLinear:
    """The server, as it is at first."""
    server.__dict__.update(StubLinear(server.address).__dict__)
    return server


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
async def projects(linear: StubLinear, clock: FixedClock) -> AsyncGenerator[LinearProjects]:
    made = LinearProjects(KEY, "eng", clock, url=linear.address)
    yield made
    await made.close()


async def test_a_project_is_created_under_its_id_in_the_team(
    projects: LinearProjects, linear: StubLinear
) -> None:
    assert await projects.find(ID) is None
    assert await projects.create(ID, CONTENT) == CREATED
    assert await projects.find(ID) == CREATED
    assert linear.asked == ["Projects", "Teams", "CreateProject", "Projects"]
    assert list(linear.projects) == [ID]
    assert linear.refused == []  # the queries are those of the schema


async def test_a_second_creation_with_the_same_id_is_refused(projects: LinearProjects) -> None:
    await projects.create(ID, CONTENT)
    with pytest.raises(LinearRefused, match="already exists"):
        await projects.create(ID, DraftContent("Other", "Text"))
    assert await projects.find(ID) == CREATED


async def test_the_place_is_the_team_with_its_key(
    projects: LinearProjects, linear: StubLinear
) -> None:
    assert await projects.place() == "Linear, team ENG"
    assert linear.asked == ["Teams"]


async def test_the_only_team_needs_no_key(linear: StubLinear, clock: FixedClock) -> None:
    projects = LinearProjects(KEY, None, clock, url=linear.address)
    assert await projects.create(ID, CONTENT) == CREATED
    linear.teams = (*linear.teams, {"id": "team-2", "key": "OPS", "name": "Operations"})
    with pytest.raises(LinearTeamNotFound, match="there are: ENG, OPS"):
        await projects.create(ID, CONTENT)
    await projects.close()


async def test_a_team_that_is_not_there_is_named(linear: StubLinear, clock: FixedClock) -> None:
    projects = LinearProjects(KEY, "HR", clock, url=linear.address)
    with pytest.raises(LinearTeamNotFound, match="'HR'"):
        await projects.create(ID, CONTENT)
    assert linear.projects == {}
    await projects.close()


async def test_a_wrong_key_is_said_and_never_shown(linear: StubLinear, clock: FixedClock) -> None:
    projects = LinearProjects("lin_api_other", "ENG", clock, url=linear.address)
    with pytest.raises(LinearKeyRejected) as caught:
        await projects.find(ID)
    assert "lin_api" not in f"{caught.value.detail} {caught.value.hint}"
    await projects.close()


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (failure(200, "Forbidden"), LinearKeyRejected, "does not accept the key"),
        (failure(400, "invalid input", "Name is too long."), LinearRefused, "Name is too long."),
        (failure(200, "usage limit exceeded", "Upgrade."), LinearRefused, "Upgrade."),
        (failure(200, "internal error"), UpstreamFailed, "Linear failed: internal error"),
        (failure(200, "something new", "x" * 999), UpstreamFailed, "Linear failed: x"),
        (Response("<html>", 503), UpstreamFailed, "HTTP 503"),
        (Response("{}", 401), LinearKeyRejected, "does not accept the key"),
        (Response('{"errors": 7}', 400), UpstreamFailed, "HTTP 400"),
        (Response("no JSON", 200), UpstreamFailed, "unknown form"),
        (Response('{"data": {"projects": {"nodes": [{}]}}}', 200), UpstreamFailed, "unknown form"),
        (Response("9" * 5_000_001, 200), UpstreamFailed, "too large"),
        (Response(status_code=302, headers={"location": "/"}), UpstreamFailed, "HTTP 302"),
    ],
)
async def test_every_failure_is_one_of_ours(
    projects: LinearProjects,
    linear: StubLinear,
    answer: Response,
    kind: type[CandorError],
    said: str,
) -> None:
    linear.fail(Fault(lambda: answer))
    with pytest.raises(kind) as caught:
        await projects.find(ID)
    assert said in caught.value.detail
    assert len(caught.value.detail) < 400
    assert "internal text" not in caught.value.detail


async def test_an_answer_that_says_no_is_no_project(
    projects: LinearProjects, linear: StubLinear
) -> None:
    refused = Response('{"data": {"projectCreate": {"success": false, "project": null}}}')
    linear.fail(None, Fault(lambda: refused))
    with pytest.raises(UpstreamFailed, match="did not create"):
        await projects.create(ID, CONTENT)


@pytest.mark.parametrize(
    "answer",
    [
        failure(400, "ratelimited", headers={"retry-after": "30"}),
        failure(200, "", code="RATELIMITED", headers={"retry-after": "30"}),
        Response("slow down", 429, headers={"retry-after": "30"}),
    ],
)
async def test_a_rate_limit_is_kept_without_a_further_request(
    projects: LinearProjects, linear: StubLinear, clock: FixedClock, answer: Response
) -> None:
    linear.fail(Fault(lambda: answer))
    with pytest.raises(RateLimited) as caught:
        await projects.find(ID)
    assert caught.value.retry_after == 30
    clock.move(20)
    with pytest.raises(RateLimited) as caught:
        await projects.find(ID)
    assert caught.value.retry_after == 10
    assert len(linear.asked) == 1
    clock.move(10)
    assert await projects.find(ID) is None


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        *((None, 60), ("Wed, 21 Oct 2026 07:28:00 GMT", 60), ("nan", 60), ("inf", 60)),
        *(("-5", 0), ("1e300", 3600)),
    ],
)
async def test_a_limit_without_a_sensible_length_is_kept_for_a_sensible_time(
    projects: LinearProjects, linear: StubLinear, stated: str | None, kept: int
) -> None:
    headers = {} if stated is None else {"retry-after": stated}
    linear.fail(Fault(lambda: failure(400, "ratelimited", headers=headers)))
    with pytest.raises(RateLimited) as caught:
        await projects.find(ID)
    assert caught.value.retry_after == kept


@pytest.mark.parametrize("limit", ["requests", "complexity"])
async def test_where_nothing_is_left_of_a_limit_its_end_is_waited_for(
    projects: LinearProjects, linear: StubLinear, clock: FixedClock, limit: str
) -> None:
    ends = round(clock.now().timestamp() * 1000) + 5000
    linear.headers = {
        f"x-ratelimit-{limit}-remaining": "0",
        f"x-ratelimit-{limit}-reset": str(ends),
    }
    assert await projects.find(ID) is None
    linear.headers = {}
    with pytest.raises(RateLimited) as caught:
        await projects.find(ID)
    assert caught.value.retry_after == pytest.approx(5)
    clock.move(5)
    assert await projects.find(ID) is None


async def test_a_silent_server_is_a_timeout_and_the_project_may_be_there(
    linear: StubLinear, clock: FixedClock
) -> None:
    hasty = LinearProjects(KEY, "ENG", clock, url=linear.address, timeout=1)
    linear.fail(None, Fault(carried_out=True, hangs=True))
    with pytest.raises(UpstreamTimeout, match="1 s"):
        await hasty.create(ID, CONTENT)
    assert await hasty.find(ID) == CREATED
    await hasty.close()


async def test_no_server_is_said_so(clock: FixedClock) -> None:
    nowhere = LinearProjects(KEY, "ENG", clock, url="http://127.0.0.1:9/graphql")
    with pytest.raises(UpstreamFailed, match="could not be reached"):
        await nowhere.find(ID)
    await nowhere.close()
