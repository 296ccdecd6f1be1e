"""The changes of a run as server-sent events, which a client can resume.

Promises: an event's `id` is the tick of its change, so that `Last-Event-ID` goes on behind it, in any
process; `progress` for each change, `done` at the end. Leaves to others: the changes themselves.
"""

from collections.abc import AsyncGenerator, Mapping
from types import MappingProxyType

from backend.schemas.playground_schemas import RunProgress
from backend.stream.wire import client_error, json_of, problem_data
from use_cases.kernel.jobs.manage_jobs import JobChange


class RunEvents:
    """The wire of a run's changes. `group` is what an item's group is called: a variant, a model."""

    media_type = "text/event-stream"
    headers: Mapping[str, str] = MappingProxyType({})
    heartbeat = ": alive\n\n"

    def __init__(self, group: str) -> None:
        self._group = group

    async def encode(self, events: AsyncGenerator[JobChange]) -> AsyncGenerator[str]:
        """Yields an event for each change."""
        tick = 0
        try:
            async for change in events:
                tick = change.tick
                yield _event("progress", tick, self._progress(change))
            yield _event("done", tick, {})
        except Exception as error:  # noqa: BLE001  (the door: the status has been sent)
            yield _event("error", tick, problem_data(client_error(error)))

    def _progress(self, change: JobChange) -> Mapping[str, object]:
        return {
            "status": change.job.state,
            "spent": str(change.job.spent),
            "progress": RunProgress.of(change.progress).model_dump(),
            "finished": [
                {"place": item.place, self._group: item.group, "error": item.error}
                for item in change.finished
            ],
        }


def _event(name: str, tick: int, data: Mapping[str, object]) -> str:
    return f"id: {tick}\nevent: {name}\ndata: {json_of(data)}\n\n"
