"""A Linear on loopback: it checks each query against the schema, and keeps projects by their id."""

from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from graphql import (
    GraphQLError,
    GraphQLSchema,
    build_schema,
    graphql_sync,  # pyright: ignore[reportUnknownVariableType]
)

from tests.backend.http.listening import listening

KEY = "lin_api_very_secret"
TEAMS = ({"id": "team-1", "key": "ENG", "name": "Engineering"},)


@cache
def schema() -> GraphQLSchema:
    """The schema, built once."""
    return build_schema((Path(__file__).parent / "schema.graphql").read_text())


@dataclass
class Fault:
    """How one request goes wrong: `before` it is carried out, or after it was."""

    answer: Callable[[], Response] | None = None
    carried_out: bool = False
    hangs: bool = False


@dataclass
class StubLinear:
    """What it holds, and what is to go wrong with the next requests."""

    address: str = ""
    teams: tuple[Mapping[str, str], ...] = TEAMS
    projects: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    faults: deque[Fault | None] = field(default_factory=deque[Fault | None])
    asked: list[str] = field(default_factory=list[str])
    refused: list[str] = field(default_factory=list[str])
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def fail(self, *faults: Fault | None) -> None:
        """Let these go wrong with the next requests; None is one that goes right."""
        self.faults.extend(faults)

    def teams_of(self, _info: object, **found: Any) -> object:
        """The teams, by key."""
        wanted = found["filter"].get("key")
        key = str(wanted["eqIgnoreCase"]).upper() if wanted else None
        return {"nodes": [one for one in self.teams if key in (None, one["key"])]}

    def projects_of(self, _info: object, **found: Any) -> object:
        """The project with an id."""
        wanted = self.projects.get(found["filter"]["id"]["eq"])
        return {"nodes": [wanted] if wanted else []}

    def create(self, _info: object, **found: Any) -> object:
        """Keep a new project; refuse an id that is taken, or none of version 4."""
        made = found["input"]
        if UUID(made["id"]).version != 4 or made["id"] in self.projects:
            raise _refusal("invalid input", "Entity already exists.")
        if made["teamIds"] != [one["id"] for one in self.teams[:1]]:
            raise _refusal("invalid input", "No such team.")
        project = {
            "id": made["id"],
            "name": made["name"],
            "content": made["content"],
            "description": "",
            "url": f"https://linear.app/acme/project/{made['id'][:8]}",
        }
        self.projects[made["id"]] = project
        return {"success": True, "lastSyncId": 1, "project": project}

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        if request.headers["authorization"] != KEY:
            return failure(400, "authentication error", "Not allowed.")
        body = await request.json()
        self.asked.append(body["query"].split("(")[0].split()[1])
        fault = self.faults.popleft() if self.faults else None
        if fault and not fault.carried_out:
            return await _failed(fault, request)
        root = {"teams": self.teams_of, "projects": self.projects_of, "projectCreate": self.create}
        result = graphql_sync(schema(), body["query"], root, variable_values=body["variables"])
        if fault:
            return await _failed(fault, request)
        if result.errors:
            self.refused += [one.message for one in result.errors if not one.extensions]
            errors = [error.formatted for error in result.errors]
            return JSONResponse({"errors": errors, "data": None}, headers=self.headers)
        return JSONResponse({"data": result.data}, headers=self.headers)


def failure(
    status: int,
    kind: str,
    message: str = "",
    *,
    code: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An error as Linear answers."""
    extensions = {"type": kind, "code": code, "userPresentableMessage": message}
    body = {"errors": [{"message": "internal text", "extensions": extensions}]}
    return JSONResponse(body, status, headers=dict(headers or {}))


@contextmanager
def stub_linear() -> Generator[StubLinear]:
    """Run one."""
    stub, app = StubLinear(), FastAPI()
    app.post("/graphql")(stub.answer)
    with listening(app) as address:
        stub.address = f"{address}/graphql"
        yield stub


def _refusal(kind: str, message: str) -> GraphQLError:
    extensions = {"type": kind, "userError": True, "userPresentableMessage": message}
    return GraphQLError(message, extensions=extensions)


async def _failed(fault: Fault, request: Request) -> Response:
    while fault.hangs and (await request.receive())["type"] != "http.disconnect":
        pass
    return fault.answer() if fault.answer else Response("gateway", 502)
