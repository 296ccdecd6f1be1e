"""A tracker of projects in memory, whose answers can be lost."""

from collections import deque

from use_cases.conversations.drafts.model import DraftContent, TrackedProject
from use_cases.kernel.errors import CandorError, UpstreamFailed


class InMemoryTracker:
    """Port `ProjectTracker`: a dictionary by id. `lost` are errors instead of answers of `create`, which
    is carried out all the same; `refused` are errors before it is.
    """

    name = "linear"

    def __init__(self) -> None:
        self.projects: dict[str, TrackedProject] = {}
        self.lost: deque[BaseException] = deque()
        self.refused: deque[CandorError] = deque()
        self.unfound: deque[CandorError] = deque()

    async def place(self) -> str:
        """This memory."""
        return "memory"

    async def find(self, project_id: str) -> TrackedProject | None:
        """The project with this id."""
        if self.unfound:
            raise self.unfound.popleft()
        return self.projects.get(project_id)

    async def create(self, project_id: str, content: DraftContent) -> TrackedProject:
        """Keep it; an id that is taken is refused."""
        if self.refused:
            raise self.refused.popleft()
        if project_id in self.projects:
            raise UpstreamFailed("There is one with this id.")
        made = TrackedProject(*content, f"https://linear.app/{project_id}")
        self.projects[project_id] = made
        if self.lost:
            raise self.lost.popleft()
        return made
