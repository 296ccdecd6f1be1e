"""Log lines: one event, one line, no secret, the request id, and the standard library's records too."""

import io
import json
import logging
import re
import warnings

import pytest
from loguru import logger

from backend.errors import InternalError
from backend.observability.log_lines import log_fault, request_id, set_up_logs
from backend.settings.server import LogFormat
from use_cases.kernel.errors import ModelMisbehaved

pytestmark = pytest.mark.usefixtures("restored_logs")

SECRET = "planted-secret-value"


def lines(form: LogFormat = LogFormat.TEXT, level: str = "INFO") -> io.StringIO:
    output = io.StringIO()
    set_up_logs(level=level, form=form, secrets=[SECRET], to=output)
    return output


def test_a_text_line_has_time_level_source_and_message() -> None:
    output = lines()
    logger.info("Ready with {} documents", 3)
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} INFO     \S+: Ready with 3 documents\n",
        output.getvalue(),
    )


def test_an_error_on_purpose_is_a_line_and_its_traceback_for_who_debugs() -> None:
    output = lines()
    log_fault(ModelMisbehaved("It gave no advice."))
    assert (
        "ERROR    tests.backend.observability.test_logs: model_misbehaved: It gave"
        in output.getvalue()
    )
    assert output.getvalue().count("\n") == 1
    output = lines(level="DEBUG")
    log_fault(ModelMisbehaved("It gave no advice."))
    assert "model_misbehaved was raised here\n    " in output.getvalue()


def test_an_error_that_only_a_bug_explains_has_its_traceback() -> None:
    output = lines()
    log_fault(InternalError("It ended without a record."))
    assert "internal_error: It ended without a record.\n    " in output.getvalue()


def test_a_json_line_is_one_object() -> None:
    output = lines(LogFormat.JSON)
    request_id.set("req-1")
    logger.warning("Zürich is\nfar")
    line = json.loads(output.getvalue())
    assert output.getvalue().count("\n") == 1
    assert line["level"] == "WARNING"
    assert line["message"] == "Zürich is\nfar"
    assert line["request_id"] == "req-1"
    assert "exception" not in line
    request_id.set(None)


def test_the_request_id_is_in_a_text_line() -> None:
    output = lines()
    token = request_id.set("req-42")
    logger.info("hello")
    request_id.reset(token)
    assert " req-42: hello\n" in output.getvalue()


def test_a_message_cannot_forge_a_second_line() -> None:
    output = lines()
    logger.info("{}", "x\n2026-01-01 ERROR forged\r\x1b[31m")
    assert output.getvalue().count("\n") == 1
    assert r"x\n2026-01-01 ERROR forged\r\x1b[31m" in output.getvalue()


@pytest.mark.parametrize("form", list(LogFormat))
def test_a_secret_is_masked_in_message_and_traceback(form: LogFormat) -> None:
    output = lines(form)

    def call_provider(key: str) -> None:
        raise ConnectionError(f"cannot reach with {key} and Bearer abcdefgh12345678")

    try:
        call_provider(SECRET)
    except ConnectionError:
        logger.exception("Calling with {} failed", SECRET)
    text = output.getvalue()
    assert SECRET not in text
    assert "abcdefgh12345678" not in text
    assert "ConnectionError" in text
    assert "[hidden]" in text


def test_values_of_variables_are_never_printed() -> None:
    output = lines()
    document = "contents of a private letter"

    def read(text: str) -> int:
        return int(text)

    try:
        read(document[:0])
    except ValueError:
        logger.exception("failed")
    assert "private letter" not in output.getvalue()


def test_records_of_the_standard_library_take_the_same_way() -> None:
    output = lines()
    logging.getLogger("uvicorn.access").info('%s - "%s %s"', "127.0.0.1", "GET", "/health")
    logging.getLogger("sqlalchemy.engine").error("with {braces} and %s", SECRET)
    assert ' uvicorn.access: 127.0.0.1 - "GET /health"' in output.getvalue()
    assert " sqlalchemy.engine: with {braces} and [hidden]" in output.getvalue()


def test_a_record_with_a_level_of_its_own_is_kept() -> None:
    output = lines()
    logging.getLogger("odd").log(25, "between")
    assert "between" in output.getvalue()


def test_handlers_that_libraries_brought_are_silenced() -> None:
    own = io.StringIO()
    logging.getLogger("uvicorn.error").addHandler(logging.StreamHandler(own))
    output = lines()
    logging.getLogger("uvicorn.error").warning("once")
    assert own.getvalue() == ""
    assert output.getvalue().count("once") == 1


def test_chatty_libraries_are_heard_from_warning_unless_debugging() -> None:
    output = lines()
    logging.getLogger("httpx").info("HTTP Request: POST …")
    logging.getLogger("httpx").warning("slow")
    assert "HTTP Request" not in output.getvalue()
    assert "slow" in output.getvalue()
    output = lines(level="DEBUG")
    logging.getLogger("httpx").info("HTTP Request: POST …")
    assert "HTTP Request" in output.getvalue()


@pytest.mark.parametrize("name", ["sqlalchemy.engine", "aiosqlite", "openai._base_client"])
def test_libraries_that_repeat_what_people_wrote_are_heard_from_warning_only(name: str) -> None:
    output = lines(level="DEBUG")
    logging.getLogger(name).info("what somebody wrote")
    logging.getLogger(name).debug("what somebody wrote")
    logging.getLogger(name).warning("slow")
    assert "somebody" not in output.getvalue()
    assert "slow" in output.getvalue()


def test_warnings_are_logged() -> None:
    output = lines()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("an old way", DeprecationWarning, stacklevel=1)
    assert "an old way" in output.getvalue()


def test_below_the_level_nothing_is_written() -> None:
    output = lines(level="WARNING")
    logger.info("quiet")
    logging.getLogger("anything").info("quiet too")
    assert output.getvalue() == ""


def test_without_a_target_lines_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(level="INFO", form=LogFormat.TEXT, colour=True)
    logger.error("red")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "\x1b[31mERROR   \x1b[0m" in captured.err


def test_a_closed_pipe_ends_no_program() -> None:
    class Closed(io.StringIO):
        def write(self, text: str, /) -> int:
            raise BrokenPipeError

    set_up_logs(level="INFO", form=LogFormat.TEXT, to=Closed())
    logger.info("into the void")
