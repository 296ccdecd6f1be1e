"""The order of search results by recency: an outdated passage gives way to the current version.

Scores stay unchanged: they measure the match, and `Hit.replaced_by` marks an outdated passage. Pure.
Leaves to others: the rule of replacement (`use_cases/kernel/versions.py`).
"""

from collections.abc import Sequence

from use_cases.kernel.model import Hit

_FEWEST = 10


def search_depth(limit: int) -> int:
    """Return the number of best hits to consider when `limit` are shown."""
    return max(2 * limit, _FEWEST)


def current_first(hits: Sequence[Hit], limit: int) -> Sequence[Hit]:
    """Return the `limit` hits to show, best first, those of outdated versions last.

    An outdated passage never precedes the first passage of the version that replaces it. It keeps
    its place when no passage of that version is among the hits, because nothing contradicts it.
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
