"""Projects and use cases as JSON."""

from datetime import datetime

from backend.schemas.schema import Schema, attribute
from use_cases.playground.model import Assertion


class ProjectResponse(Schema):
    """A project."""

    id: str = attribute("project_id")
    name: str
    description: str
    revision: int
    created_at: datetime
    updated_at: datetime


class UseCaseResponse(Schema):
    """A use case: what prompts are written for."""

    id: str = attribute("case_id")
    project_id: str
    name: str
    description: str
    owner: str
    success_criteria: str
    default_assertions: list[Assertion]
    default_dataset_id: str | None
    revision: int
    created_at: datetime
    updated_at: datetime
