"""Identity: API keys, sign-in and sessions, who asks, and how much they may ask."""

from typing import TYPE_CHECKING

from backend.composition.foundation import Composition, Inner, Part

if TYPE_CHECKING:
    from use_cases.kernel.identity.admission import KeyAccount
    from use_cases.kernel.identity.manage_keys import (
        IdentifyCaller,
        LastUseWriter,
        ManageApiKeys,
        ShowKeyUse,
    )
    from use_cases.kernel.identity.sign_in import SignIn
    from use_cases.kernel.identity.users import ManageSessions, ManageUsers
    from use_cases.kernel.request_limits import LimitRequests


class IdentityComposition(Composition):
    """Make, list and revoke keys, sign users in, identify callers, and limit what they ask."""

    within = "use_cases.kernel.identity"

    manage_keys: "Part[ManageApiKeys]" = Part(".manage_keys:ManageApiKeys")
    show_key_use: "Part[ShowKeyUse]" = Part(".manage_keys:ShowKeyUse")
    identify: "Part[IdentifyCaller]" = Part(".manage_keys:IdentifyCaller")
    last_uses: "Part[LastUseWriter]" = Part(".manage_keys:LastUseWriter")
    sign_in: "Part[SignIn]" = Part(".sign_in:SignIn", attempts="sessions")
    manage_sessions: "Part[ManageSessions]" = Part(".users:ManageSessions")
    manage_users: "Part[ManageUsers]" = Part(".users:ManageUsers")
    limits: "Part[LimitRequests]" = Part("use_cases.kernel.request_limits:LimitRequests")
    key_account: "Part[KeyAccount]" = Part(".admission:KeyAccount", charges="admissions")

    allowance = Inner(
        "use_cases.kernel.request_limits:Allowance",
        asks="asks_per_minute",
        reads="reads_per_minute",
        benchmarks="benchmarks_per_minute",
        streams="streams_per_caller",
        uploads="uploads_per_caller",
        in_flight="requests_per_caller",
        failures="rate_limit_failures_per_minute",
    )
    budget = Inner(".admission:Budget", tokens="tokens_per_day", cost="cost_per_day")
    admittance = Inner(".users:Admittance")
    life = Inner(".users:SessionLife")
    provider = Inner(
        "services.openid:OpenIdProvider",
        only_if=lambda settings: settings.signs_in,
        issuer="oidc_issuer",
        client_id="google_client_id",
        client_secret="google_client_secret",  # noqa: S106  (the name of the setting)
        redirect_uri="google_redirect_uri",
    )
    stored_keys = Inner("services.store.people:SqlApiKeys")
    keys = Inner(".key_cache:CachedApiKeys", keys="stored_keys")
    users = Inner("services.store.people:SqlUsers")
    sessions = Inner("services.store.people:SqlSessions")
    admissions = Inner("services.store.admissions:SqlAdmissions")
