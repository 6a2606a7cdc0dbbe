from __future__ import annotations

import torch
from torch import nn


class DenseNet(nn.Module):
    def __init__(self, input_size: int = 2, hidden_size: int = 8, output_size: int = 2) -> None:
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(input_size, hidden_size),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(hidden_size, output_size),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model(x)
