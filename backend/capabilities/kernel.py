"""The declaration of the parts that all capabilities share: storage, models, the server's own routes."""

from backend.capabilities.declaration import Capability

KERNEL = Capability(
    routes=("backend.http.routes.server",),
    scopes=("metrics",),
    settings=("backend.settings.storage:StorageSettings", "backend.settings.models:ModelSettings"),
    tables=(
        "services.store.people",
        "services.store.leases",
        "services.store.admissions",
        "services.store.usage",
        "services.store.jobs",
        "services.store.prompts",
        "services.store.outputs",
    ),
)
