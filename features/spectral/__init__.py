"""Features of the spectrum of a signal."""
