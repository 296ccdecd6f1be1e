"""The port `ProjectTracker` over Linear's GraphQL API.

Promises: a project is created under the id that the caller chose, so that a second creation is refused by
Linear; every failure is one of Candor's errors, never with the key; a rate limit that Linear states is kept
without a further request. Leaves to others: what is done after a lost answer
(`use_cases/conversations/drafts/manage_drafts.py`).

Source: Linear's public schema (linear/linear, packages/sdk/src/schema.graphql) and its API documentation on
errors and rate limits.
"""

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, TypeVar, cast

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from services.conversation_apis.json_api import TOO_MANY, JsonApi
from use_cases.conversations.drafts.model import DraftContent, TrackedProject
from use_cases.conversations.errors import (
    LinearKeyRejected,
    LinearRefused,
    LinearTeamNotFound,
)
from use_cases.kernel.errors import CandorError, RateLimited, UpstreamFailed
from use_cases.kernel.ports import Clock

if TYPE_CHECKING:
    from httpx2 import Response

Item = TypeVar("Item")

LINEAR_URL = "https://api.linear.app/graphql"

TEAMS = """query Teams($filter: TeamFilter) {
  teams(filter: $filter, first: 50) { nodes { id key } }
}"""
PROJECTS = """query Projects($filter: ProjectFilter) {
  projects(filter: $filter, includeArchived: true, first: 1) { nodes { id name content url } }
}"""
CREATE = """mutation CreateProject($input: ProjectCreateInput!) {
  projectCreate(input: $input) { success project { id name content url } }
}"""

_TIMEOUT = 20.0
_LONGEST_REASON = 300
_LIMITED_FOR = 60.0
"""Seconds for which a limit holds whose length Linear does not state."""
_LONGEST_LIMIT = 3600.0
"""Seconds: Linear's limits are by the hour, so a longer one is a mistake."""
_KEY_STATUSES = (401, 403)
_SERVER_ERROR = 500
_KEY_KINDS = {"authentication error", "forbidden"}
_REFUSALS = {"invalid input", "user error", "usage limit exceeded", "feature not accessible"}
_LIMITS = ("requests", "complexity")


class _Extensions(BaseModel):
    type: str | None = None
    code: str | None = None
    userPresentableMessage: str | None = None  # noqa: N815  (as Linear spells it)


class _Error(BaseModel):
    extensions: _Extensions = _Extensions()


class _Team(BaseModel):
    id: str
    key: str


class _Project(BaseModel):
    id: str
    name: str
    content: str | None = None
    url: str


_ERRORS = TypeAdapter(list[_Error])
_TEAMS = TypeAdapter(list[_Team])
_PROJECTS = TypeAdapter(list[_Project])


class LinearProjects:
    """Projects of one team at Linear. `team` is its key, such as ENG; None where there is only one."""

    name = "linear"

    def __init__(
        self,
        key: str,
        team: str | None,
        clock: Clock,
        *,
        url: str = LINEAR_URL,
        timeout: float = _TIMEOUT,
    ) -> None:
        # A personal key stands alone; `Bearer` would be for a token of OAuth.
        self._api = JsonApi(url, key, name="Linear", seconds=timeout, hint=_AGAIN)
        self._team = team
        self._clock = clock
        self._free_at = 0.0

    async def place(self) -> str:
        """Linear, with the key of the team."""
        return f"Linear, team {(await self._get_team()).key}"

    async def find(self, project_id: str) -> TrackedProject | None:
        """Returns the project with this id, also an archived one."""
        data = await self._data(PROJECTS, {"filter": {"id": {"eq": project_id}}})
        nodes = _checked(_PROJECTS, _at(data, "projects", "nodes"))
        return _tracked(nodes[0]) if nodes else None

    async def create(self, project_id: str, content: DraftContent) -> TrackedProject:
        """Creates a project; the description is its content, which may be long."""
        wanted: dict[str, JsonValue] = {
            "id": project_id,
            "name": content.title,
            "content": content.description,
            "teamIds": [(await self._get_team()).id],
        }
        data = await self._data(CREATE, {"input": wanted})
        if _at(data, "projectCreate", "success") is not True:
            raise UpstreamFailed("Linear did not create the project.", hint=_AGAIN)
        return _tracked(_checked(_PROJECTS, [_at(data, "projectCreate", "project")])[0])

    async def close(self) -> None:
        """Closes the connection."""
        await self._api.close()

    async def _get_team(self) -> _Team:
        wanted: JsonValue = {"key": {"eqIgnoreCase": self._team}} if self._team else {}
        data = await self._data(TEAMS, {"filter": wanted})
        teams = _checked(_TEAMS, _at(data, "teams", "nodes"))
        if len(teams) == 1:
            return teams[0]
        if self._team:
            raise LinearTeamNotFound(f"Linear has no team with the key {self._team!r}.")
        keys = ", ".join(sorted(team.key for team in teams)) or "none"
        raise LinearTeamNotFound(f"LINEAR_TEAM_KEY does not name the team; there are: {keys}.")

    async def _data(self, query: str, variables: Mapping[str, JsonValue]) -> JsonValue:
        """Returns the data of a reply that is no error."""
        waiting = self._free_at - self._clock.monotonic()
        if waiting > 0:
            raise RateLimited("Linear is limiting requests.", retry_after=waiting)
        response, body = await self._api.send("", {"query": query, "variables": dict(variables)})
        self._note_limits(response)
        reply = _reply(body)
        errors = reply.get("errors")
        if errors or not response.is_success:
            raise self._failure(response, errors)
        return reply.get("data")

    def _note_limits(self, response: "Response") -> None:
        """Keeps to the limit: send nothing until it ends, where nothing is left of it."""
        for limit in _LIMITS:
            if _number(response, f"x-ratelimit-{limit}-remaining") == 0:
                ends = _number(response, f"x-ratelimit-{limit}-reset")
                self._wait(None if ends is None else ends / 1000 - self._clock.now().timestamp())

    def _failure(self, response: "Response", errors: JsonValue) -> CandorError:
        try:
            extensions = [each.extensions for each in _ERRORS.validate_python(errors or [])]
        except ValidationError:
            extensions = []
        kinds = {(each.type or "").lower() for each in extensions}
        codes = {(each.code or "").upper() for each in extensions}
        if response.status_code == TOO_MANY or "ratelimited" in kinds or "RATELIMITED" in codes:
            seconds = self._wait(_number(response, "retry-after"))
            return RateLimited("Linear is limiting requests.", retry_after=seconds)
        if response.status_code in _KEY_STATUSES or kinds & _KEY_KINDS:
            return LinearKeyRejected("Linear does not accept the key for this.")
        if kinds & _REFUSALS:
            return LinearRefused(f"Linear refused the request: {_reason(extensions)}")
        if response.status_code >= _SERVER_ERROR or not extensions:
            return UpstreamFailed(f"Linear failed (HTTP {response.status_code}).", hint=_AGAIN)
        return UpstreamFailed(f"Linear failed: {_reason(extensions)}", hint=_AGAIN)

    def _wait(self, seconds: float | None) -> float:
        """Sends nothing for so long."""
        found = _LIMITED_FOR if seconds is None else min(max(seconds, 0.0), _LONGEST_LIMIT)
        self._free_at = max(self._free_at, self._clock.monotonic() + found)
        return found


_AGAIN = "Try again: a project has its id beforehand, so that it is never created twice."


def _reason(extensions: Sequence[_Extensions]) -> str:
    """Returns what Linear wrote for people; else the kind of error."""
    stated = [
        each.userPresentableMessage or each.type or "it gave no reason" for each in extensions
    ]
    return " ".join("; ".join(stated).split())[:_LONGEST_REASON]


def _reply(body: bytes) -> Mapping[str, JsonValue]:
    try:
        found = cast("JsonValue", json.loads(body))
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}


def _at(value: JsonValue, *names: str) -> JsonValue:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _checked(form: TypeAdapter[list[Item]], value: JsonValue) -> list[Item]:
    try:
        return form.validate_python(value)
    except ValidationError:
        raise UpstreamFailed("Linear gave an answer of an unknown form.", hint=_AGAIN) from None


def _tracked(project: _Project) -> TrackedProject:
    return TrackedProject(project.name, project.content or "", project.url)


def _number(response: "Response", name: str) -> float | None:
    """Returns a header's number; None for none, and for one that is not finite."""
    try:
        found = float(response.headers.get(name, ""))
    except ValueError:
        return None
    return found if isfinite(found) else None
