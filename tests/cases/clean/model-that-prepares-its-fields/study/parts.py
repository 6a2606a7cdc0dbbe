"""A model and a datamodule to name."""

from typing import Annotated

import pytorch_lightning as pl
from pydantic import BaseModel, BeforeValidator, field_validator, model_validator


class Settings(BaseModel):
    """Old names and forms are taken too."""

    width: int

    @model_validator(mode="before")
    @classmethod
    def rename(cls, values):
        values["width"] = values.pop("size", values.get("width"))
        return values


class Sizes(BaseModel):
    """Two numbers as `3x4`, and a list as a text."""

    shape: tuple[int, int]
    names: Annotated[list[str], BeforeValidator(str.split)] = []

    @field_validator("shape", mode="before")
    @classmethod
    def split(cls, value):
        return value.split("x")


class Net(pl.LightningModule):
    """Is told its settings by models."""

    def __init__(self, settings: Settings, sizes: Sizes):
        super().__init__()


class Data(pl.LightningDataModule):
    """Nothing to load."""
