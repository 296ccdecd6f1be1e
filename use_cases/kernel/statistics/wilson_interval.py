"""Wilson's interval of a share.

Promises: within [0, 1], with a width also at 0 and at n of n. Leaves to others: dependent rows, for
which it is too narrow.
"""

from math import sqrt

from use_cases.kernel.statistics.distributions import Z95


def wilson(right: float, n: int) -> tuple[float, float] | None:
    """Return the 95 % interval of a share (Wilson 1927); None without rows. Holds at 0 and at n of n.

    (r + z^2/2n -+ z sqrt(r(1-r)/n + z^2/4n^2)) / (1 + z^2/n), z = 1.96.
    """
    if n == 0:
        return None
    z2 = Z95 * Z95
    share = right / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = Z95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    low = 0.0 if right == 0 else max(0.0, centre - reach)
    high = 1.0 if right == n else min(1.0, centre + reach)
    return low, high
