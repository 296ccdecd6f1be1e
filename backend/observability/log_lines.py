"""Log lines as text or JSON, with secrets masked, wherever they come from.

Promises: no value of a secret setting of four characters or more, in any of its usual spellings,
and nothing shaped like a key, a bearer token or a password in a URL survives `Mask`. Leaves to
others: its use (`backend/observability/log_lines.py` masks every line).

Promises: records of the standard library's `logging` (uvicorn, openai, httpx, alembic, sqlalchemy…)
take the same path; every line carries the ids of its request, chat and run
(`use_cases.kernel.runs.surroundings`), also from tasks and threads started for them; secrets are
masked in messages and in tracebacks alike; a message cannot forge a second line; values of
variables are never printed, and no library repeats users' texts, at any level. stdout stays free
for data. Leaves to others: the choice of events.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote, urlsplit

from loguru import logger

from backend.errors import InternalError
from backend.settings.server import LogFormat
from backend.settings.settings import Settings, colour_wanted
from use_cases.kernel.errors import CandorError
from use_cases.kernel.runs.surroundings import labels

if TYPE_CHECKING:
    from loguru import Message, Record


HIDDEN = "[hidden]"

_SHAPES = (
    re.compile(r"\bcndr_[A-Za-z0-9_\-]{8,}"),
    re.compile(r"\b(?:sk|pk|rk|xai|gsk|ghp|co)[-_][A-Za-z0-9_\-]{12,}"),
    re.compile(r"(?i)(?<=\bbearer )[A-Za-z0-9._~+/=\-]{6,}"),
    re.compile(r"(?i)(?<=\bbasic )[A-Za-z0-9+/=]{8,}"),
    re.compile(
        r"(?i)(?:api[-_]?key|token|secret|password)[\"']?\s*[:=]\s*[\"']?(?P<value>[^\s\"',;&})]{6,})"
    ),
    re.compile(r"[?&](?:code|state)=(?P<value>[^\s\"'&]{16,})"),  # a sign-in's answer in an address
    re.compile(r"(?<=://)[^\s/:@]*:(?P<value>[^\s/@]+)(?=@)"),
)
_SHORTEST = 4


class Mask:
    """Replaces secrets in a text by `[hidden]`."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        spellings = {form for secret in secrets for form in _spell(secret)}
        # Longest first, so that a secret which contains another leaves no rest behind.
        self._values = sorted(spellings, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Returns the text without secrets."""
        for value in self._values:
            text = text.replace(value, HIDDEN)
        for shape in _SHAPES:
            text = shape.sub(_hide, text)
        return text


def _hide(match: re.Match[str]) -> str:
    """Replaces only the secret part where the shape names one, else all of it."""
    if "value" not in match.re.groupindex:
        return HIDDEN
    start, end = match.start("value") - match.start(), match.end("value") - match.start()
    return match[0][:start] + HIDDEN + match[0][end:]


def _spell(secret: str) -> set[str]:
    """Returns a secret as it is, in a URL, in JSON and in a repr; a database URL by its password alone."""
    if "://" in secret:
        # Without a password it is no secret, and masking it would only hide a file name.
        secret = _password(secret)
    forms = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    return {form for form in forms if len(form) >= _SHORTEST}


def _password(url: str) -> str:
    """Returns the password in a URL; empty where there is none or the URL is malformed."""
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""


request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the HTTP request that is handled in this context."""

_NOISY_LOGGERS = ("httpx", "httpx2", "httpcore", "httpcore2", "alembic", "asyncio", "mcp")
"""Loggers that report every step at INFO; shown from WARNING on, unless the level is DEBUG."""

_CONTENT_LOGGERS = ("sqlalchemy", "aiosqlite", "openai", "anthropic", "google_genai", "cohere")
"""Loggers that would repeat users' texts (statements' values, whole requests): from WARNING only.
"""

_COLOURS = {"DEBUG": "36", "INFO": "32", "WARNING": "33", "ERROR": "31", "CRITICAL": "35"}


class Terminal(Protocol):
    """The target of log lines."""

    def write(self, text: str, /) -> object:
        """Writes some text."""
        ...

    def flush(self) -> None:
        """Flushes the text."""
        ...


def set_up_server_logs(settings: Settings) -> None:
    """Sends logs to stderr as the settings define."""
    set_up_logs(
        level=settings.log_level,
        form=settings.log_format,
        secrets=settings.secrets().values(),
        colour=sys.stderr.isatty() and colour_wanted(),
    )


def set_up_logs(
    *,
    level: str,
    form: LogFormat,
    secrets: Iterable[str] = (),
    colour: bool = False,
    to: Terminal | None = None,
) -> None:
    """Sends every log line, loguru's and the standard library's, to stderr (or `to`).

    May be called again; the last call counts.
    """
    render = _json_line if form is LogFormat.JSON else _text_line(colour)
    mask = Mask(secrets)
    logger.remove()
    # format: the sink writes its own line. backtrace and diagnose: values must not be printed.
    logger.add(
        _sink(render, mask, to), level=level, format="{message}", backtrace=False, diagnose=False
    )
    _intercept(level)


def log_fault(error: CandorError) -> None:
    """Logs an error on the server's side: its code and sentence.

    The traceback is logged at DEBUG only, except for internal errors.
    """
    if isinstance(error, InternalError):
        logger.opt(depth=1, exception=error).error("{}: {}", error.code, error.detail)
        return
    logger.opt(depth=1).error("{}: {}", error.code, error.detail)
    logger.opt(depth=1, exception=error).debug("{} was raised here", error.code)


Render = Callable[["Record", Mask], str]


def _sink(render: Render, mask: Mask, to: Terminal | None) -> Callable[["Message"], None]:
    def write(message: "Message") -> None:
        # Looked up at each line: a replacement of stderr (a test's, a progress bar's) gets the lines.
        target = to or sys.stderr
        try:
            target.write(render(message.record, mask) + "\n")
            target.flush()
        except BrokenPipeError:
            pass

    return write


def _text_line(colour: bool) -> Render:
    def render(record: "Record", mask: Mask) -> str:
        level = record["level"].name
        shown = f"\x1b[{_COLOURS.get(level, '0')}m{level:<8}\x1b[0m" if colour else f"{level:<8}"
        request = request_id.get()
        head = f"{record['time']:%Y-%m-%d %H:%M:%S.%f}"[:-3]
        ids = [request] if request else []
        parts = [head, shown, _source(record), *ids, *labels().values()]
        return f"{' '.join(parts)}: {_one_line(mask(record['message']))}{_indent(record, mask)}"

    return render


def _json_line(record: "Record", mask: Mask) -> str:
    line: dict[str, object] = {
        "time": record["time"].isoformat(),
        "level": record["level"].name,
        "logger": _source(record),
        "request_id": request_id.get(),
        **labels(),
        "message": mask(record["message"]),
    }
    if failure := _traceback(record):
        line["exception"] = mask(failure)
    return json.dumps(line, ensure_ascii=False)


def _source(record: "Record") -> str:
    """Returns the logger's name; for intercepted records the standard library's."""
    return str(record["extra"].get("logger") or record["name"] or "candor")


def _one_line(text: str) -> str:
    """Returns the text with line breaks and control characters spelled out, so that no message looks
    like another line.
    """
    return "".join(
        char if char.isprintable() or char == " " else char.encode("unicode_escape").decode()
        for char in text
    )


def _traceback(record: "Record") -> str:
    failure = record["exception"]
    if failure is None or failure.value is None:
        return ""
    return "".join(traceback.format_exception(failure.value)).rstrip()


def _indent(record: "Record", mask: Mask) -> str:
    """Returns the traceback under its line, indented so that it cannot be taken for a line of its own."""
    failure = mask(_traceback(record))
    return "".join(f"\n    {_one_line(line)}" for line in failure.splitlines())


class _Intercept(logging.Handler):
    """Forwards records of the standard library to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        message = record.getMessage()
        logger.bind(logger=record.name).opt(exception=record.exc_info).log(level, "{}", message)


def _intercept(level: str) -> None:
    logging.basicConfig(handlers=[_Intercept()], level=level, force=True)
    logging.captureWarnings(capture=True)
    for name in list(logging.root.manager.loggerDict):
        known = logging.getLogger(name)
        known.handlers.clear()
        known.propagate = True
    for name in _NOISY_LOGGERS:
        logging.getLogger(name).setLevel(level if level == "DEBUG" else logging.WARNING)
    for name in _CONTENT_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
