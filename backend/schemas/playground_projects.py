"""Projects and use cases as JSON."""

from backend.schemas.schema import Schema, shape_of
from use_cases.playground.model import Project, PromptCase


@shape_of(Project, omit=["user_id", "deleted_at"], id="project_id")
class ProjectResponse(Schema):
    """A project."""


@shape_of(PromptCase, omit=["user_id", "deleted_at"], id="case_id")
class UseCaseResponse(Schema):
    """A use case: what prompts are written for."""
