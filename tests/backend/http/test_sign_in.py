"""Sign-in over HTTP, against an OpenID provider on loopback: the whole flow, and every way it fails."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest
from loguru import logger
from pydantic import SecretStr
from starlette.testclient import TestClient

from backend.composition.container import Container
from backend.http.app import create_app
from backend.settings.settings import Settings
from tests.backend.http.chatting import problem
from tests.backend.http.conftest import application, candor, served
from tests.backend.http.keys import bearing, make_key, requiring
from tests.fakes.clock import FixedClock
from tests.wire.openid_mock import OpenIdMock, changed, openid_mock
from use_cases.kernel.identity.users import token_digest
from use_cases.kernel.model import USER_SCOPES, Scope

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the mock

SECRET = "the client's own secret"
OWN_PAGE = {"X-CSRF-Protection": "1", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def running() -> Iterator[OpenIdMock]:
    with openid_mock() as mock:
        for name in ("ada", "eve"):
            mock.knows(
                name, email=f"{name.title()}@example.com", email_verified=True, name=name.title()
            )
        mock.knows("mallory", email="mallory@example.com", email_verified=False)
        mock.knows("nobody", name="Nobody")
        # The Kelvin sign, which Unicode's lower case is a k; and two addresses in one.
        mock.knows("kelvin", email="\u212aate@example.com", email_verified=True)
        mock.knows("double", email="x@y@example.com", email_verified=True)
        yield mock


@pytest.fixture
def mock(running: OpenIdMock) -> Iterator[OpenIdMock]:
    yield running
    running.forged = None
    running.tokens.clear()


@pytest.fixture
def signing(settings: Settings, mock: OpenIdMock) -> Settings:
    return requiring(
        settings,
        google_client_id="candor",
        google_client_secret=SecretStr(SECRET),
        google_redirect_uri="http://localhost:8000/api/auth/callback",
        oidc_issuer=mock.issuer,
        admin_emails=("ada@example.com",),
        rate_limit_failures_per_minute=0,
    )


@contextmanager
def browsing(signing: Settings, **told: object) -> Generator[TestClient]:
    """A browser that shows where it is led, at a server of these settings."""
    with served(signing.model_copy(update=told)) as client:
        client.follow_redirects = False
        yield client


@pytest.fixture
def browser(signing: Settings) -> Iterator[TestClient]:
    with browsing(signing) as client:
        yield client


@pytest.fixture
def log() -> Iterator[list[str]]:
    lines: list[str] = []
    handler = logger.add(lines.append, format="{message}", level="DEBUG")
    yield lines
    logger.remove(handler)


def begun(browser: TestClient, path: str = "/api/auth/login") -> str:
    """The provider's address."""
    response = browser.get(path)
    assert response.status_code == 302, response.text
    return response.headers["location"]


def returned(browser: TestClient, mock: OpenIdMock, subject: str | None = "ada") -> str:
    """The callback with the provider's answer, as a path."""
    back = mock.answer(begun(browser), subject)
    return back.removeprefix("http://localhost:8000")


def sign_in(browser: TestClient, mock: OpenIdMock, subject: str = "ada") -> str:
    """The session's token."""
    response = browser.get(returned(browser, mock, subject))
    assert response.status_code == 302, response.text
    return browser.cookies["session_token"]


def refused(browser: TestClient, callback: str) -> str:
    """The code of the refusal, which sets no cookie."""
    response = browser.get(callback)
    assert response.status_code in {403, 404, 409, 502}, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert "session_token" not in browser.cookies
    return response.json()["code"]


def test_a_user_signs_in_and_out(browser: TestClient, mock: OpenIdMock) -> None:
    assert browser.get("/api/auth/status").json() == {
        "authenticated": False,
        "auth_mode": "required",
        "sign_in": True,
        "user": None,
    }
    assert '<a href="api/auth/login">Sign in</a>' in browser.get("/").text
    address = begun(browser)
    back = browser.get(mock.answer(address, "eve").removeprefix("http://localhost:8000"))
    assert (back.status_code, back.headers["location"]) == (302, "/")
    assert mock.verifies(address)
    user = browser.get("/api/auth/me").json()
    assert user == {
        "id": user["id"],
        "name": "Eve",
        "email": "eve@example.com",
        "is_admin": False,
        "scopes": sorted(USER_SCOPES),
    }
    assert browser.get("/api/auth/status").json()["user"] == user
    assert browser.get("/answers").status_code == 200
    token = browser.cookies["session_token"]
    assert browser.post("/api/auth/logout", headers=OWN_PAGE).status_code == 204
    assert "session_token" not in browser.cookies
    old = browser.get("/answers", headers={"Cookie": f"session_token={token}"})
    assert (old.status_code, old.json()["code"]) == (401, "session_invalid")


def test_a_user_signs_out_in_all_browsers_and_nobody_else(
    signing: Settings, mock: OpenIdMock
) -> None:
    with browsing(signing) as browser:
        tokens = dict[str, list[str]]()
        for subject in ("eve", "ada", "eve", "eve"):
            browser.cookies.clear()
            tokens.setdefault(subject, []).append(sign_in(browser, mock, subject))

        def live(subject: str) -> list[bool]:
            browser.cookies.clear()
            sent = [{"Cookie": f"session_token={token}"} for token in tokens[subject]]
            return [browser.get("/api/auth/me", headers=one).status_code == 200 for one in sent]

        def leave(token: str, query: str) -> None:
            headers = {**OWN_PAGE, "Cookie": f"session_token={token}"}
            response = browser.post(f"/api/auth/logout{query}", headers=headers)
            assert response.status_code == 204

        assert (live("eve"), live("ada")) == ([True] * 3, [True])
        leave(tokens["eve"][0], "")
        assert (live("eve"), live("ada")) == ([False, True, True], [True])
        leave(tokens["eve"][1], "?everywhere=true")
        assert (live("eve"), live("ada")) == ([False] * 3, [True])


def test_the_cookies_have_their_flags(browser: TestClient, mock: OpenIdMock) -> None:
    response = browser.get("/api/auth/login")
    (attempt,) = response.headers.get_list("set-cookie")
    name, *flags = attempt.split("; ")
    assert name.startswith("sign_in=")
    assert flags == ["HttpOnly", "Max-Age=600", "Path=/", "SameSite=lax"]
    callback = mock.answer(response.headers["location"], "ada")
    done = browser.get(callback.removeprefix("http://localhost:8000"))
    session, gone = done.headers.get_list("set-cookie")
    name, *flags = session.split("; ")
    assert flags == ["HttpOnly", "Max-Age=86400", "Path=/", "SameSite=lax"]
    assert len(name.removeprefix("session_token=")) == 43
    assert gone.startswith('sign_in=""; HttpOnly; Max-Age=0;')


def test_with_tls_the_cookies_belong_to_this_host_alone(
    signing: Settings, mock: OpenIdMock
) -> None:
    tls = signing.model_copy(
        update={
            "google_redirect_uri": "https://localhost/api/auth/callback",
            "frontend_url": "https://app.example/chat?tab=1",
        }
    )
    with TestClient(application(tls), base_url="https://localhost") as browser:
        browser.follow_redirects = False
        back = mock.answer(begun(browser, "/api/auth/login?return_to=/drafts/1"), "ada")
        done = browser.get(back.removeprefix("https://localhost"))
        assert done.headers["location"] == "https://app.example/drafts/1"
        session, gone = done.headers.get_list("set-cookie")
        assert session.startswith("__Host-session=")
        assert session.endswith("; HttpOnly; Max-Age=86400; Path=/; SameSite=lax; Secure")
        assert gone.startswith('__Host-sign-in=""')
        assert browser.get("/api/auth/me").json()["is_admin"] is True
        token = browser.cookies["__Host-session"]
        browser.cookies.clear()
        plain = browser.get("/api/auth/me", headers={"Cookie": f"session_token={token}"})
        assert plain.json()["code"] == "authentication_required"
        failed = browser.get("/api/auth/callback?state=x&code=y")
        assert failed.headers["location"] == (
            "https://app.example/chat?tab=1&sign_in_error=sign_in_state_invalid"
        )


def test_a_sign_in_leads_to_no_other_site(browser: TestClient) -> None:
    for path in (
        *("//evil.example", "/\\evil.example", "https://evil.example"),
        *("/a\\b", "\t//x", "/a b", "/é"),
    ):
        response = browser.get("/api/auth/login", params={"return_to": path})
        assert problem(response) == (422, "validation_error"), path


def test_a_path_of_ones_own_is_gone_to(browser: TestClient, mock: OpenIdMock) -> None:
    for path in ("/", "/chats?id=1#last", "/a//b", "/@evil.example", "/.evil"):
        response = browser.get("/api/auth/login", params={"return_to": path})
        back = mock.answer(response.headers["location"], "ada")
        done = browser.get(back.removeprefix("http://localhost:8000"))
        assert done.headers["location"] == path


def test_an_answer_counts_once(browser: TestClient, mock: OpenIdMock) -> None:
    callback = returned(browser, mock)
    attempt = browser.cookies["sign_in"]
    assert browser.get(callback).status_code == 302
    browser.cookies.clear()
    assert refused(browser, callback) == "sign_in_state_invalid"  # without the cookie
    browser.cookies["sign_in"] = attempt
    assert refused(browser, callback) == "sign_in_state_invalid"  # with it
    assert len(mock.tokens) == 1


def test_an_answer_without_its_state_or_to_another_browser_is_refused(
    browser: TestClient, mock: OpenIdMock
) -> None:
    callback = returned(browser, mock, "eve")
    for state in (None, "", "x", "é"):
        assert refused(browser, changed(callback, state=state)) == "sign_in_state_invalid"
    browser.cookies.clear()
    begun(browser)  # Eve sends Ada the address of her own sign-in
    assert refused(browser, callback) == "sign_in_state_invalid"
    assert mock.tokens == []


def test_an_attempt_ends_after_ten_minutes(signing: Settings, mock: OpenIdMock) -> None:
    clock = FixedClock()
    with served_at(signing, clock) as browser:
        callback = returned(browser, mock)
        clock.move(600)
        assert refused(browser, callback) == "sign_in_state_invalid"


def served_at(settings: Settings, clock: FixedClock) -> TestClient:
    """A server with a clock of the test's."""

    def build() -> Container:
        made = candor(settings)
        made.clock = clock
        return made

    client = TestClient(create_app(settings, build), base_url="http://localhost")
    client.follow_redirects = False
    return client


def test_what_the_provider_refuses_is_told(browser: TestClient, mock: OpenIdMock) -> None:
    assert refused(browser, returned(browser, mock, None)) == "sign_in_denied"
    failed = changed(returned(browser, mock), code=None, error="server_error")
    assert refused(browser, failed) == "identity_provider_failed"
    for code in (None, "", "not-a-code"):
        unknown = changed(returned(browser, mock), code=code)
        assert refused(browser, unknown) == "sign_in_code_refused"
    for subject in ("mallory", "nobody", "double"):
        assert refused(browser, returned(browser, mock, subject)) == "email_not_verified"


def test_a_token_of_another_sign_in_is_refused(browser: TestClient, mock: OpenIdMock) -> None:
    first = returned(browser, mock)
    code = parse_qs(urlsplit(first).query)["code"][0]
    callback = changed(returned(browser, mock), code=code)
    assert refused(browser, callback) == "id_token_invalid"  # its nonce is of the first


def test_an_address_that_only_looks_like_an_administrators_is_not_one(
    signing: Settings, mock: OpenIdMock
) -> None:
    with browsing(signing, admin_emails=("kate@example.com",)) as browser:
        sign_in(browser, mock, "kelvin")
        assert browser.get("/api/auth/me").json()["is_admin"] is False


@pytest.mark.parametrize(
    ("allowed", "welcome"),
    [
        (("eve@example.com",), True),
        (("@example.com",), True),
        (("@ample.com",), False),
        (("ada@example.com", "@example.org"), False),
    ],
)
def test_only_those_who_may_sign_in(
    signing: Settings, mock: OpenIdMock, allowed: tuple[str, ...], welcome: bool
) -> None:
    with browsing(signing, sign_in_emails=allowed) as browser:
        callback = returned(browser, mock, "eve")
        if welcome:
            assert browser.get(callback).status_code == 302
        else:
            assert refused(browser, callback) == "sign_in_not_allowed"
        assert sign_in(browser, mock, "ada")  # an administrator always may


def test_a_new_sign_in_makes_a_new_session_and_ends_the_old_one(
    browser: TestClient, mock: OpenIdMock
) -> None:
    first = sign_in(browser, mock)
    who = browser.get("/api/auth/me").json()["id"]
    second = sign_in(browser, mock)
    assert first != second
    assert browser.get("/api/auth/me").json()["id"] == who
    browser.cookies.clear()
    old = browser.get("/api/auth/me", headers={"Cookie": f"session_token={first}"})
    assert old.json()["code"] == "session_invalid"


def test_a_session_that_an_attacker_chose_is_not_used(
    browser: TestClient, mock: OpenIdMock
) -> None:
    chosen = "a" * 43
    browser.cookies["session_token"] = chosen
    callback = returned(browser, mock)  # an unknown session does not keep anyone from signing in
    done = browser.get(callback)
    assert chosen not in done.headers["set-cookie"]
    browser.cookies.clear()
    with_it = browser.get("/api/auth/me", headers={"Cookie": f"session_token={chosen}"})
    assert with_it.json()["code"] == "session_invalid"


def test_a_session_ends_after_its_hours_and_without_use(
    signing: Settings, mock: OpenIdMock
) -> None:
    clock = FixedClock()
    with served_at(signing, clock) as browser:
        sign_in(browser, mock)
        for _ in range(13):
            clock.move(110 * 60)  # used every 110 minutes, so never idle
            assert browser.get("/api/auth/me").status_code == 200
        clock.move(10 * 60 + 1)  # 24 hours after the sign-in
        assert browser.get("/api/auth/me").json()["code"] == "session_invalid"
        sign_in(browser, mock)
        clock.move(120 * 60)
        assert browser.get("/api/auth/me").json()["code"] == "session_invalid"
        sign_in(browser, mock)
        cleaned = browser.delete("/api/auth/cleanup", headers=OWN_PAGE)
        assert cleaned.json() == {"removed": 0}  # each sign-in ended the session before it
        browser.cookies.clear()
        clock.move(120 * 60)
        sign_in(browser, mock)
        assert browser.delete("/api/auth/cleanup", headers=OWN_PAGE).json() == {"removed": 1}


def test_a_deactivated_user_is_out_at_once_and_an_administrator_is_in(
    browser: TestClient, mock: OpenIdMock, signing: Settings
) -> None:
    sign_in(browser, mock, "eve")
    key = make_key(signing, browser.get("/api/auth/me").json()["id"])

    def change(*, admin: bool | None = None, active: bool | None = None) -> None:
        async def work() -> None:
            async with candor(signing) as other:
                users = other.identity.manage_users
                await users.change("eve@example.com", admin=admin, active=active)

        anyio.run(work)

    change(admin=True)
    assert browser.get("/api/auth/me").json()["is_admin"] is True
    change(active=False)
    assert browser.get("/api/auth/me").json()["code"] == "session_invalid"
    assert browser.get("/answers", headers=bearing(key)).json()["code"] == "api_key_invalid"
    browser.cookies.clear()
    assert refused(browser, returned(browser, mock, "eve")) == "sign_in_not_allowed"
    change(active=True, admin=False)
    sign_in(browser, mock, "eve")
    assert browser.get("/api/auth/me").json()["is_admin"] is False


def test_an_address_that_another_user_has_is_refused(browser: TestClient, mock: OpenIdMock) -> None:
    sign_in(browser, mock, "eve")
    browser.cookies.clear()
    mock.knows("eve-2", email="eve@example.com", email_verified=True)
    assert refused(browser, returned(browser, mock, "eve-2")) == "email_taken"


ORIGIN = "http://localhost"


WRITES: tuple[tuple[dict[str, str], bool], ...] = (
    ({}, False),
    ({"X-CSRF-Protection": "1"}, False),
    ({"Sec-Fetch-Site": "same-origin"}, False),
    ({"X-CSRF-Protection": "1", "Sec-Fetch-Site": "cross-site"}, False),
    ({"X-CSRF-Protection": "1", "Sec-Fetch-Site": "same-site"}, False),
    ({"X-CSRF-Protection": "1", "Sec-Fetch-Site": "none"}, False),
    ({"X-CSRF-Protection": "1", "Sec-Fetch-Site": "same-site", "Origin": ORIGIN}, False),
    ({"X-CSRF-Protection": "1", "Origin": "http://localhost:3001"}, False),
    ({"X-CSRF-Protection": "1", "Origin": "null"}, False),
    ({"X-CSRF-Protection": "", "Sec-Fetch-Site": "same-origin"}, False),
    ({"X-CSRF-Protection": "1", "Sec-Fetch-Site": "same-origin"}, True),
    ({"X-CSRF-Protection": "1", "Origin": ORIGIN}, True),
    ({"X-CSRF-Protection": "1", "Origin": "http://localhost:3000"}, True),
    (
        {
            "X-CSRF-Protection": "1",
            "Origin": "http://localhost:3000",
            "Sec-Fetch-Site": "same-site",
        },
        True,
    ),
)
"""Headers of a write with a session, and whether it passes."""


def test_a_write_with_a_session_comes_from_an_own_page(signing: Settings, mock: OpenIdMock) -> None:
    with browsing(signing, cors_origins=("http://localhost:3000",)) as browser:
        sign_in(browser, mock)
        for headers, passes in WRITES:
            response = browser.delete("/api/auth/cleanup", headers=headers)
            if passes:
                assert response.status_code == 200, headers
            else:
                assert response.status_code == 403, headers
                assert response.json()["code"] in {"cross_site_write", "host_refused"}
        assert browser.get("/answers").status_code == 200  # reading needs nothing


def test_an_api_key_needs_no_page_and_comes_before_a_session(
    browser: TestClient, mock: OpenIdMock, signing: Settings
) -> None:
    key = make_key(signing, "boris", scopes=(Scope.ADMIN,))
    assert browser.delete("/api/auth/cleanup", headers=bearing(key)).status_code == 200
    sign_in(browser, mock)
    assert browser.get("/api/auth/me", headers=bearing(key)).json() == {
        "id": "boris",
        "name": None,
        "email": None,
        "is_admin": True,
        "scopes": ["admin"],
    }


def test_a_session_is_its_users_alone(browser: TestClient, mock: OpenIdMock) -> None:
    sign_in(browser, mock, "ada")
    asked = {"user_id": browser.get("/api/auth/me").json()["id"], "message": "Hello"}
    said = browser.post("/chat", json=asked, headers=OWN_PAGE)
    assert said.status_code == 200, said.text
    chat = f"/chats/{said.json()['chat_id']}"
    assert browser.get(chat).status_code == 200
    browser.cookies.clear()
    sign_in(browser, mock, "eve")
    for response in (browser.get(chat), browser.delete(chat, headers=OWN_PAGE)):
        assert problem(response) == (404, "chat_not_found")
    assert browser.get("/chats").json()["chats"] == []
    assert problem(browser.post("/chat", json=asked, headers=OWN_PAGE)) == (403, "user_mismatch")
    assert problem(browser.delete("/api/auth/cleanup", headers=OWN_PAGE)) == (403, "scope_missing")


def test_sessions_of_one_user_share_their_limit(signing: Settings, mock: OpenIdMock) -> None:
    with browsing(signing, rate_limit_reads_per_minute=2) as browser:
        for _ in range(2):
            sign_in(browser, mock)
            assert browser.get("/answers").status_code == 200
            browser.cookies.clear()
        sign_in(browser, mock)
        assert browser.get("/answers").json()["code"] == "rate_limited"
        browser.cookies.clear()
        sign_in(browser, mock, "eve")
        assert browser.get("/answers").status_code == 200


def test_sign_ins_that_fail_are_counted_by_address(signing: Settings, mock: OpenIdMock) -> None:
    with browsing(signing, rate_limit_failures_per_minute=2) as browser:
        for person in ("ada", "eve", "ada", "eve"):
            sign_in(browser, mock, person)
            browser.cookies.clear()
        # What fails counts: here the second half of a sign-in, of a browser without its cookie.
        callback = returned(browser, mock)
        browser.cookies.clear()
        assert browser.get(callback).status_code == 403
        assert browser.get("/api/auth/login").status_code == 429


def test_no_secret_reaches_a_log_an_answer_or_the_database(
    browser: TestClient, mock: OpenIdMock, signing: Settings, log: list[str]
) -> None:
    page = browser.get("/api/auth/login")
    attempt = browser.cookies["sign_in"]
    back = mock.answer(page.headers["location"], "ada")
    code = parse_qs(urlsplit(back).query)["code"][0]
    done = browser.get(back.removeprefix("http://localhost:8000"))
    token = browser.cookies["session_token"]
    again = browser.get(back.removeprefix("http://localhost:8000"))
    (sent,) = mock.tokens
    stored = b"".join(
        each.read_bytes() for each in signing.knowledge_path.parent.glob("candor.sqlite*")
    )
    for secret in (SECRET, attempt, code, token, sent["code_verifier"]):
        assert secret not in "".join([done.text, again.text, *log])
        assert secret.encode() not in stored
    assert token_digest(token).encode() in stored


def test_in_local_mode_everyone_is_the_local_user(settings: Settings, signing: Settings) -> None:
    local = signing.model_copy(update={"auth_mode": "local"})
    for each in (settings, local):
        with served(each) as client:
            user = client.get("/api/auth/me").json()
            assert (user["id"], user["is_admin"], user["email"]) == ("local", True, None)
            status = client.get("/api/auth/status").json()
            assert (status["authenticated"], status["auth_mode"]) == (True, "local")
            assert status["sign_in"] is False
            assert status["user"] == user
            assert client.post("/api/auth/logout").status_code == 204
            assert client.delete("/api/auth/cleanup").json() == {"removed": 0}
            for path in ("login", "callback"):
                response = client.get(f"/api/auth/{path}")
                assert problem(response) == (404, "sign_in_not_configured")


def test_without_a_provider_a_cookie_is_that_of_a_key_or_nothing(settings: Settings) -> None:
    with served(requiring(settings)) as client:
        response = client.get("/answers", headers={"Cookie": "session_token=x"})
        assert response.json()["code"] == "session_invalid"
        assert client.get("/api/auth/status").json()["sign_in"] is False
        assert "Sign in" not in client.get("/").text


def test_a_key_is_exchanged_for_a_session_that_has_its_rights_and_ends_with_it(
    settings: Settings,
) -> None:
    required = requiring(settings)
    key, admin = make_key(required, scopes=(Scope.CHAT,)), make_key(required, "boss")
    with served(required) as client:
        sent = client.post("/api/auth/session", headers=bearing(key))
        assert (sent.status_code, sent.json()["scopes"]) == (200, ["chat"])
        kept = sent.headers["set-cookie"]
        assert "HttpOnly" in kept
        assert "SameSite=strict" in kept
        assert key.secret.rpartition("_")[2] not in kept
        assert client.get("/chats").status_code == 200
        assert client.get("/api/auth/status").json()["authenticated"] is True
        assert problem(client.get("/knowledge/tables")) == (403, "scope_missing")
        ask = {"user_id": sent.json()["id"], "message": "How often must passwords be rotated?"}
        assert problem(client.post("/chat", json=ask)) == (403, "cross_site_write")
        own = {"X-CSRF-Protection": "1", "Sec-Fetch-Site": "same-origin"}
        assert client.post("/chat", json=ask, headers=own).status_code == 200
        again = client.post("/api/auth/session", headers=own)
        assert again.status_code == 200
        ended = client.delete(f"/api/keys/{key.key.key_id}", headers=bearing(admin))
        assert ended.status_code in (200, 204)
        assert problem(client.get("/chats")) == (401, "session_invalid")


def test_a_session_that_began_with_a_key_is_ended_by_signing_out(settings: Settings) -> None:
    required = requiring(settings)
    with served(required) as client:
        client.post("/api/auth/session", headers=bearing(make_key(required)))
        token = client.cookies["session_token"]
        own = {"X-CSRF-Protection": "1", "Sec-Fetch-Site": "same-origin"}
        assert client.post("/api/auth/logout", headers=own).status_code == 204
        old = {"Cookie": f"session_token={token}"}
        assert problem(client.get("/chats", headers=old)) == (401, "session_invalid")
        _, _, secret = token.partition(".")
        for forged in (secret, f"aaaaaaaaaa.{secret}", "."):
            wrong = client.get("/chats", headers={"Cookie": f"session_token={forged}"})
            assert problem(wrong) == (401, "session_invalid")


def test_in_local_mode_there_is_no_key_to_exchange(settings: Settings) -> None:
    with served(settings) as client:
        assert problem(client.post("/api/auth/session")) == (409, "session_needs_key")


def test_public_addresses_are_compared_in_full(browser: TestClient) -> None:
    for path in (
        *("/api/auth/login/", "/api/auth/loginx", "/api/auth/../auth/me"),
        *("//api/auth/status", "/redoc/x", "/reports/", "/reports/x/y"),
    ):
        assert browser.get(path).status_code == 401, path
    assert browser.get("/redoc").status_code == 200
