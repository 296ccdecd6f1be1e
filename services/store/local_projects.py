"""The port `ProjectTracker` without another service: the stored project is the project."""

from use_cases.conversations.drafts.model import DraftContent, TrackedProject


class LocalProjects:
    """Projects of this installation. Nothing is there before it is stored, so none is ever found."""

    name = "local"

    async def place(self) -> str:
        """This installation."""
        return "this installation"

    async def find(self, project_id: str) -> TrackedProject | None:
        """None: an attempt that was interrupted left nothing behind."""
        return None

    async def create(self, project_id: str, content: DraftContent) -> TrackedProject:
        """Return the project as it will be stored."""
        return TrackedProject(content.title, content.description, None)
