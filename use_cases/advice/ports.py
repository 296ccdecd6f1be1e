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
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page


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
    """Where new advice goes."""

    async def keep(self, response: Response, charge: Charge | None = None) -> None:
        """Store new advice, and add `charge` to the usage of its key; durable on return.

        Raises `Conflict` when the id is taken.
        """
        ...

    async def charge(self, charge: Charge) -> None:
        """Add to the usage of a key, for advice that failed."""
        ...


class Responses(ResponseWriter, Protocol):
    """Recorded advice and its outcomes. Another user's response is reported as absent."""

    async def response(self, caller: Caller, response_id: str) -> Response:
        """Return one response with its judgement in force. Raises `ResponseNotFound`."""
        ...

    async def responses(
        self,
        caller: Caller,
        wanted: ResponseFilter,
        *,
        limit: int = 20,
        before: str | None = None,
    ) -> Page[Response]:
        """Return a page, newest first, with the total of all that match; `before` is the id of the
        last one already seen. Raises `ResponseNotFound` when `before` is none of the caller's.
        """
        ...

    async def scored(self, caller: Caller, wanted: ResponseFilter) -> Sequence[Scored]:
        """Return all that state a confidence, oldest first, with or without an outcome."""
        ...

    async def judge(self, caller: Caller, feedback: Feedback) -> FeedbackResult:
        """Store a feedback, all or nothing; durable on return.

        An outcome other than the one in force supersedes that one; the same outcome again, or the
        same `key` with the same content, adds only new fields (`helpful`, `notes`). Raises
        `ResponseNotFound`, and `FeedbackKeyReused` for a key with other content.
        """
        ...

    async def feedback(self, caller: Caller, response_id: str) -> Sequence[Feedback]:
        """Return all feedback on a response, oldest first, superseded too. Raises
        `ResponseNotFound`.
        """
        ...


class Calibrations(Protocol):
    """The versions of each profile's calibration."""

    async def current(self, profile: str) -> CalibrationVersion | None:
        """Return the version in force; None before the first tuning."""
        ...

    async def version(self, version_id: str) -> CalibrationVersion:
        """Return one version. Raises `CalibrationNotFound`."""
        ...

    async def versions(self, profile: str, *, limit: int = 50) -> Page[CalibrationVersion]:
        """Return the versions of a profile, newest first."""
        ...

    async def put_in_force(self, version: CalibrationVersion, note: TuningNote) -> None:
        """Store a version with its note and put it in force, all or nothing, durable on return.

        Raises `TuningConflict` when the version in force is not its `parent_id`.
        """
        ...

    async def note(self, note: TuningNote) -> None:
        """Add an entry to the audit that puts nothing in force."""
        ...

    async def notes(self, profile: str, *, limit: int = 50) -> Page[TuningNote]:
        """Return the audit of a profile, newest first."""
        ...


class Profiles(Protocol):
    """The domains of advice."""

    def profile(self, profile_id: str | None = None) -> Profile:
        """Return the named profile, or the default. Raises `ProfileUnknown`, or `ProfileBroken` for
        a file that cannot be used.
        """
        ...

    def names(self) -> Sequence[str]:
        """Return all profile names, broken ones too."""
        ...

    def unusable(self) -> Mapping[str, str]:
        """Return the files that cannot be profiles because of their name or place: the reason by
        name.
        """
        ...


class Prompts(Protocol):
    """The installation's own instructions."""

    def prompt(self, prompt_type: str) -> str | None:
        """Return the instructions for this type; None where the installation has none of its own."""
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
        """Return the best pages. Raises `UpstreamFailed`, `UpstreamTimeout` or `RateLimited`."""
        ...
