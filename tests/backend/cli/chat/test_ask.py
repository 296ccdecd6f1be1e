"""`candor ask` over the real turn; the model is a script that searches once and then answers."""

from collections.abc import AsyncIterator
from functools import partial

import anyio
import pytest
from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from tests.backend.cli.conftest import Candor, read_json
from tests.fakes.candor import quick_candor
from tests.fakes.prompts import store_default
from use_cases.kernel.errors import RateLimited
from use_cases.kernel.ports import Models, ResolvedModel


class Scripted:
    """The port `Models`: one model, which says `answer` once it has searched."""

    def __init__(self, answer: str) -> None:
        self._answer = answer

    def resolve(self, name: str | None = None, *, trusted: bool = False) -> ResolvedModel:
        return ResolvedModel(name or "scripted", FunctionModel(stream_function=self._stream))

    async def _stream(
        self, messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        last = messages[-1]
        searched = isinstance(last, ModelRequest) and any(
            isinstance(part, ToolReturnPart) for part in last.parts
        )
        if searched:
            for word in self._answer.split(" "):
                yield word + " "
        else:
            yield {
                0: DeltaToolCall(
                    "search_knowledge_base", '{"query": "password rotation"}', tool_call_id="one"
                )
            }


class Limited:
    """The port `Models`, when the provider has had enough."""

    def resolve(self, name: str | None = None, *, trusted: bool = False) -> ResolvedModel:
        raise RateLimited(f"{name or 'The model'} is asked too often.", retry_after=3)


@pytest.fixture
def scripted(filled: Candor, monkeypatch: pytest.MonkeyPatch) -> Candor:
    answer_with(monkeypatch, Scripted("Passwords must be rotated every 90 days. [1]"))
    return filled


def answer_with(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    candor = partial(quick_candor, models=models)
    monkeypatch.setattr("backend.cli.command_run.Container", candor)


def test_an_answer_comes_with_its_source_and_quote(scripted: Candor) -> None:
    result = scripted("ask", "How", "often", "must", "passwords", "be", "rotated?")
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].strip() == "Passwords must be rotated every 90 days. [1]"
    assert lines[2] == "Sources"
    assert lines[3].startswith("[1] Password policy — ")
    assert lines[3].endswith("2026-02-02, policies/passwords.md")
    assert lines[4].strip() == "“Passwords must be rotated every 90 days.”"
    assert "scripted · " in result.stderr


def test_an_answer_for_a_program(scripted: Candor) -> None:
    answer = read_json(scripted("ask", "How often?", "--json", "--model", "openai:another"))
    assert answer["outcome"] == "answered"
    assert answer["model"] == "openai:another"
    assert answer["sources"][0]["document"] == "policies/passwords.md"
    assert answer["sources"][0]["quotes"][0]["weak"] is False
    assert answer["tool_calls"][0]["name"] == "search_knowledge_base"


def test_an_answer_is_recorded_and_shown_again(scripted: Candor) -> None:
    asked = scripted("ask", "How often?")
    listed = read_json(scripted("answers", "--json"))["answers"]
    assert [item["question"] for item in listed] == ["How often?"]
    assert "How often?" in scripted("answers").stdout
    shown = scripted("answers", "show", listed[0]["id"])
    assert shown.exit_code == 0
    (
        *text,
        gap,
        outcome,
        when,
        versions,
        first,
        model,
        prompt,
        text_of,
        tokens,
        cost,
        latency,
        feedback,
    ) = shown.stdout.splitlines()
    assert (gap, asked.stdout.splitlines()[2:]) == ("", text[4:])
    assert outcome.split() == ["Outcome:", "answered"]
    assert when.startswith("Asked:")
    (source,) = read_json(scripted("answers", "show", listed[0]["id"], "--json"))["sources"]
    assert versions.split() == ["Cited", "versions:", "[1]", str(source["version_id"])]
    cited = scripted(*first.partition("candor ")[2].split())
    assert "Passwords must be rotated every 90 days." in cited.stdout
    assert prompt.split() == ["Prompt", "version:", listed[0]["prompt_version"]]
    assert text_of.endswith(f"candor prompts show {listed[0]['prompt_version']}")
    assert model.split() == ["Model:", listed[0]["model"]]
    assert tokens.startswith("Tokens:")
    assert cost.startswith("Cost:")
    assert latency.endswith(" s")
    assert feedback.split() == ["Feedback:", "none"]
    judged = ("feedback", listed[0]["id"], "wrong", "--expected", "Every 60 days.")
    assert scripted(*judged).exit_code == 0
    assert scripted("answers", "show", listed[0]["id"]).stdout.endswith("  Every 60 days.\n")


def test_an_answer_from_a_document_that_was_removed_says_so(scripted: Candor) -> None:
    scripted("ask", "How often?")
    [line] = read_json(scripted("answers", "--json"))["answers"]
    assert scripted("documents", "remove", "policies/passwords.md", "--yes").exit_code == 0
    shown = scripted("answers", "show", line["id"])
    assert shown.exit_code == 0, shown.stderr
    assert "“Passwords must be rotated every 90 days.”" in shown.stdout
    assert "was removed since; what is quoted above is kept" in shown.stdout
    assert "candor documents show" not in shown.stdout


def test_an_exported_answer_keeps_its_sources_and_its_record(scripted: Candor) -> None:
    answer = read_json(scripted("ask", "How often?", "--json"))
    scripted("feedback", answer["id"], "wrong", "--expected", "Every 60 days.")
    [chat] = read_json(scripted("export"))
    [record] = chat["belongings"]["answers"]
    assert record["answer_id"] == chat["messages"][-1]["id"]
    assert record["outcome"] == "answered"
    assert record["prompt_version"] == answer["prompt_version"]
    assert (record["right"], record["expected"]) == (False, "Every 60 days.")
    (source,), (cited,) = record["sources"], answer["sources"]
    assert source["document"]["name"] == "policies/passwords.md"
    assert source["document"]["version_id"] == cited["version_id"]
    assert source["quotes"][0]["text"] == "Passwords must be rotated every 90 days."

    read = scripted("export", "--format", "markdown").stdout
    place = f"2026-02-02, policies/passwords.md, version {cited['version_id']}"
    assert f"{place}: “Passwords must be rotated every 90 days.”\n" in read
    assert f"*answered · {answer['prompt_version']} · " in read
    assert " · marked as wrong · right is: Every 60 days.*\n" in read
    assert place in scripted("export", "--format", "html").stdout


def test_an_exported_answer_is_imported_without_a_fault(
    scripted: Candor, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted("ask", "How often?")
    assert scripted("export", "--out", "out.json").exit_code == 0
    assert "1 unchanged; 0 new messages" in scripted("import", "out.json").stderr
    monkeypatch.setenv("DATA_DIR", "elsewhere")
    done = scripted("import", "out.json")
    assert (done.exit_code, "1 created; 2 new messages" in done.stderr) == (0, True)


def test_recorded_answers_are_filtered_and_summed_up(scripted: Candor) -> None:
    scripted("ask", "How often?")
    [line] = read_json(scripted("answers", "--json"))["answers"]
    scripted("feedback", line["id"], "wrong")
    for words in (
        ("--feedback", "wrong"),
        ("list", "--text", "HOW often", "--since", "2020-01-01"),
        ("list", "--since", "12h"),
    ):
        assert line["id"] in scripted("answers", *words).stdout
    none = scripted("answers", "--feedback", "right")
    assert (none.stdout, none.exit_code) == ("", 0)
    assert "leave out a filter" in none.stderr
    total = scripted("answers", "--summary").stdout
    assert "Answers:  1\n" in total
    assert "Feedback: 1 wrong\n" in total
    assert "Cited most (1 document)\n  policies/passwords.md  1\n" in total
    found = read_json(scripted("answers", "--summary", "--json", "--document", "nowhere.md"))
    assert (found["answers"], found["documents_cited"]) == (0, 0)


def test_a_filter_that_fits_nothing_is_refused_with_what_fits(scripted: Candor) -> None:
    for wrong in ("yesterday", "999999w", "30"):
        refused = scripted("answers", "--since", wrong)
        assert refused.exit_code == 2
        assert "Write a day (2026-03-01), a time (2026-03-01T12:00), or how long" in refused.stderr
    refused = scripted("answers", "--outcome", "good")
    assert "'--outcome': 'good' is not one of 'answered'," in refused.stderr


def test_a_question_is_read_from_stdin(scripted: Candor) -> None:
    result = scripted("ask", "-", "--json", stdin="How often?\n")
    assert read_json(result)["question"] == "How often?"


def test_an_answer_that_may_not_hold_ends_with_8_and_a_note(
    filled: Candor, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, Scripted("[tentative] Passwords must be rotated every 90 days. [1]"))
    result = filled("ask", "How often?")
    assert result.exit_code == 8
    assert "note: This answer may not hold" in result.stderr
    assert "[tentative]" not in result.stdout


def test_a_provider_that_fails_ends_with_6(filled: Candor, monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, Limited())
    result = filled("ask", "How often?")
    assert result.exit_code == 6
    assert result.stderr.startswith("error[rate_limited]: ")
    assert result.stdout == ""


def test_offline_passes_over_a_stored_default_model(
    filled: Candor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "planted-key")
    anyio.run(store_default, "chat.answer", "openai:gpt-4.1-mini")
    result = filled("ask", "How often must passwords be rotated?", "--offline", "--json")
    assert (result.exit_code, read_json(result)["model"]) == (0, "offline:extractive")


def test_on_a_terminal_the_answer_comes_as_it_is_written(
    scripted: Candor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.cli.terminal.terminal.on_terminal", lambda: True)
    result = scripted("ask", "How often?")
    assert result.stdout.startswith("Passwords must be rotated every 90 days. [1]")
    assert result.stdout.count("Passwords must be rotated") == 2  # the answer and its quote
    assert '… search_knowledge_base {"query":"password rotation"}' in result.stderr


def test_a_fault_of_our_own_is_one_line_and_a_log(
    filled: Candor, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def resolve(self, name: str | None = None, *, trusted: bool = False) -> ResolvedModel:
            raise RuntimeError(f"no such thing as {name}")

    answer_with(monkeypatch, Broken())
    result = filled("ask", "How often?")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "error[internal_error]: The command failed." in result.stderr
    assert "RuntimeError: no such thing as None" in result.stderr
