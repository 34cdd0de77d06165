"""The features on arrays, by NumPy, SciPy and PyWavelets, without Keras: for computing ahead of time."""
