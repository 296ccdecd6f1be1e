"""An OpenID Connect provider as port `IdentityProvider`, over Authlib.

Authlib makes the address with its PKCE challenge (RFC 7636, S256), exchanges the code, and verifies the
ID token (OpenID Connect Core 1.0, 3.1.3.7): signature by the provider's published keys, with asymmetric
algorithms only, issuer, audience, authorised party, times, nonce, and the access token's hash.

Promises: addresses come from the provider's own configuration, which must name the configured issuer,
and are protected by TLS outside this machine; every failure is one of the errors of sign-in, without
codes, tokens and the provider's text. Keys that the provider has changed are read again.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import anyio
from loguru import logger

from use_cases.kernel.identity.errors import (
    IdentityProviderFailed,
    IdTokenInvalid,
    SignInCodeRefused,
)
from use_cases.kernel.identity.users import Identity

if TYPE_CHECKING:
    from ssl import SSLContext

    from authlib.integrations.httpx_client import AsyncOAuth2Client
    from joserfc.jwk import KeySet, KeySetSerialization
    from joserfc.jwt import Token

_TIMEOUT = 10.0
_LEEWAY = 60
"""Seconds by which the two machines' clocks may differ."""
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Asymmetric ones: a token that the client secret or nothing signs is refused."""
_SCOPE = "openid email profile"
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class OpenIdProvider:
    """The provider of `issuer`. `timeout` (seconds) bounds all that one step of a sign-in asks of it."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        timeout: float = _TIMEOUT,
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._timeout = timeout
        self.configured: Mapping[str, Any] | None = None
        """The provider's configuration, once it was read."""
        self._keys: KeySet | None = None

    async def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Returns the address of the provider's page, with the PKCE challenge of the verifier."""
        async with self._asking() as client:
            endpoint = await self._endpoint(client, "authorization_endpoint")
            address, _ = client.create_authorization_url(
                endpoint, state=state, nonce=nonce, code_verifier=verifier
            )
        return address

    async def identity(self, code: str, *, nonce: str, verifier: str) -> Identity:
        """Returns the identity in the ID token; an address that only the user info has is read there."""
        async with self._asking() as client:
            token = await self._exchanged(client, code, verifier)
            claims = await self._claims(client, token, nonce)
            if not (subject := _text(claims["sub"])):
                # It would be the same person for everybody who has none.
                raise IdTokenInvalid("The ID token of the provider names nobody.")
            if "email" not in claims:
                claims = {**await self._user_info(client, subject), **claims}
        verified = claims.get("email_verified")
        return Identity(
            issuer=self._issuer,
            subject=subject,
            email=_text(claims.get("email")),
            email_verified=verified is True or verified == "true",  # as text, by some providers
            name=_text(claims.get("name")),
        )

    @asynccontextmanager
    async def _asking(self) -> AsyncGenerator["AsyncOAuth2Client"]:
        """Yields a client for one step. Raises `IdentityProviderFailed` without a usable answer."""
        import httpx2
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        try:
            # The client's own timeout is per read; a slowly dripping answer would never end.
            with anyio.fail_after(self._timeout):
                async with AsyncOAuth2Client(
                    self._client_id,
                    self._client_secret,
                    scope=_SCOPE,
                    redirect_uri=self._redirect_uri,
                    code_challenge_method="S256",
                    verify=_tls(),
                ) as client:
                    yield client
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError) as error:
            # Not its text: it may hold an address with a code.
            logger.warning("the sign-in provider failed: {}", type(error).__name__)
            raise IdentityProviderFailed(
                "The sign-in provider cannot be reached, or its answer cannot be read."
            ) from None

    async def _json(
        self, client: "AsyncOAuth2Client", address: str, *, withhold_token: bool = False
    ) -> dict[str, Any]:
        """Returns a JSON object of the provider. Raises `IdentityProviderFailed`, and what `_asking` catches."""
        response = await client.request("GET", address, withhold_token=withhold_token)
        response.raise_for_status()
        with suppress(ValueError):
            found = response.json()
            if isinstance(found, dict):
                return cast("dict[str, Any]", found)
        raise IdentityProviderFailed("The provider did not return a JSON object.")

    async def _endpoint(self, client: "AsyncOAuth2Client", name: str) -> str:
        """Returns an address of the provider's configuration, which is read once."""
        if self.configured is None:
            address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
            found = await self._json(client, address, withhold_token=True)
            if found.get("issuer") != self._issuer:
                raise IdentityProviderFailed("The provider's configuration names another issuer.")
            self.configured = found
        address = str(self.configured.get(name, ""))
        parts = urlsplit(address)
        # Only a provider on this machine, which the settings name, may send us to this machine.
        local = self._issuer.startswith("http://") and parts.hostname in _THIS_MACHINE
        if parts.scheme != "https" and not local:
            raise IdentityProviderFailed(f"The provider's {name} is not protected by TLS.")
        return address

    async def _exchanged(
        self, client: "AsyncOAuth2Client", code: str, verifier: str
    ) -> Mapping[str, Any]:
        """Returns the tokens for a code; the client keeps the access token."""
        from authlib.integrations.base_client.errors import OAuthError

        endpoint = await self._endpoint(client, "token_endpoint")
        ways = (self.configured or {}).get("token_endpoint_auth_methods_supported")
        if ways and "client_secret_basic" not in ways:
            client.token_endpoint_auth_method = "client_secret_post"  # noqa: S105  (a way to send it)
        try:
            return await client.fetch_token(
                endpoint, grant_type="authorization_code", code=code, code_verifier=verifier
            )
        except OAuthError as error:
            if error.error == "invalid_grant":
                raise SignInCodeRefused("The provider did not accept the code.") from None
            logger.warning("the sign-in provider refused to give a token: {!r:.60}", error.error)
            raise IdentityProviderFailed("The provider refused to give a token.") from None

    async def _claims(
        self, client: "AsyncOAuth2Client", token: Mapping[str, Any], nonce: str
    ) -> Mapping[str, Any]:
        """Returns the verified claims of the ID token."""
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        try:
            found = await self._decoded(client, token.get("id_token"))
            claims = CodeIDToken(
                found.claims,
                found.header,
                {"iss": {"value": self._issuer}, "aud": {"value": self._client_id}},
                {
                    "nonce": nonce,
                    "client_id": self._client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(leeway=_LEEWAY)
        except (JoseError, ValueError) as error:
            logger.warning("an ID token was refused: {}", type(error).__name__)
            raise IdTokenInvalid("The ID token of the provider is not valid.") from None
        return claims

    async def _decoded(self, client: "AsyncOAuth2Client", token: object) -> "Token":
        """Returns the verified token. Raises `JoseError`, and `ValueError` for no token."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jws import JWSRegistry

        text = str(token or "")
        registry = JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)
        if self._keys is not None:
            with suppress(JoseError):
                return jwt.decode(text, self._keys, registry=registry)
        # Not read yet, or changed meanwhile.
        self._keys = await self._published_keys(client)
        return jwt.decode(text, self._keys, registry=registry)

    async def _published_keys(self, client: "AsyncOAuth2Client") -> "KeySet":
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        address = await self._endpoint(client, "jwks_uri")
        found = await self._json(client, address, withhold_token=True)
        try:
            return KeySet.import_key_set(cast("KeySetSerialization", found))
        except (JoseError, KeyError, TypeError, ValueError):
            raise IdentityProviderFailed("The provider's keys cannot be read.") from None

    async def _user_info(self, client: "AsyncOAuth2Client", subject: str) -> Mapping[str, Any]:
        """Returns the user info on the same person (5.3.2: the subjects must be equal)."""
        found = await self._json(client, await self._endpoint(client, "userinfo_endpoint"))
        if found.get("sub") != subject:
            raise IdTokenInvalid("The provider's user info is about another person.")
        return found


@cache
def _tls() -> "SSLContext":
    """Returns the trusted certificates, which are read once: it takes 20 ms."""
    import httpx2

    return httpx2.create_ssl_context()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
