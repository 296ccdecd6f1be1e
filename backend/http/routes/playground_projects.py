"""Routes of the playground: projects, and the use cases that prompts are written for."""

from http import HTTPStatus
from typing import Annotated, cast

from fastapi import Query, Response

from backend.http.dependencies import JSON_ONLY, Author, Candor, Router, Skipped, ThingId, counted
from backend.http.playground_request import (
    ProjectCreate,
    ProjectUpdate,
    PromptCreate,
    UseCaseCreate,
    UseCaseFields,
    UseCaseUpdate,
)
from backend.http.problems import WRITING, documented
from backend.schemas.playground_schemas import ProjectResponse, PromptWithStats, UseCaseResponse
from use_cases.kernel.errors import StorageBusy
from use_cases.kernel.prompts.prompt_registry import PromptChanged, PromptFilter, PromptInvalid
from use_cases.playground.errors import (
    AssertionInvalid,
    DatasetNotFound,
    ProjectInvalid,
    ProjectNotFound,
    PromptCaseNotFound,
)
from use_cases.playground.manage_projects import CaseFields

router = Router(prefix="/api/v1", tags=["playground"])

_CASE_FIELDS = (ProjectInvalid, AssertionInvalid, DatasetNotFound)

Text = Annotated[
    str | None, Query(max_length=200, description="Only those with this text in their name.")
]


@router.get("/projects", responses=documented())
async def list_projects(
    candor: Candor, author: Author, page: Skipped, response: Response, text: Text = None
) -> list[ProjectResponse]:
    """Your projects, the newest first; `X-Total-Count` says how many there are."""
    found = await candor.playground.manage_projects.list(
        author, text=text, skip=page.skip, limit=page.limit
    )
    return counted(response, found, ProjectResponse.of)


@router.post(
    "/projects",
    status_code=HTTPStatus.CREATED,
    dependencies=[JSON_ONLY],
    responses=documented(ProjectInvalid, *WRITING),
)
async def create_project(candor: Candor, author: Author, new: ProjectCreate) -> ProjectResponse:
    """A new project."""
    made = await candor.playground.manage_projects.create(
        author, new.name, description=new.description or ""
    )
    return ProjectResponse.of(made)


@router.get("/projects/{project_id}", responses=documented(ProjectNotFound))
async def show_project(project_id: ThingId, candor: Candor, author: Author) -> ProjectResponse:
    """One project."""
    return ProjectResponse.of(await candor.playground.manage_projects.show(author, project_id))


@router.put(
    "/projects/{project_id}",
    operation_id="put_project",
    dependencies=[JSON_ONLY],
    responses=documented(ProjectNotFound, PromptChanged, ProjectInvalid, *WRITING),
)
@router.patch(
    "/projects/{project_id}",
    dependencies=[JSON_ONLY],
    responses=documented(ProjectNotFound, PromptChanged, ProjectInvalid, *WRITING),
)
async def change_project(
    project_id: ThingId, candor: Candor, author: Author, to: ProjectUpdate
) -> ProjectResponse:
    """Change what is given; PUT does the same."""
    changed = await candor.playground.manage_projects.change(
        author, project_id, name=to.name, description=to.description, revision=to.revision
    )
    return ProjectResponse.of(changed)


@router.delete(
    "/projects/{project_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(ProjectNotFound, StorageBusy),
)
async def delete_project(project_id: ThingId, candor: Candor, author: Author) -> None:
    """Delete a project with its use cases and their prompts."""
    await candor.playground.manage_projects.delete(author, project_id)


@router.get("/projects/{project_id}/use-cases", responses=documented(ProjectNotFound))
async def list_use_cases(
    project_id: ThingId, candor: Candor, author: Author, page: Skipped, response: Response
) -> list[UseCaseResponse]:
    """The use cases of a project, the newest first."""
    found = await candor.playground.manage_projects.cases(
        author, project_id, skip=page.skip, limit=page.limit
    )
    return counted(response, found, UseCaseResponse.of)


@router.post(
    "/projects/{project_id}/use-cases",
    status_code=HTTPStatus.CREATED,
    dependencies=[JSON_ONLY],
    responses=documented(ProjectNotFound, *_CASE_FIELDS, *WRITING),
)
async def create_use_case(
    project_id: ThingId, candor: Candor, author: Author, new: UseCaseCreate
) -> UseCaseResponse:
    """A new use case."""
    made = await candor.playground.manage_projects.create_case(author, project_id, **_given(new))
    return UseCaseResponse.of(made)


@router.get("/use-cases/{use_case_id}", responses=documented(PromptCaseNotFound))
async def show_use_case(use_case_id: ThingId, candor: Candor, author: Author) -> UseCaseResponse:
    """One use case."""
    return UseCaseResponse.of(await candor.playground.manage_projects.case(author, use_case_id))


@router.put(
    "/use-cases/{use_case_id}",
    operation_id="put_use_case",
    dependencies=[JSON_ONLY],
    responses=documented(PromptCaseNotFound, PromptChanged, *_CASE_FIELDS, *WRITING),
)
@router.patch(
    "/use-cases/{use_case_id}",
    dependencies=[JSON_ONLY],
    responses=documented(PromptCaseNotFound, PromptChanged, *_CASE_FIELDS, *WRITING),
)
async def change_use_case(
    use_case_id: ThingId, candor: Candor, author: Author, to: UseCaseUpdate
) -> UseCaseResponse:
    """Change what is given; PUT does the same."""
    changed = await candor.playground.manage_projects.change_case(
        author, use_case_id, revision=to.revision, **_given(to)
    )
    return UseCaseResponse.of(changed)


@router.delete(
    "/use-cases/{use_case_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(PromptCaseNotFound, StorageBusy),
)
async def delete_use_case(use_case_id: ThingId, candor: Candor, author: Author) -> None:
    """Delete a use case with its prompts."""
    await candor.playground.manage_projects.delete_case(author, use_case_id)


@router.get("/use-cases/{use_case_id}/prompts", responses=documented(PromptCaseNotFound))
async def list_prompts_of_use_case(
    use_case_id: ThingId, candor: Candor, author: Author, page: Skipped, response: Response
) -> list[PromptWithStats]:
    """The prompts of a use case, the newest first."""
    case = await candor.playground.manage_projects.case(author, use_case_id)
    found = await candor.playground.manage_prompts.list(
        author, PromptFilter(case_id=case.case_id), skip=page.skip, limit=page.limit
    )
    return counted(response, found, PromptWithStats.of)


@router.post(
    "/use-cases/{use_case_id}/prompts",
    status_code=HTTPStatus.CREATED,
    dependencies=[JSON_ONLY],
    responses=documented(PromptCaseNotFound, PromptInvalid, *WRITING),
)
async def create_prompt_of_use_case(
    use_case_id: ThingId, candor: Candor, author: Author, new: PromptCreate
) -> PromptWithStats:
    """A new prompt without versions."""
    case = await candor.playground.manage_projects.case(author, use_case_id)
    made = await candor.playground.manage_prompts.create(
        author,
        new.name,
        case_id=case.case_id,
        description=new.description or "",
        tags=new.tags,
    )
    return PromptWithStats.of(made)


def _given(body: UseCaseFields) -> CaseFields:
    """Returns the fields that the request states; null empties a text."""
    found = {name: getattr(body, name) for name in body.model_fields_set - {"revision"}}
    texts = {"description", "owner", "success_criteria"}
    empty = {name: "" for name in texts & found.keys() if found[name] is None}
    return cast("CaseFields", found | empty)
