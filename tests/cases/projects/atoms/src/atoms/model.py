from __future__ import annotations

from torch import nn


class Potential(nn.Module):
    def __init__(self, representation: nn.Module, output_modules: list[nn.Module]) -> None:
        super().__init__()


class PaiNN(nn.Module):
    def __init__(self, n_atom_basis: int, n_interactions: int, radial_basis: nn.Module) -> None:
        super().__init__()


class GaussianRBF(nn.Module):
    def __init__(self, n_rbf: int, cutoff: float) -> None:
        super().__init__()


class Bessel(nn.Module):
    def __init__(self, n_rbf: int, cutoff: float) -> None:
        super().__init__()


class Atomwise(nn.Module):
    def __init__(self, n_in: int, output_key: str) -> None:
        super().__init__()
