"""The names under which a LightningModule logs."""
