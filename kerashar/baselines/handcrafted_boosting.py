"""Boosted trees on handcrafted features."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


def handcrafted_boosting(sampling_rate: float, seed: int = 0) -> "Pipeline":
    """`HandcraftedFeatures`, then scikit-learn's `HistGradientBoostingClassifier`.

    Use it as what a network has to beat: it needs no tuning, no GPU, and a minute on HAPT.

    Args:
        sampling_rate: samples per second (Hz).
        seed: seed of the trees.

    Reference:
        Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", 2017, which scikit-learn's follows.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier  # slow to import, needed only here
    from sklearn.pipeline import Pipeline

    from kerashar.features import HandcraftedFeatures

    # Each split looks at a tenth of the features: trees that differ more, in a third of the time.
    classifier = HistGradientBoostingClassifier(max_features=0.1, random_state=seed)
    return Pipeline([("features", HandcraftedFeatures(sampling_rate)), ("classifier", classifier)])
