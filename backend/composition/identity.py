"""Identity: API keys, who asks, and how much they may ask."""

from typing import TYPE_CHECKING, Any

from backend.composition.foundation import Composition, Part

if TYPE_CHECKING:
    from use_cases.kernel.identity.admission import Admissions, Budget
    from use_cases.kernel.identity.authentication import IdentifyCaller, LastUseWriter
    from use_cases.kernel.identity.manage_keys import ManageApiKeys, ShowKeyUse


class IdentityComposition(Composition):
    """Make, list and revoke keys, and identify callers by them."""

    manage_keys: "Part[ManageApiKeys]" = Part("use_cases.kernel.identity.manage_keys:ManageApiKeys")
    show_key_use: "Part[ShowKeyUse]" = Part("use_cases.kernel.identity.manage_keys:ShowKeyUse")
    identify: "Part[IdentifyCaller]" = Part(
        "use_cases.kernel.identity.authentication:IdentifyCaller"
    )
    last_uses: "Part[LastUseWriter]" = Part(
        "use_cases.kernel.identity.authentication:LastUseWriter"
    )
    budget: "Part[Budget]" = Part(
        "use_cases.kernel.identity.admission:Budget", tokens="tokens_per_day", cost="cost_per_day"
    )

    keys: "Part[Any]" = Part("services.store.api_keys:SqlApiKeys")
    admissions: "Part[Admissions]" = Part("services.store.admissions:SqlAdmissions")
    entropy: "Part[Any]" = Part("services.system.entropy:SystemEntropy")
