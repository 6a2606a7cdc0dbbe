"""The example's notebook, executed as Jupyter does."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient


def test_notebook_compiles_shows_trains_and_loads(digits: Path) -> None:
    """Every cell runs; compilations and the plan show themselves as HTML, and the last cell has the trained model."""
    notebook = nbformat.read(digits / "digits.ipynb", as_version=4)  # type: ignore[no-untyped-call]

    NotebookClient(notebook, timeout=200, resources={"metadata": {"path": str(digits)}}).execute()

    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    pages = [output.data["text/html"] for output in outputs if "text/html" in output.get("data", {})]
    assert 3 == len(pages)
    assert "did you mean `latent_dim`?" in pages[1]
    assert "override `++trainer.max_epochs=1`" in pages[2]
    assert "'TabularVAE'" == outputs[-1].data["text/plain"]
