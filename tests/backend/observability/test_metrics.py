"""Figures: what is counted, under few and bounded labels, and nothing that is not known."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from backend.observability.metrics import Metrics
from tests.backend.stream.advising import recorded
from use_cases.chat.model import Answer
from use_cases.kernel.citations.sources import Outcome, ToolCall


def figures(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Every sample of ours that is not a bucket or a time: its name, then its labels' values.

    The labels stand in the order of their names.
    """
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
        if sample.name.startswith("candor_") and not sample.name.endswith(("_bucket", "_created"))
    }


def answer(
    *,
    model: str = "openai:gpt-4.1-mini",
    outcome: Outcome = Outcome.ANSWERED,
    tokens: tuple[int | None, int | None] = (800, 20),
    cost: Decimal | None = Decimal("0.0125"),
    interrupted: bool = False,
    tools: tuple[ToolCall, ...] = (),
) -> Answer:
    return Answer(
        answer_id="ans_1",
        user_id="anna",
        question="A private question?",
        category=None,
        text="A private answer.",
        outcome=outcome,
        sources=(),
        tool_calls=tools,
        model=model,
        prompt_version="1",
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        cost=cost,
        latency_ms=1500,
        created_at=datetime(2026, 3, 14, tzinfo=UTC),
        interrupted=interrupted,
        chat_id="chat_1",
    )


def test_recorded_answers_are_counted_with_tokens_cost_and_tools() -> None:
    metrics = Metrics()
    searched = ToolCall("search_knowledge_base", "{}", "found")
    failed = ToolCall("lookup_structured_data", "{}", "refused", failed=True)
    metrics.answers.record(answer(tools=(searched, searched, failed)))
    metrics.answers.record(answer(outcome=Outcome.NOT_FOUND, interrupted=True))
    found = figures(metrics)
    assert found["candor_answers_total", "answered"] == 1
    assert found["candor_answers_total", "not_found"] == 1
    assert found["candor_answers_interrupted_total",] == 1
    assert found["candor_answer_seconds_count",] == 2
    assert found["candor_answer_seconds_sum",] == 3
    assert found["candor_tokens_total", "input", "openai:gpt-4.1-mini"] == 1600
    assert found["candor_tokens_total", "output", "openai:gpt-4.1-mini"] == 40
    assert found["candor_cost_dollars_total", "openai:gpt-4.1-mini"] == pytest.approx(0.025)
    assert found["candor_tool_calls_total", "done", "search_knowledge_base"] == 2
    assert found["candor_tool_calls_total", "failed", "lookup_structured_data"] == 1


def test_what_is_not_known_is_left_out_and_not_counted_as_nothing() -> None:
    metrics = Metrics()
    metrics.answers.record(answer(model="offline:extractive", tokens=(None, None), cost=None))
    assert not [name for name in figures(metrics) if "tokens" in name[0] or "cost" in name[0]]


def test_names_that_a_model_or_a_client_makes_up_share_a_label() -> None:
    metrics = Metrics()
    made_up = ToolCall("made_up_by_the_model", "{}", "unknown tool", failed=True)
    metrics.answers.record(answer(tools=(made_up,)))
    for number in range(80):
        metrics.answers.record(answer(model=f"openai:model-{number}"))
    metrics.http.record_request(None, "BREW", 404, 0.01)
    found = figures(metrics)
    assert found["candor_tool_calls_total", "failed", "other"] == 1
    models = {name[2] for name in found if name[0] == "candor_tokens_total"}
    assert len(models) == 51
    assert found["candor_tokens_total", "input", "other"] == 800 * 31
    assert found["candor_http_requests_total", "other", "none", "404"] == 1


def test_no_text_or_id_of_a_turn_is_in_the_figures() -> None:
    metrics = Metrics()
    metrics.answers.record(answer())
    text = metrics.text().decode()
    for private in ("private", "anna", "chat_1", "ans_1"):
        assert private not in text


def test_requests_are_counted_and_limited_ones_once_more() -> None:
    metrics = Metrics()
    metrics.http.record_request("/chats/{chat_id}", "GET", 200, 0.02)
    metrics.http.record_request("/chat", "POST", 429, 0.001)
    metrics.http.record_problem("rate_limited")
    found = figures(metrics)
    assert found["candor_http_requests_total", "GET", "/chats/{chat_id}", "200"] == 1
    assert found["candor_http_request_seconds_count", "GET", "/chats/{chat_id}"] == 1
    assert found["candor_http_rate_limited_total",] == 1
    assert found["candor_http_problems_total", "rate_limited"] == 1


def test_two_servers_in_one_process_do_not_mix() -> None:
    one, two = Metrics(), Metrics()
    one.turns.begin()
    assert figures(one)["candor_turns_active",] == 1
    assert figures(two)["candor_turns_active",] == 0


def test_the_process_itself_is_measured() -> None:
    assert b"process_resident_memory_bytes" in Metrics().text()


def test_every_figure_is_explained() -> None:
    page = Path(__file__).parents[3] / "docs" / "explanation" / "observability.md"
    families = text_string_to_metric_families(Metrics().text().decode())
    names = {family.name for family in families}
    ours = {n for n in names if n.startswith("candor_") and not n.endswith("_created")}
    missing = {name for name in ours if f"`{name}" not in page.read_text()}
    assert len(ours) == 14
    assert not missing


def test_advice_is_counted_apart_and_its_tokens_with_all_others() -> None:
    metrics = Metrics()
    compared = ToolCall("compare_options", "{}", "found")
    given = recorded(tool_calls=(compared,), cost=Decimal("0.5"), interrupted=True)
    metrics.answers.record(answer(tokens=(800, 20)))
    metrics.answers.record(given)
    found = figures(metrics)
    assert found["candor_advice_total", "answered"] == 1
    assert found["candor_answers_total", "answered"] == 1
    assert found["candor_answers_interrupted_total",] == 1
    assert found["candor_tokens_total", "input", "openai:gpt-4.1-mini"] == 1612
    assert found["candor_cost_dollars_total", "openai:gpt-4.1-mini"] == pytest.approx(0.5125)
    assert found["candor_tool_calls_total", "done", "compare_options"] == 1
