"""Run compiled jobs through Hydra: its folders, logging, sweepers and launchers."""
