"""One family of tests; references by statsmodels 0.15 (multipletests, method="holm")."""

import pytest

from use_cases.kernel.statistics.holm_adjustment import holm


def test_p_values_are_adjusted_in_the_given_order() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02], abs=1e-15)
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []
