"""Measurements, side by side and interleaved; `make bench` runs them all."""
