"""The tree of deliberate errors: a stable code, a sentence, and a hint.

The families decide the response (HTTP status, exit code: see `backend/errors.py`); the leaves carry
the codes that programs may rely on. A leaf is defined here when more than one capability raises it,
otherwise in its capability's `errors.py`.

    CandorError
    ├── InvalidInput        the input cannot be used
    ├── Unauthenticated     the caller is unknown
    ├── Refused             a rule forbids it
    ├── NotFound            it does not exist (or not for this caller)
    ├── Conflict            it contradicts the stored state
    ├── TooLarge            over a stated limit
    ├── Unsupported         a kind of content Candor does not read
    ├── RateLimited         too much, too fast (ours or a provider's)
    ├── UpstreamFailed      a provider answered with an error
    ├── UpstreamTimeout     a provider did not answer in time
    └── Unavailable         something Candor needs is missing, locked, full or broken
"""

from pathlib import Path
from typing import ClassVar


class CandorError(Exception):
    """Base of all deliberate errors.

    `detail` describes the failure of this request, in one sentence without secrets.
    `hint` states the user's next step; it overrides the class default.
    `retry_after` is in seconds, when a wait helps and its length is known. `provider_status` is the
    HTTP status of the provider that failed, where there was one.
    """

    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong"
    default_hint: ClassVar[str] = "Look at the log for the cause."

    def __init__(
        self, detail: str, *, hint: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = self.default_hint if hint is None else hint
        self.retry_after = retry_after
        self.provider_status: int | None = None

    @property
    def account(self) -> str:
        """The detail with the provider's status, for the reports of a run."""
        status = self.provider_status
        return self.detail if status is None else f"{self.detail} Its status was {status}."


class InvalidInput(CandorError):
    """The input cannot be used."""

    code = "invalid_input"
    title = "Invalid input"
    default_hint = "Correct the input and send it again."


class Unauthenticated(CandorError):
    """The caller is unknown."""

    code = "authentication_required"
    title = "Authentication required"
    default_hint = (
        "Send an API key in the header X-API-Key (`candor keys create` on the server creates one), or "
        "sign in at /api/auth/login where the server has a sign-in."
    )


class Refused(CandorError):
    """A rule forbids the request."""

    code = "refused"
    title = "Refused"
    default_hint = "This is not allowed here."


class NotFound(CandorError):
    """The requested object does not exist, or not for this caller."""

    code = "not_found"
    title = "Not found"
    default_hint = "Check the id; a list command shows what exists."


class Conflict(CandorError):
    """The request contradicts the stored state."""

    code = "conflict"
    title = "Conflict"
    default_hint = "Read the current state and decide again."


class ConversationLocked(Conflict):
    """A project was made of the conversation, so it changes no more."""

    code = "conversation_locked"
    title = "The conversation is locked"
    default_hint = "Read it, or begin another one; its project goes on where it was created."


class MoveFailed(Conflict):
    """What is at the target of a move is not what was carried there."""

    code = "move_failed"
    title = "The two places differ"
    default_hint = "Stop every server and worker of the source, and run the same command again."


class TooLarge(CandorError):
    """The input is over a stated limit."""

    code = "too_large"
    title = "Too large"
    default_hint = "Send less at once, or raise the limit in the settings."


class Unsupported(CandorError):
    """Candor does not read this kind of content."""

    code = "unsupported_content"
    title = "Unsupported content"
    default_hint = "Convert it to Markdown, text, HTML, PDF, DOCX, CSV, TSV or XLSX."


class RateLimited(CandorError):
    """Too many requests: over our own limit or a provider's."""

    code = "rate_limited"
    title = "Too many requests"
    default_hint = "Wait a little and try again."


class UpstreamFailed(CandorError):
    """A provider answered with an error."""

    code = "upstream_failed"
    title = "The provider failed"
    default_hint = "Try again. If it keeps failing, look at the provider's status page."


class UpstreamTimeout(CandorError):
    """A provider did not answer in time."""

    code = "upstream_timeout"
    title = "The provider did not answer in time"
    default_hint = "Try again, or choose another model."


class Unavailable(CandorError):
    """Something Candor needs is missing, locked, full or broken."""

    code = "unavailable"
    title = "Unavailable"
    default_hint = "`candor doctor` shows what is missing."

    @classmethod
    def unreachable(cls, database: str) -> "Unavailable":
        """Makes the error of a database server that does not answer, or lets nobody in."""
        return Unavailable(
            f"{database} cannot be reached.",
            hint="Check that its server runs, and the host, port, user, password and database of DATABASE_URL.",
        )


class StorageFull(Unavailable):
    """The disk under a database is full; nothing stored before is lost."""

    code = "storage_full"
    title = "The disk is full"
    default_hint = "Free some space and run the same command again; stored data is intact."


class StorageReadOnly(Unavailable):
    """A database cannot be written."""

    code = "storage_read_only"
    title = "The database cannot be written"
    default_hint = "Check the permissions of the file and its folder."


class StorageBusy(Unavailable):
    """Another process held the write lock for longer than the timeout."""

    code = "storage_busy"
    title = "The database is busy"
    default_hint = "Another process is writing; try again when it has finished."


class StorageDamaged(Unavailable):
    """A file is not a database of ours, or is damaged."""

    code = "storage_damaged"
    title = "The database cannot be read"
    default_hint = "Run `candor doctor` on the machine: it names the file and the commands to run."
    file: Path | None = None
    """The damaged file, for the operator; None where a single record is damaged."""


class StorageGone(Unavailable):
    """An open database file is no longer at its path: it was deleted, moved away or replaced.

    A write would be lost with the last connection to it.
    """

    code = "storage_gone"
    title = "The database file was deleted or replaced"
    default_hint = (
        "Put the file back if it was moved away; where another one was restored, remove the -wal and "
        "-shm files beside it, which may hold writes of the former database and would be mixed into it: "
        "so no other file is taken up by itself. Then restart Candor."
    )


class NewerDatabase(Unavailable):
    """The file was written by a newer version; it is not touched."""

    code = "newer_database"
    title = "The database is from a newer version"
    default_hint = "Update Candor, or point the settings at another file. Nothing was changed."


class OlderDatabase(Unavailable):
    """The file was written before 0.2.0, the first release; it is not touched."""

    code = "older_database"
    title = "The database is from before 0.2.0"
    default_hint = (
        "With the Candor that wrote it, run `candor export --out conversations.json`. Move the file away;"
        " then run `candor import conversations.json` and `candor ingest FOLDER` with this one"
        " (docs/how-to/upgrade.md)."
    )


STORAGE_ERRORS = (
    StorageFull,
    StorageReadOnly,
    StorageBusy,
    StorageDamaged,
    StorageGone,
    NewerDatabase,
    OlderDatabase,
)
"""Errors of our own storage: they end a job, which can be resumed, and are no item's."""


class AddressRefused(Refused):
    """A web address may not be requested: its host, its scheme or the network that it lies in."""

    code = "address_refused"
    title = "This address may not be requested"
    default_hint = "Use https and a public host, or allow the host in the settings."


class QueryRefused(Refused):
    """The SQL guard does not allow this statement."""

    code = "query_refused"
    title = "Query refused"
    default_hint = "Write one SELECT over the listed tables; `candor tables` shows them."


class QueryFailed(InvalidInput):
    """The statement is not valid SQL for these tables."""

    code = "query_failed"
    title = "Query failed"
    default_hint = "Check table and column names; `candor tables` shows them."


class QueryTooExpensive(Refused):
    """The statement ran over its deadline or its size limits and was stopped."""

    code = "query_too_expensive"
    title = "Query too expensive"
    default_hint = "Ask for fewer rows, or join on fewer tables."


class TooManyQueries(RateLimited):
    """The caller has as many queries running and waiting as it may have at once."""

    code = "too_many_queries"
    title = "Too many queries at once"
    default_hint = "Wait until one of the running queries has ended, then send it again."


class ModelKeyRejected(UpstreamFailed):
    """The provider does not accept the key, or the key may not use this model."""

    code = "model_key_rejected"
    title = "The provider rejected the API key"
    default_hint = "Check the key in .env, and whether it may use this model."


class ModelUnknown(InvalidInput):
    """The model does not exist, or not at this provider."""

    code = "model_unknown"
    title = "Unknown model"
    default_hint = (
        "Write it as provider:model, for example openai:gpt-4.1-mini or offline:extractive."
    )


class ModelNotConfigured(InvalidInput):
    """The model is known, but its key or address is not set."""

    code = "model_not_configured"
    title = "The model is not configured"
    default_hint = "Put the provider's key into .env, or use offline:extractive."


class ModelNotAllowed(Refused):
    """The server does not allow requests to name this model."""

    code = "model_not_allowed"
    title = "This model may not be named"
    default_hint = "Omit the model, or name one that CHAT_MODELS allows."


class ModelQuotaExceeded(UpstreamFailed):
    """The account behind the key has no credit left."""

    code = "model_quota_exceeded"
    title = "The provider's quota is used up"
    default_hint = "Check the account's billing, or choose another model."


class PromptTooLong(InvalidInput):
    """The question and its sources do not fit into the model's context window."""

    code = "prompt_too_long"
    title = "Too long for the model"
    default_hint = (
        "Ask a shorter question, lower FINAL_RESULTS_LIMIT, or choose a model with a larger window."
    )


class ModelMisbehaved(UpstreamFailed):
    """The model's answer cannot be used, or did not end."""

    code = "model_misbehaved"
    title = "The model did not produce a usable answer"
    default_hint = "Ask again, or choose another model."


class ModelUnreachable(UpstreamFailed):
    """No connection to the provider."""

    code = "model_unreachable"
    title = "The provider cannot be reached"
    default_hint = "Check the network and the base URL; `--offline` answers without a provider."


class ContentFiltered(UpstreamFailed):
    """The provider's content filter stopped the request or the answer.

    `jailbreak` is true where the filter reports an attempt to break the rules, which gets a polite
    answer and a record. Any other category is an error.
    """

    code = "content_filtered"
    title = "Stopped by the provider's content filter"
    default_hint = "Rephrase the question."

    def __init__(self, detail: str, *, jailbreak: bool = False) -> None:
        super().__init__(detail)
        self.jailbreak = jailbreak


class DefaultModelUnusable(Unavailable):
    """The configured default model does not exist, or lacks its key."""

    code = "default_model_unusable"
    title = "The default model cannot be used"
    default_hint = "Correct CHAT_MODEL (for advice OPENAI_DEFAULT_MODEL, if it is set), or name a model; `candor doctor` shows what is missing."
