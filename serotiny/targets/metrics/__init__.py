"""Read the names under which a LightningModule logs."""
