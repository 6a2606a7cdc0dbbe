"""Callbacks that a config may name."""

from serotiny.callbacks.gradient_norm import GradientNorm
from serotiny.callbacks.throughput import Throughput

__all__ = ["GradientNorm", "Throughput"]
