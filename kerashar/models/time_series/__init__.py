"""Models for windows of sensor signals, one paper per file."""

from kerashar.models.time_series.modern_tcn import ModernTCN

__all__ = ["ModernTCN"]
