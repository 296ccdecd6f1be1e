"""Identity: API keys, who asks, and how much they may ask."""

from typing import TYPE_CHECKING

from backend.composition.foundation import Composition, Inner, Part

if TYPE_CHECKING:
    from use_cases.kernel.identity.authentication import IdentifyCaller, LastUseWriter
    from use_cases.kernel.identity.key_account import KeyAccount
    from use_cases.kernel.identity.manage_keys import ManageApiKeys, ShowKeyUse
    from use_cases.kernel.request_limits import LimitRequests


class IdentityComposition(Composition):
    """Make, list and revoke keys, identify callers by them, and limit what they ask."""

    manage_keys: "Part[ManageApiKeys]" = Part("use_cases.kernel.identity.manage_keys:ManageApiKeys")
    show_key_use: "Part[ShowKeyUse]" = Part("use_cases.kernel.identity.manage_keys:ShowKeyUse")
    identify: "Part[IdentifyCaller]" = Part(
        "use_cases.kernel.identity.authentication:IdentifyCaller"
    )
    last_uses: "Part[LastUseWriter]" = Part(
        "use_cases.kernel.identity.authentication:LastUseWriter"
    )
    limits: "Part[LimitRequests]" = Part("use_cases.kernel.request_limits:LimitRequests")
    key_account: "Part[KeyAccount]" = Part(
        "use_cases.kernel.identity.key_account:KeyAccount", charges="admissions"
    )

    allowance = Inner(
        "use_cases.kernel.request_limits:Allowance",
        asks="asks_per_minute",
        reads="reads_per_minute",
        benchmarks="benchmarks_per_minute",
        streams="streams_per_caller",
        uploads="uploads_per_caller",
        failures="rate_limit_failures_per_minute",
    )
    budget = Inner(
        "use_cases.kernel.identity.admission:Budget", tokens="tokens_per_day", cost="cost_per_day"
    )
    keys = Inner("services.store.api_keys:SqlApiKeys")
    admissions = Inner("services.store.admissions:SqlAdmissions")
