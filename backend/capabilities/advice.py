"""Advice: recommendations with a confidence, their outcomes, and calibration."""

from backend.capabilities.declaration import Capability, Command

ADVICE = Capability(
    commands={
        "advise": Command(
            40,
            "backend.cli.advice.advise",
            "Recommend one of several options, with a confidence.",
        ),
        "feedback": Command(
            50,
            "backend.cli.advice.feedback",
            "Record whether advice was right, or an answer of chat.",
        ),
        "confidence": Command(
            60,
            "backend.cli.confidence.confidence",
            "Show whether confidence is calibrated, and correct it.",
        ),
        "profiles": Command(
            130, "backend.cli.advice.profiles", "List, show or check the domains of advice."
        ),
    },
    routes=(
        "backend.http.routes.advice",
        "backend.http.routes.advice_confidence",
    ),
    scopes=("advice", "advice:tune"),
    settings=("backend.settings.advice:AdviceSettings",),
    compositions={"advice": "backend.composition.advice:AdviceComposition"},
)
