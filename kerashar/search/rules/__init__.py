"""Rules that end weak trials early. They know no Ray, and are rebuilt by telling them the same reports again."""

from kerashar.search.rules.hyper_band import HyperBand
from kerashar.search.rules.median_stopping import MedianStopping
from kerashar.search.rules.stopping_rule import NoStopping, Rung, StoppingRule
from kerashar.search.rules.successive_halving import SuccessiveHalving

__all__ = ["HyperBand", "MedianStopping", "NoStopping", "Rung", "StoppingRule", "SuccessiveHalving"]
