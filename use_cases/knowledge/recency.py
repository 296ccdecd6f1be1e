"""Orders what a search found by recency: an outdated passage gives way to the version in force.

Scores are left as they are: they say how well a passage fits, `Hit.replaced_by` that it is outdated.
Pure. Which documents replace one another is the rule of `use_cases/kernel/versions.py`.
"""

from collections.abc import Sequence

from use_cases.kernel.model import Hit

_FEWEST = 10


def reach(limit: int) -> int:
    """How many of the best hits are looked at when `limit` are shown."""
    return max(2 * limit, _FEWEST)


def current_first(hits: Sequence[Hit], limit: int) -> Sequence[Hit]:
    """The `limit` hits to show, best first, those of outdated versions last.

    An outdated passage takes no place before the first passage of the version that replaces it. It
    stays where it is when no passage of that version is among the hits: then nothing disagrees with it.
    """
    first: dict[int, int] = {}
    for place, hit in enumerate(hits):
        first.setdefault(hit.passage.document.version_id, place)
    newer = [
        None if hit.replaced_by is None else first.get(hit.replaced_by.version_id) for hit in hits
    ]
    after = [
        (max(place, newer[place] or 0), newer[place] is not None) for place in range(len(hits))
    ]
    shown = sorted(range(len(hits)), key=lambda place: after[place])[:limit]
    return [hits[place] for place in sorted(shown, key=lambda place: newer[place] is not None)]
