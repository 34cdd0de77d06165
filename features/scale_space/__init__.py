"""Smoothed copies of signals and images."""
