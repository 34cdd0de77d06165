"""Wavelet features."""
