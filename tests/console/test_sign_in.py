"""Signing in with an API key or at a provider, in a browser: what a page keeps, and what it shows when a
session ends.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.backend.cli.test_program import environment, free_port, run_program
from tests.console.conftest import AXE, Console
from tests.console.looking import ask, faults
from tests.faults.serving import running
from tests.wire.openid_mock import OpenIdMock, openid_mock
from tests.wire.stub_provider import StubProvider

Opened = Callable[..., Page]

ADMIN = f"cndr_{'a' * 10}_{'b' * 40}"


pytestmark = [
    pytest.mark.exhaustive(together=True),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of the provider's mock
]


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdMock]:
    """A provider of sign-ins, which knows Ada."""
    with openid_mock() as mock:
        mock.knows("ada", email="ada@example.com", email_verified=True, name="Ada")
        yield mock


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, provider: OpenIdMock) -> Iterator[Console]:
    """A server that requires keys, of which `ADMIN` is one, or a sign-in at the provider."""
    folder = tmp_path_factory.mktemp("guarded")
    port = str(free_port())
    told = environment(
        DATA_DIR=str(folder / "var"),
        AUTH_MODE="required",
        FIRST_API_KEY=ADMIN,
        CONSOLE="on",
        GOOGLE_CLIENT_ID="candor",
        GOOGLE_CLIENT_SECRET="the client's own",
        GOOGLE_REDIRECT_URI=f"http://127.0.0.1:{port}/api/auth/callback",
        OIDC_ISSUER=provider.issuer,
    )
    command = ("-m", "backend.cli.program", "serve", "--port", port)
    with running(*command, environment=told) as server, StubProvider() as stub:
        yield Console(server.url, stub, folder / "var")


def key_of(guarded: Console, user: str) -> tuple[str, str]:
    """A new key of this user, and its id."""
    sent = {"X-API-Key": ADMIN}
    scopes = ["chat", "conversations", "knowledge:read"]
    body = {"user_id": user, "label": "test", "scopes": scopes}
    made = guarded.call("POST", "/api/keys", body, **sent)
    return made["key"], made["id"]


def sign_in(page: Page, key: str) -> None:
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Use this key").click()
    page.get_by_role("button", name="Sign out").wait_for()


def test_a_key_becomes_a_session_and_is_kept_nowhere(guarded: Console, opened: Opened) -> None:
    page = opened(f"{guarded.url}/console/ask")
    expect(page.get_by_label("API key")).to_be_visible()
    key, _ = key_of(guarded, "anna")
    sign_in(page, key)
    (cookie,) = page.context.cookies()
    assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Strict")
    stored = "() => JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])"
    assert page.evaluate(stored) == f'[{{}},{{}},"","{guarded.url}/console/ask"]'
    assert key not in str(page.context.storage_state())
    ask(page, "Hello")
    page.reload()
    expect(page.locator(".prose")).to_contain_text("Hello!")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_visible()
    assert page.context.cookies() == []


def test_a_provider_signs_in_and_leads_back_to_the_same_place(
    guarded: Console, provider: OpenIdMock, opened: Opened
) -> None:
    address = f"{guarded.url}/console/library?q=rotation"
    page = opened(address, beside=provider.issuer)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("alert")).to_contain_text("did not sign you in")
    page.goto(address)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_placeholder("sub").fill("ada")
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_role("banner")).to_contain_text("Ada")
    assert page.url == address
    ours = [each for each in page.context.cookies() if each.get("domain") == "127.0.0.1"]
    assert [(each.get("httpOnly"), each.get("sameSite")) for each in ours] == [(True, "Lax")]
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_visible()


def test_a_wrong_key_is_refused_in_words(guarded: Console, opened: Opened) -> None:
    page = opened(f"{guarded.url}/console")
    page.get_by_label("API key").fill(f"cndr_{'z' * 10}_{'z' * 40}")
    page.get_by_role("button", name="Use this key").click()
    expect(page.get_by_role("alert")).to_contain_text("api_key_invalid")


def test_a_session_that_ends_asks_to_sign_in_and_goes_on_at_the_same_place(
    guarded: Console, opened: Opened
) -> None:
    page = opened(f"{guarded.url}/console")
    key, key_id = key_of(guarded, "boris")
    sign_in(page, key)
    ask(page, "Hello")
    address = page.url
    guarded.call("DELETE", f"/api/keys/{key_id}", **{"X-API-Key": ADMIN})
    page.get_by_label("Your question").fill("Thanks")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    sign_in(page, key_of(guarded, "boris")[0])
    assert page.url == address
    expect(page.locator(".prose").first).to_contain_text("Hello!")


def test_a_key_that_may_little_sees_its_settings_without_an_error(
    guarded: Console, opened: Opened
) -> None:
    body = {"user_id": "erik", "label": "test", "scopes": ["chat", "knowledge:read", "advice"]}
    made = guarded.call("POST", "/api/keys", body, **{"X-API-Key": ADMIN})
    page = opened(f"{guarded.url}/console/settings")
    sign_in(page, made["key"])
    expect(page.get_by_role("region", name="Models")).to_contain_text("Questions go to")
    expect(page.get_by_role("region", name="Sign-in")).to_contain_text("You may: advice, chat,")
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("alert").count() == 0


def test_another_persons_chat_is_absent(guarded: Console, opened: Opened) -> None:
    page = opened(f"{guarded.url}/console")
    sign_in(page, key_of(guarded, "carla")[0])
    ask(page, "Hello")
    address = page.url
    other = opened(address)
    sign_in(other, key_of(guarded, "dora")[0])
    expect(other.get_by_role("alert")).to_contain_text("chat_not_found")
    expect(other.locator(".history li")).to_have_count(0)


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (make clients)")
def test_no_rule_of_wcag_is_broken_at_the_sign_in(guarded: Console, opened: Opened) -> None:
    page = opened(f"{guarded.url}/console")
    page.get_by_label("API key").wait_for()
    assert faults(page) == []


def test_the_console_is_opened_by_a_command_or_says_how_to_start_a_server(
    guarded: Console, tmp_path: Path
) -> None:
    port = guarded.url.rpartition(":")[2]
    run = run_program(tmp_path, "console", "--port", port, BROWSER="true")
    assert (run.returncode, run.stdout) == (0, f"{guarded.url}/console\n")
    gone = run_program(tmp_path, "console", "--port", str(free_port()), BROWSER="true")
    assert gone.returncode == 7
    assert "candor serve" in gone.stderr
