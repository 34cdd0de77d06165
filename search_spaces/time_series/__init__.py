"""Search spaces of the time-series models."""
