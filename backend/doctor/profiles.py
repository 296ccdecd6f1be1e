"""Check of the domains of advice: those in PROFILES_PATH can be read."""

from backend.composition.container import Container
from backend.doctor.findings import CheckResult, Level
from use_cases.advice.errors import ProfileBroken

_MOST_NAMED = 3


async def profiles(candor: Container) -> CheckResult:
    """Check that each profile file can be read; its queries are not run."""
    names = candor.advice.read_profiles.names()
    wrong = [f"{name}: {reason}" for name, reason in candor.advice.read_profiles.unusable().items()]
    for name in names:
        try:
            candor.advice.read_profiles.show(name)
        except ProfileBroken as broken:
            wrong.append(broken.detail)
    if wrong:
        more = f" And {len(wrong) - _MOST_NAMED} more." if len(wrong) > _MOST_NAMED else ""
        hint = "Correct PROFILES_PATH or the files; `candor profiles` lists them."
        return CheckResult(Level.WARN, " ".join(wrong[:_MOST_NAMED]) + more, hint)
    candor.advice.read_profiles.show()  # the default must be one of them
    return CheckResult(Level.OK, f"{len(names)}: {', '.join(names)}")
