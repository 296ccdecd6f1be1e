"""`candor advise` and `candor feedback` over the real run; the model is a script."""

import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from tests.backend.cli.conftest import Candor, read_json
from tests.backend.cli.pseudo_terminal import CTRL_C, Terminal
from tests.fakes.candor import quick_candor
from use_cases.kernel.errors import RateLimited
from use_cases.kernel.ports import ResolvedModel

WRITTEN: dict[str, object] = {
    "choice": "Allen",
    "main_advice": "Start Allen.",
    "reasoning": "He threw four touchdowns.",
    "confidence_score": 0.7,
    "alternatives": [{"option": "Mahomes", "reason": "He was sacked twice."}],
}
NOTHING: dict[str, object] = {
    **WRITTEN,
    "choice": None,
    "confidence_score": None,
    "alternatives": [],
}


class Scripted:
    """The port `Models`: writes these attempts, one at each request, the last again and again."""

    def __init__(self, *attempts: dict[str, object]) -> None:
        self._attempts = list(attempts)

    def resolve(self, name: str | None = None, *, trusted: bool = False) -> ResolvedModel:
        if name == "limited":
            raise RateLimited("The provider is asked too often.")
        return ResolvedModel(name or "scripted", FunctionModel(stream_function=self._stream))

    async def _stream(
        self, _messages: list[ModelMessage], _info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        attempt = self._attempts[0]
        if len(self._attempts) > 1:
            self._attempts.pop(0)
        text = json.dumps(attempt)
        for start in range(0, len(text), 7):
            name = None if start else "give_advice"
            yield {0: DeltaToolCall(name, text[start : start + 7], tool_call_id="out")}


def advise_with(monkeypatch: pytest.MonkeyPatch, *attempts: dict[str, object]) -> None:
    models = Scripted(*attempts)
    candor = partial(quick_candor, models=models)
    monkeypatch.setattr("backend.cli.command_run.Container", candor)


@pytest.fixture
def advised(candor: Candor, monkeypatch: pytest.MonkeyPatch) -> Candor:
    """`candor` whose model writes `WRITTEN`."""
    advise_with(monkeypatch, WRITTEN)
    return candor


def test_recorded_advice_is_shown_again_with_what_came_of_it(advised: Candor) -> None:
    given = read_json(advised("advise", "Start Allen or Mahomes?", "--json"))
    advised("feedback", given["response_id"], "wrong", "--notes", "He was benched.")
    shown = advised("confidence", "show", given["response_id"])
    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.startswith("Start Allen or Mahomes?\n\nStart Allen.\n")
    assert "Likely (about 7 in 10): 70 of 100" in shown.stdout
    assert "Outcome:        wrong: He was benched.\n" in shown.stdout
    assert f"candor prompts show {given['prompt_version']}\n" in shown.stdout
    report = "candor confidence report --profile general --model offline:adviser"
    assert f"Right so often: {report}\n" in shown.stdout
    assert advised(*report.split()[1:]).stdout.startswith("Confidence as shown")
    found = read_json(advised("confidence", "show", given["response_id"], "--json"))
    assert found["judgement"]["feedback_notes"] == "He was benched."
    assert advised("confidence", "show", "resp_none").exit_code == 3
    hint = f"Run: candor confidence show {given['response_id']}\n"
    assert advised("answers", "show", given["response_id"]).stderr.endswith(hint)


def test_advice_without_a_confidence_is_shown_again(
    candor: Candor, monkeypatch: pytest.MonkeyPatch
) -> None:
    advise_with(monkeypatch, NOTHING)
    given = read_json(candor("advise", "Start Allen or Mahomes?", "--json"))
    shown = candor("confidence", "show", given["response_id"]).stdout
    assert "No confidence: there was nothing to choose by." in shown
    assert f"Outcome:        {given['outcome']}\n" in shown
    assert "Right so often" not in shown


def test_advice_says_how_sure_it_is_and_how_to_tell_what_came_of_it(advised: Candor) -> None:
    result = advised("advise", "Start", "Allen", "or", "Mahomes?")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == [
        "Start Allen.",
        "",
        "He threw four touchdowns.",
        "",
        "Likely (about 7 in 10): 70 of 100",
        "",
        "Alternatives",
        "  Mahomes: He was sacked twice.",
    ]
    assert "Record whether it was right: candor feedback resp_" in result.stderr


def test_advice_for_a_program_is_the_record_of_it(advised: Candor) -> None:
    found = read_json(
        advised("advise", "Start Allen?", "--json", "-p", "fantasy-nfl", "-m", "openai:other")
    )
    assert found["confidence_score"] == 0.7
    assert found["model_identifier"] == "openai:other"
    assert found["profile"] == "fantasy-nfl"
    assert found["alternatives"][0]["player"] == "Mahomes"
    assert found["judgement"]["state"] == "pending"


def test_the_options_of_a_request_reach_it(advised: Candor) -> None:
    more = ("--no-search", "--event-key", "my game", "--event-ends", "2030-01-02")
    found = read_json(advised("advise", "-", "--json", *more, stdin="Start Allen today?\n"))
    assert found["question"].strip() == "Start Allen today?"
    assert found["search_decision"] == "USER_OVERRIDE_NO"
    assert (found["event_key"], found["event_ends"]) == ("my game", "2030-01-02")


def test_where_there_is_nothing_to_choose_by_the_exit_code_is_3(
    candor: Candor, monkeypatch: pytest.MonkeyPatch
) -> None:
    advise_with(monkeypatch, NOTHING)
    result = candor("advise", "Start Allen?")
    assert result.exit_code == 3
    assert "No confidence: there was nothing to choose by." in result.stdout
    assert "candor feedback" not in result.stderr


def test_on_a_terminal_advice_that_was_not_in_order_is_replaced(
    candor: Candor, monkeypatch: pytest.MonkeyPatch
) -> None:
    advise_with(
        monkeypatch, {**WRITTEN, "main_advice": "Bench all.", "confidence_score": 7}, WRITTEN
    )
    monkeypatch.setattr("backend.cli.terminal.terminal.on_terminal", lambda: True)
    result = candor("advise", "Start Allen or Mahomes?")
    assert result.exit_code == 0, result.stderr
    assert "note: The text above was invalid" in result.stderr
    before, _, after = result.stdout.partition("Start Allen.")
    assert before.startswith("Bench all.")
    assert "Likely (about 7 in 10): 70 of 100" in after


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("Start Allen?", "-m", "limited"), "rate_limited", 6),
        (("Start Allen?", "--prompt-type", "nonsense"), "prompt_type_unknown", 2),
        (("/nosrch Start Allen?", "--search"), "search_override_conflict", 2),
    ],
)
def test_what_cannot_be_asked_is_said(
    advised: Candor, words: tuple[str, ...], code: str, exit_code: int
) -> None:
    result = advised("advise", *words)
    assert result.exit_code == exit_code, result.stderr
    assert result.stderr.startswith(f"error[{code}]: ")
    assert result.stdout == ""


def test_feedback_on_the_last_advice_is_recorded_once_and_may_change(advised: Candor) -> None:
    advised("advise", "Start Allen?")
    assert advised("feedback", "last", "right").stdout.endswith(": right, recorded.\n")
    assert advised("feedback", "last", "right").stdout.endswith("right, already recorded.\n")
    assert advised("feedback", "last", "wrong").stdout.endswith(
        "wrong, instead of right, recorded.\n"
    )
    told = read_json(
        advised("feedback", "last", "void", "--not-helpful", "--notes", "tie", "--json")
    )
    assert told["state"] == "void"
    assert told["helpful"] is False
    assert told["superseded"]["state"] == "wrong"
    assert "void" in advised("confidence", "recent").stdout


def test_helpfulness_alone_is_no_outcome(advised: Candor) -> None:
    advised("advise", "Start Allen?")
    assert advised("feedback", "last", "--helpful").stdout.endswith(": helpful, recorded.\n")
    assert (
        read_json(advised("confidence", "recent", "--outcome", "pending", "--json"))["returned"]
        == 1
    )


def test_feedback_that_cannot_be_is_said(advised: Candor) -> None:
    assert advised("feedback", "last", "right").stderr.startswith("error[response_not_found]")
    advised("advise", "Start Allen?", "--event-ends", "2999-01-01")
    early = advised("feedback", "last", "right")
    assert (early.exit_code, early.stderr[:26]) == (5, "error[outcome_too_early]: ")
    nothing = advised("feedback", "last")
    assert (nothing.exit_code, nothing.stderr[:26]) == (2, "error[feedback_invalid]: T")
    unknown = advised("feedback", "resp_none", "right", "--json")
    assert unknown.exit_code == 3
    assert json.loads(unknown.stderr)["code"] == "response_not_found"
    chat = advised("feedback", "chat_1", "wrong")
    assert "There is no recorded answer or advice 'chat_1'." in chat.stderr
    assert advised("feedback", "last", "perhaps").exit_code == 2


@pytest.mark.exhaustive
def test_ctrl_c_stops_the_model_and_keeps_what_was_said(tmp_path: Path, candor: Candor) -> None:
    with Terminal(tmp_path, "advise", "Start Allen or Mahomes?") as terminal:
        assert "of 100" not in terminal.until("touchdowns.")
        terminal.type(CTRL_C)
        assert terminal.told() == "cancelled\n"
        code, rest = terminal.ended()
    assert code == 130
    assert "Traceback" not in rest
    [kept] = read_json(candor("confidence", "recent", "--json"))["logs"]
    assert "Start Allen." in kept["response_text"]
