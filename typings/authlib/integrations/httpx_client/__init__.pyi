from ssl import SSLContext
from typing import Any

import httpx2

class AsyncOAuth2Client(httpx2.AsyncClient):
    token_endpoint_auth_method: str
    def __init__(
        self,
        client_id: str | None = None,
        client_secret: str | None = None,
        *,
        scope: str | None = None,
        redirect_uri: str | None = None,
        code_challenge_method: str | None = None,
        verify: SSLContext = ...,
    ) -> None: ...
    def create_authorization_url(
        self, url: str, state: str | None = None, code_verifier: str | None = None, **kwargs: str
    ) -> tuple[str, str]: ...
    async def fetch_token(self, url: str | None = None, **kwargs: str) -> dict[str, Any]: ...
    async def request(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, method: str, url: str, withhold_token: bool = False
    ) -> httpx2.Response: ...
