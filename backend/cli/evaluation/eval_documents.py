"""The documents that an evaluation of chat or advice needs: named, and ingested where that is agreed."""

from backend.cli.empty_results import explain_empty_library
from backend.cli.knowledge.ingest import follow
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from use_cases.playground.model import Plan, TargetKind


async def require_documents(
    candor: Container, plan: Plan, documents: str | None, *, yes: bool
) -> bool:
    """Return whether chat or advice, where they are evaluated, have documents to answer from.

    An empty library is filled from the folder that the plan names. At a terminal the user is asked
    first, unless `yes`.
    """
    if all(each.target is TargetKind.PROMPT for each in plan.variants):
        return True
    if (await candor.knowledge.manage_documents.count()).documents:
        return True
    if documents is None:
        explain_empty_library(candor.settings)
        return True  # advice may need none, and an evaluation of an empty library is one, too
    asked = terminal.is_interactive() and not yes
    question = f"The library is empty. Ingest {documents} first?"
    if asked and not terminal.confirm(question, default=True):
        terminal.talk(f"The library is empty. Start with: candor ingest {documents}")
        return False
    if not asked:
        terminal.talk(f"The library is empty: ingesting {documents}")
    stream = candor.knowledge.ingest.stream
    found = await follow(lambda watch: stream(documents, watch=watch), as_json=False)
    return found is ExitCode.DONE
