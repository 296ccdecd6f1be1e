"""Running a server: its limits, its API keys, its logs."""

from backend.capabilities.declaration import Capability, Command

SERVER = Capability(
    commands={
        "serve": Command(
            170, "backend.cli.server.serve", "Serve the HTTP API, by default on this machine only."
        ),
        "keys": Command(180, "backend.cli.server.keys", "Create, list and revoke API keys."),
        "doctor": Command(
            190,
            "backend.cli.server.doctor",
            "Check that everything Candor needs is present and works.",
        ),
    },
    settings=(
        "backend.settings.limits:LimitSettings",
        "backend.settings.server:ServerSettings",
        "backend.settings.identity:IdentitySettings",
        "backend.settings.logs:LogSettings",
    ),
    tables=("services.store.api_keys",),
    compositions={"identity": "backend.composition.identity:IdentityComposition"},
)
