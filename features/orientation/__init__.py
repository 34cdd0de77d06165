"""Features of the three axes of a sensor, sample by sample."""
