"""Texts that stay to be evaluated in a job, made independent of where they stand."""

from __future__ import annotations

from dataclasses import replace

from serotiny.compiler.syntax.references import absolute_text
from serotiny.compiler.tree import Keys, Node, Unknown


def anchored(node: Node, keys: Keys = ()) -> Node:
    """The resolved tree with keys from the root in place of relative ones, in each text that is kept as written.

    Args:
        node: the tree.
        keys: where it stands.
    """
    reference = node.reference
    if reference is not None and (reference.secret or isinstance(node.value, Unknown)):
        text = absolute_text(reference.text, keys)
        node = node if text == reference.text else replace(node, reference=replace(reference, text=text))
    if not isinstance(node.value, dict | list):
        return node
    children = {key: anchored(child, (*keys, key)) for key, child in node.children()}
    if all(children[key] is child for key, child in node.children()):
        return node
    return replace(node, value=children if node.is_mapping else [*children.values()])
