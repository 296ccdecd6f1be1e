"""Which model advises: five steps, and what is shown as the default."""

import pytest

from use_cases.advice.giving.preparation import INTERNAL_DEFAULT, ModelDefaults


def test_first_the_request() -> None:
    assert ModelDefaults("env", "app").chosen("requested", "stored") == "requested"


def test_then_the_stored_default() -> None:
    assert ModelDefaults("env", "app").chosen(None, "stored") == "stored"


def test_then_the_environment() -> None:
    assert ModelDefaults("env", "app").chosen() == "env"


def test_then_the_application() -> None:
    assert ModelDefaults(None, "openai:gpt-4.1-mini").chosen() == "openai:gpt-4.1-mini"


def test_then_the_internal_default() -> None:
    assert ModelDefaults().chosen() == INTERNAL_DEFAULT == "gpt-4.1"


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_name_is_none(blank: str) -> None:
    assert ModelDefaults(blank, "app").chosen(blank) == "app"


@pytest.mark.parametrize("name", ["offline", "offline:extractive", "offline:adviser"])
def test_offline_means_the_adviser(name: str) -> None:
    assert ModelDefaults().chosen(name) == "offline:adviser"
    assert ModelDefaults(None, name).chosen() == "offline:adviser"


def test_in_a_chain_too() -> None:
    assert ModelDefaults().chosen("gpt-4.1, offline") == "gpt-4.1,offline:adviser"
