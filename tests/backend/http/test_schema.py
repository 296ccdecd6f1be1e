"""Every route, asked by Schemathesis for what the OpenAPI document allows, and for what it does not.

Promises: no status 5xx, no undocumented status, content type or shape; what contradicts the
document is refused, and what follows it is never refused as `validation_error`. Always the same
requests; `pytest --hypothesis-profile=thorough tests/backend/http/test_schema.py` makes sixty times as
many, and other ones each time, and tries the borders of every value of all routes.
"""

# Schemathesis leaves its generics open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUntypedFunctionDecorator=false

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, cast

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig

from tests.backend.http.conftest import application, openapi_document, stock
from tests.backend.http.listening import listening
from tests.patience import PATIENCE
from tests.thoroughness import BY_HAND

_DOCUMENT = openapi_document(required=False)
_BY_HAND = settings.get_current_profile_name() == BY_HAND
_ROUTES = [
    f"{method.upper()} {path}" for path, ones in _DOCUMENT["paths"].items() for method in ones
]
_CONFIG = SchemathesisConfig.from_dict(
    {
        # Every border of every value: of all routes by hand, else of one in four, which is most of the time.
        "phases": {"coverage": {"enabled": _BY_HAND}},
        "operations": [
            {"include-name": _ROUTES[::4], "phases": {"coverage": {"enabled": True}}},
        ],
        "checks": {
            # A 422 is fine where a value breaks a rule that no schema can say; see the test.
            "positive_data_acceptance": {"enabled": False},
            "negative_data_rejection": {
                "expected-statuses": [400, 401, 403, 404, 405, 409, 413, 415, 422]
            },
        },
    }
)
_SCHEMA = schemathesis.openapi.from_dict(_DOCUMENT, config=_CONFIG)

load_all_checks()
_FORM_CHECKS = cast("list[Any]", CHECKS.get_by_names(["negative_data_rejection"]))
"""Not for forms, where everything is text: a file of the word `null` is a file."""


_CHOICES = ("model", "category", "profile", "prompt_type", "search_override")
_ASKED = {"role": "user", "content": "Start Allen or Mahomes?"}

_SLOW = (
    HealthCheck.function_scoped_fixture,
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, corpus_index: bytes) -> Iterator[str]:
    """A server with the corpus."""
    settings = stock(tmp_path_factory.mktemp("schema"), corpus_index)
    with listening(application(settings)) as url:
        yield url


@pytest.fixture(scope="module")
def lent() -> dict[str, str]:
    """What `known` has made and no test has removed since: the tests of a module share it."""
    return {}


@pytest.fixture
def known(
    request: pytest.FixtureRequest, address: str, lent: dict[str, str]
) -> Iterator[Mapping[str, str]]:
    """Ids of things that are there, by the name of the parameter that means them."""
    needed = "{" in request.node.name  # else no id is part of the address
    if needed and not lent:
        lent.update(_made(address))
    yield lent if needed else {}
    if "DELETE" in request.node.name:
        lent.clear()


def _made(address: str) -> Mapping[str, str]:
    """One new thing of each kind."""
    with httpx2.Client(base_url=address, timeout=PATIENCE) as client:
        reply = client.post("/chat", json={"user_id": "ada", "message": "Passwords?"}).json()
        advice = client.post(
            "/advice-non-streaming",
            json={"conversation": [{"role": "user", "content": "Passwords?"}]},
        ).json()
        upload = client.post(
            "/knowledge/documents", files={"file": ("fire.md", b"# Fire\n\nLeave the house.\n")}
        ).json()
        project = client.post("/api/v1/projects", json={"name": "Desk"}).json()
        case = client.post(
            f"/api/v1/projects/{project['id']}/use-cases", json={"name": "Refunds"}
        ).json()
        prompt = client.post(f"/api/v1/use-cases/{case['id']}/prompts", json={"name": "One"}).json()
        content = {"messages": [{"role": "user", "content": "Hello"}]}
        client.post(f"/api/v1/prompts/{prompt['id']}/versions", json=content)
    return {
        "project_id": project["id"],
        "use_case_id": case["id"],
        "prompt_id": prompt["id"],
        "version": "1",
        "other": "latest",
        "label": "staging",
        "purpose": "judge",
        "chat_id": reply["chat_id"],
        "answer_id": reply["message_id"],
        "response_id": advice["response_id"],
        "document_id": upload["document"]["id"],
    }


@pytest.mark.exhaustive
@_SCHEMA.parametrize()
@settings(
    max_examples=settings().max_examples // 10,
    derandomize=not _BY_HAND,
    database=None,
    suppress_health_check=_SLOW,
)
def test_a_route_keeps_to_its_description(
    case: Case[Any], address: str, known: Mapping[str, str]
) -> None:
    following = _follows(case)
    if following:
        _steer(case, known)
    response = case.call(base_url=address, timeout=PATIENCE)
    if case.path == "/api/benchmark/run" and response.status_code == HTTPStatus.CREATED:
        # A server that cleans tables answers all other routes late.
        begun = json.loads(response.content)["run_id"]
        httpx2.post(f"{address}/api/results/{begun}/cancel", timeout=PATIENCE).raise_for_status()
    form = (case.media_type or "").startswith("multipart/")
    case.validate_response(response, excluded_checks=_FORM_CHECKS if form else [])
    if following and response.status_code == 422:
        problem = json.loads(response.content)
        assert problem.get("error", problem)["code"] != "validation_error", response.text


def _follows(case: Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE


def _steer(case: Case[Any], known: Mapping[str, str]) -> None:
    """Made-up ids and models are refused early; let half of the requests go further."""
    for name, thing in known.items():
        if len(str(case.path_parameters.get(name, ""))) % 2:
            case.path_parameters[name] = thing
    if isinstance(case.body, dict):
        body = cast("dict[str, Any]", case.body)
        unchosen = {name: None for name in _CHOICES if name in body}
        wanted = "purpose" not in case.path_parameters  # a default model is never left out
        if wanted and "model" in body and len(body) > 1 and len(str(body)) % 4:
            case.body = body | unchosen
        if "response_id" in known and len(str(body.get("response_id", ""))) % 2:
            case.body = body | {"response_id": known["response_id"]}
        if isinstance(body.get("conversation"), list) and len(str(body)) % 4:
            said = cast("list[Any]", body["conversation"])
            asked: dict[str, Any] = {"conversation": [*said[-3:], _ASKED]}
            case.body = body | unchosen | asked
    for name in ("profile", "search_override", "before", "to", "expected_version"):
        if len(str(case.query.get(name, ""))) % 4:
            case.query.pop(name, None)
