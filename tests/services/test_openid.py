"""The adapter against a provider on loopback: what an ID token must hold, and how failures are named."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio.to_thread
import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from services.openid import OpenIdProvider
from tests.wire.openid_mock import OpenIdMock, openid_mock
from use_cases.kernel.errors import CandorError
from use_cases.kernel.identity.users import Identity

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of the mock
]

NONCE = "n" * 43
VERIFIER = "v" * 43
OWN = RSAKey.generate_key(2048, {"kid": "own"})
ANOTHER = RSAKey.generate_key(2048, {"kid": "own"})

Claims = dict[str, Any]


@pytest.fixture(scope="module")
def running() -> Iterator[OpenIdMock]:
    with openid_mock() as mock:
        yield mock


@pytest.fixture
def mock(running: OpenIdMock) -> Iterator[OpenIdMock]:
    yield running
    running.forged = None
    running.replies.clear()
    running.tokens.clear()


@pytest.fixture
def provider(mock: OpenIdMock) -> OpenIdProvider:
    return provider_of(mock.issuer)


def provider_of(issuer: str, timeout: float = 10) -> OpenIdProvider:
    return OpenIdProvider(
        issuer=issuer,
        client_id="candor",
        client_secret="a secret: of ours",
        redirect_uri="http://localhost:8000/api/auth/callback",
        timeout=timeout,
    )


async def code_of(mock: OpenIdMock, provider: OpenIdProvider, subject: str) -> str:
    address = await provider.address(state="s", nonce=NONCE, verifier=VERIFIER)
    back = await anyio.to_thread.run_sync(mock.answer, address, subject)
    (code,) = parse_qs(urlsplit(back).query)["code"]
    return code


async def signed_in(mock: OpenIdMock, provider: OpenIdProvider, nonce: str = NONCE) -> Identity:
    code = await code_of(mock, provider, "ada")
    return await provider.identity(code, nonce=nonce, verifier=VERIFIER)


def forging(
    mock: OpenIdMock,
    change: Callable[[Claims], Claims],
    key: RSAKey | OctKey = OWN,
    alg: str = "RS256",
) -> None:
    """Let the provider publish our key, and sign other claims with `key`."""
    mock.replies["/jwks"] = KeySet([OWN]).as_dict(private=False)
    now = int(time.time())
    claims = {
        "iss": mock.issuer,
        "sub": "ada",
        "aud": "candor",
        "exp": now + 300,
        "iat": now,
        "nonce": NONCE,
        "email": "ada@example.com",
        "email_verified": True,
    }
    token = jwt.encode({"alg": alg, "kid": "own"}, change(claims), key, algorithms=[alg])
    mock.forged = lambda answer: {**answer, "id_token": token}


async def test_the_address_asks_for_what_is_needed_and_no_more(
    mock: OpenIdMock, provider: OpenIdProvider
) -> None:
    address = await provider.address(state="st", nonce=NONCE, verifier=VERIFIER)
    assert address.startswith(f"{mock.issuer}/oauth2/authorize?")
    asked = parse_qs(urlsplit(address).query)
    # The challenge is base64url(SHA-256("v" * 43)), by `openssl dgst -sha256 -binary | base64`.
    assert asked == {
        "response_type": ["code"],
        "client_id": ["candor"],
        "redirect_uri": ["http://localhost:8000/api/auth/callback"],
        "scope": ["openid email profile"],
        "state": ["st"],
        "nonce": [NONCE],
        "code_challenge": ["7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM"],
        "code_challenge_method": ["S256"],
    }


async def test_a_code_gives_an_identity_and_the_verifier_is_sent(
    mock: OpenIdMock, provider: OpenIdProvider
) -> None:
    mock.knows("ada", email="ada@example.com", email_verified=True, name="Ada")
    found = await signed_in(mock, provider)
    assert found == Identity(mock.issuer, "ada", "ada@example.com", True, "Ada")
    (sent,) = mock.tokens
    assert sent["code_verifier"] == VERIFIER
    assert sent["redirect_uri"] == "http://localhost:8000/api/auth/callback"
    assert "client_secret" not in sent  # it is in the header, by HTTP Basic


async def test_a_second_use_of_a_code_is_refused(
    mock: OpenIdMock, provider: OpenIdProvider
) -> None:
    code = await code_of(mock, provider, "ada")
    await provider.identity(code, nonce=NONCE, verifier=VERIFIER)
    await expect(provider, code, "sign_in_code_refused")


async def expect(provider: OpenIdProvider, code: str, expected: str) -> None:
    with pytest.raises(CandorError) as raised:
        await provider.identity(code, nonce=NONCE, verifier=VERIFIER)
    assert raised.value.code == expected
    assert code not in raised.value.detail


def other(**claims: object) -> Callable[[Claims], Claims]:
    return lambda known: {**known, **claims}


def without(name: str) -> Callable[[Claims], Claims]:
    return lambda known: {key: value for key, value in known.items() if key != name}


async def test_a_token_of_our_own_making_is_accepted_as_it_stands(
    mock: OpenIdMock, provider: OpenIdProvider
) -> None:
    forging(mock, lambda claims: claims)
    assert (await signed_in(mock, provider)).email == "ada@example.com"
    forging(mock, other(aud=["candor", "another"], azp="candor"))
    assert (await signed_in(mock, provider)).subject == "ada"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(other(nonce="of another sign-in"), id="another nonce"),
        pytest.param(without("nonce"), id="no nonce"),
        pytest.param(other(aud="another"), id="another audience"),
        pytest.param(other(aud=["another"], azp="candor"), id="another audience, our party"),
        pytest.param(other(aud=["candor", "another"], azp="another"), id="another party"),
        pytest.param(without("aud"), id="no audience"),
        pytest.param(other(iss="https://evil.example"), id="another issuer"),
        pytest.param(without("iss"), id="no issuer"),
        pytest.param(other(exp=1_700_000_000), id="expired"),
        pytest.param(without("exp"), id="no expiry"),
        pytest.param(other(iat=4_000_000_000), id="of the future"),
        pytest.param(other(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), id="another access token"),
        pytest.param(without("sub"), id="no subject"),
        pytest.param(other(sub=""), id="an empty subject"),
        pytest.param(other(sub=7), id="a subject that is no text"),
    ],
)
async def test_a_token_with_a_wrong_claim_is_refused(
    mock: OpenIdMock, provider: OpenIdProvider, change: Callable[[Claims], Claims]
) -> None:
    code = await code_of(mock, provider, "ada")
    forging(mock, change)
    await expect(provider, code, "id_token_invalid")


async def test_a_token_that_another_key_signs_is_refused(
    mock: OpenIdMock, provider: OpenIdProvider
) -> None:
    code = await code_of(mock, provider, "ada")
    forging(mock, lambda claims: claims, key=ANOTHER)
    await expect(provider, code, "id_token_invalid")


async def test_a_token_that_the_clients_secret_signs_is_refused(
    mock: OpenIdMock, provider: OpenIdProvider
) -> None:
    code = await code_of(mock, provider, "ada")
    secret = OctKey.import_key("a secret: of ours", {"kid": "own"})
    forging(mock, lambda claims: claims, key=secret, alg="HS256")
    await expect(provider, code, "id_token_invalid")
    mock.replies["/jwks"] = KeySet([secret]).as_dict(private=True)  # published, even
    await expect(provider, await code_of(mock, provider, "ada"), "id_token_invalid")


@pytest.mark.parametrize("token", [None, "", "x", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.", 7])
async def test_what_is_no_signed_token_is_refused(
    mock: OpenIdMock, provider: OpenIdProvider, token: object
) -> None:
    code = await code_of(mock, provider, "ada")
    mock.forged = lambda answer: {**answer, "id_token": token}
    await expect(provider, code, "id_token_invalid")


async def test_keys_that_changed_are_read_again(mock: OpenIdMock, provider: OpenIdProvider) -> None:
    mock.knows("ada", email="ada@example.com", email_verified=True)
    await signed_in(mock, provider)
    forging(mock, lambda claims: claims)
    assert (await signed_in(mock, provider)).email == "ada@example.com"


async def test_an_address_that_only_the_user_info_has_is_read_there(
    mock: OpenIdMock, provider: OpenIdProvider
) -> None:
    mock.knows("ada", email="ada@example.com", email_verified=True)
    forging(mock, without("email"))
    assert (await signed_in(mock, provider)).email == "ada@example.com"
    mock.replies["/userinfo"] = {"sub": "eve", "email": "eve@example.com"}
    code = await code_of(mock, provider, "ada")
    await expect(provider, code, "id_token_invalid")


@pytest.mark.parametrize(("stated", "verified"), [("true", True), ("false", False), (1, False)])
async def test_a_boolean_that_is_text_is_read(
    mock: OpenIdMock, provider: OpenIdProvider, stated: object, verified: bool
) -> None:
    forging(mock, other(email_verified=stated))
    assert (await signed_in(mock, provider)).email_verified is verified


@pytest.mark.parametrize(
    "configuration",
    [
        {"issuer": "https://evil.example"},
        {},
        [],
        {"issuer": None, "authorization_endpoint": "https://evil.example"},
    ],
)
async def test_a_configuration_of_another_issuer_is_refused(
    mock: OpenIdMock, provider: OpenIdProvider, configuration: object
) -> None:
    mock.replies["/.well-known/openid-configuration"] = configuration
    with pytest.raises(CandorError) as raised:
        await provider.address(state="s", nonce=NONCE, verifier=VERIFIER)
    assert raised.value.code == "identity_provider_failed"


@pytest.mark.parametrize("endpoint", ["http://evil.example/token", "", "ftp://localhost", None])
async def test_an_endpoint_without_tls_is_refused(
    mock: OpenIdMock, provider: OpenIdProvider, endpoint: str | None
) -> None:
    published = httpx2.get(f"{mock.issuer}/.well-known/openid-configuration").json()
    mock.replies["/.well-known/openid-configuration"] = {**published, "token_endpoint": endpoint}
    await expect(provider, "code", "identity_provider_failed")
    assert mock.tokens == []


async def test_another_machine_does_not_send_us_to_this_one(mock: OpenIdMock) -> None:
    provider = provider_of("https://login.example")
    provider.configured = {
        "issuer": "https://login.example",
        "token_endpoint": f"{mock.issuer}/oauth2/token",
    }
    await expect(provider, "code", "identity_provider_failed")
    assert mock.tokens == []


async def test_a_client_that_the_provider_does_not_know_is_our_own_fault(
    mock: OpenIdMock, provider: OpenIdProvider
) -> None:
    code = await code_of(mock, provider, "ada")
    mock.forged = lambda _: {"error": "invalid_client", "error_description": f"for {code}"}
    await expect(provider, code, "identity_provider_failed")


async def test_a_secret_goes_into_the_body_where_the_provider_wants_it_there(
    mock: OpenIdMock, provider: OpenIdProvider
) -> None:
    published = httpx2.get(f"{mock.issuer}/.well-known/openid-configuration").json()
    ways = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    mock.replies["/.well-known/openid-configuration"] = {**published, **ways}
    await signed_in(mock, provider)
    assert mock.tokens[0]["client_secret"] == "a secret: of ours"


@pytest.mark.parametrize("keys", [{}, {"keys": "none"}, {"keys": [{"kty": "RSA"}]}, []])
async def test_keys_that_cannot_be_read_are_a_failure_of_the_provider(
    mock: OpenIdMock, provider: OpenIdProvider, keys: object
) -> None:
    code = await code_of(mock, provider, "ada")
    mock.replies["/jwks"] = keys
    await expect(provider, code, "identity_provider_failed")


@pytest.mark.parametrize("issuer", ["http://localhost:1", "https://no-such-host.invalid"])
async def test_a_provider_that_is_not_there_is_said_to_be(issuer: str) -> None:
    with pytest.raises(CandorError) as raised:
        await provider_of(issuer).address(state="s", nonce=NONCE, verifier=VERIFIER)
    assert raised.value.code == "identity_provider_failed"
