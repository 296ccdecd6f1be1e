"""The ports of the advice capability, beside the kernel's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from use_cases.advice.model import (
    CalibrationVersion,
    Feedback,
    OutcomeState,
    Response,
    ResponseFilter,
    Scored,
    TuningNote,
)
from use_cases.advice.profile import Profile
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller, Page


@dataclass(frozen=True, slots=True)
class FeedbackResult:
    """The result of storing a feedback: `in_force`, the response's outcome now, independent of this
    feedback; `repeated`, the feedback was stored before and nothing changed; `superseded`, the
    judgement that it replaced.
    """

    feedback: Feedback
    in_force: OutcomeState
    repeated: bool = False
    superseded: Feedback | None = None


class ResponseWriter(Protocol):
    """Writes new advice."""

    async def keep(self, response: Response, charge: Charge | None = None) -> None:
        """Stores new advice, and adds `charge` to the usage of its key; durable on return.

        Raises `Conflict` when the id is taken.
        """
        ...

    async def charge(self, charge: Charge) -> None:
        """Adds to the usage of a key, for advice that failed."""
        ...


class Responses(ResponseWriter, Protocol):
    """Recorded advice and its outcomes. Another user's response is reported as absent."""

    async def response(self, caller: Caller, response_id: str) -> Response:
        """Returns one response with its judgement in force. Raises `ResponseNotFound`."""
        ...

    async def responses(
        self,
        caller: Caller,
        wanted: ResponseFilter,
        *,
        limit: int = 20,
        before: str | None = None,
    ) -> Page[Response]:
        """Returns a page, newest first, with the total of all that match; `before` is the id of the
        last one already seen. Raises `ResponseNotFound` when `before` is none of the caller's.
        """
        ...

    async def scored(self, caller: Caller, wanted: ResponseFilter) -> Sequence[Scored]:
        """Returns all that state a confidence, oldest first, with or without an outcome."""
        ...

    async def judge(self, caller: Caller, feedback: Feedback) -> FeedbackResult:
        """Stores a feedback, all or nothing; durable on return.

        An outcome other than the one in force supersedes that one; the same outcome again, or the
        same `key` with the same content, adds only new fields (`helpful`, `notes`). Raises
        `ResponseNotFound`, and `FeedbackKeyReused` for a key with other content.
        """
        ...

    async def feedback(self, caller: Caller, response_id: str) -> Sequence[Feedback]:
        """Returns all feedback on a response, oldest first, superseded too. Raises `ResponseNotFound`."""
        ...


class Calibrations(Protocol):
    """The versions of each profile's calibration."""

    async def current(self, profile: str) -> CalibrationVersion | None:
        """Returns the version in force; None before the first tuning."""
        ...

    async def version(self, version_id: str) -> CalibrationVersion:
        """Returns one version. Raises `CalibrationNotFound`."""
        ...

    async def versions(self, profile: str, *, limit: int = 50) -> Page[CalibrationVersion]:
        """Returns the versions of a profile, newest first."""
        ...

    async def put_in_force(self, version: CalibrationVersion, note: TuningNote) -> None:
        """Stores a version with its note and puts it in force, all or nothing, durable on return.

        Raises `TuningConflict` when the version in force is not its `parent_id`.
        """
        ...

    async def note(self, note: TuningNote) -> None:
        """Adds an entry to the audit that puts nothing in force."""
        ...

    async def notes(self, profile: str, *, limit: int = 50) -> Page[TuningNote]:
        """Returns the audit of a profile, newest first."""
        ...


class Profiles(Protocol):
    """The domains of advice."""

    def profile(self, profile_id: str | None = None) -> Profile:
        """Returns the named profile, or the default. Raises `ProfileUnknown`, or `ProfileBroken` for a
        file that cannot be used.
        """
        ...

    def names(self) -> Sequence[str]:
        """Returns all profile names, broken ones too."""
        ...

    def unusable(self) -> Mapping[str, str]:
        """Returns the files that cannot be profiles because of their name or place: the reason by name."""
        ...


class Prompts(Protocol):
    """The installation's own instructions."""

    def prompt(self, prompt_type: str) -> str | None:
        """Returns the instructions for this type; None where the installation has none of its own."""
        ...


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page that a web search found; `text` is empty where the search was the model's provider's."""

    url: str
    title: str
    text: str = ""


class WebSearch(Protocol):
    """A web search backend."""

    async def search(self, query: str) -> Sequence[WebPage]:
        """Returns the best pages. Raises `UpstreamFailed`, `UpstreamTimeout` or `RateLimited`."""
        ...
