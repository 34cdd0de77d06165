"""Classifiers of scikit-learn on features of windows, to hold the networks against."""

from kerashar.baselines.registry import create_baseline, evaluate_baseline, list_baselines

__all__ = ["create_baseline", "evaluate_baseline", "list_baselines"]
