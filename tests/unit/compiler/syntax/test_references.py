from __future__ import annotations

import pytest

from serotiny.compiler.syntax.references import absolute_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${.width}-big", "${model.net.width}-big"),
        ("${..width}/${...seed}", "${model.width}/${seed}"),
        ("${oc.select:.depth,1} ${model.width}", "${oc.select:model.net.depth,1} ${model.width}"),
        (r"\${.width} ${.a.b}", r"\${.width} ${model.net.a.b}"),
        ("${....above}", "${....above}"),
        ("${hydra:runtime.output_dir}", "${hydra:runtime.output_dir}"),
    ],
)
def test_relative_keys_are_given_from_the_root(text: str, expected: str) -> None:
    """Each key that is one, and no key that is escaped, from the root already, or above it."""
    assert expected == absolute_text(text, ("model", "net", "name"))
