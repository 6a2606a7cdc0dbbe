"""On generated configs the editor's verdict and the compiler's do not contradict each other."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from serotiny.targets import SignatureCache, SignatureReader, Trust
from serotiny.targets.catalog.catalog import Target, TargetCatalog, gather
from serotiny.targets.catalog.homes import BUILTIN_HOMES, OPTIONAL_HOMES
from serotiny.targets.value_types import types as t
from tests.system.editor.editor_project import EditorProject

BEYOND_ONE_FILE = {
    "SER302",  # what is missing, another file may give
    "SER307",  # the trainer that a Lightning class does not go with is in another file
    "SER311",  # given twice, by name and by position
    "SER320",  # the manifest is another file
    "SER326",  # the loaders that a label names are in another file
}

WILD: tuple[Any, ...] = (
    None,
    True,
    0,
    -3,
    2.5,
    "a",
    "mean",
    [],
    [1, 2],
    ["a"],
    {"_target_": "torch.nn.ReLU"},
    {"_target_": "torch.nn.ReLU", "inplace": 3},
    {"_target_": "torch.nn.RelU"},
    [{"_target_": "torch.nn.Linear", "in_features": 1, "out_features": "x"}],
    {"_target_": "torch.optim.Adam"},
)


def plausible(value_type: t.ValueType, catalog: TargetCatalog) -> st.SearchStrategy[Any]:
    """Values that are of a type, as far as the type tells."""
    match value_type:
        case t.UnionType(members):
            return st.one_of(*(plausible(member, catalog) for member in members))
        case t.NoneType():
            return st.none()
        case t.BoolType():
            return st.booleans()
        case t.IntType():
            return st.integers(-9, 99)
        case t.FloatType():
            return st.sampled_from([1, 0.5, -2.25])
        case t.StrType() | t.PathType() | t.BytesType():
            return st.sampled_from(["a", "b c", "mean"])
        case t.LiteralType(values):
            return st.sampled_from(values)
        case t.EnumType(_, names) if names:
            return st.sampled_from(names)
        case t.ListType(item):
            return st.lists(plausible(item, catalog), max_size=2)
        case t.TupleType(items):
            return st.tuples(*(plausible(item, catalog) for item in items)).map(list)
        case t.MappingType(_, value):
            return st.dictionaries(st.sampled_from(["k", "l"]), plausible(value, catalog), max_size=1)
        case t.InstanceOf(path) if catalog.instances(frozenset({path}))[0]:
            makers = catalog.instances(frozenset({path}))[0]
            return st.sampled_from([{"_target_": maker.paths[0], "_partial_": True} for maker in makers])
        case t.InstanceOf() | t.CallableType() | t.ClassType():
            return st.just({"_target_": "torch.nn.ReLU", "_partial_": True})
        case _:
            return st.sampled_from(WILD)


@st.composite
def nodes(draw: st.DrawFn, catalog: TargetCatalog) -> dict[str, Any]:
    """A node of some target: what is required, some of the rest, now and then something wrong."""
    target: Target = draw(st.sampled_from(catalog.targets))
    assert target.signature is not None
    node: dict[str, Any] = {"_target_": draw(st.sampled_from((*target.paths, *target.aliases)))}
    for parameter in target.signature.parameters:
        if parameter.by_name and (parameter.required or draw(st.integers(0, 3)) == 0):
            is_wild = draw(st.integers(0, 7)) == 0
            values = st.sampled_from(WILD) if is_wild else plausible(parameter.type, catalog)
            node[parameter.name] = draw(values)
    if draw(st.integers(0, 9)) == 0:
        node["no_such_key"] = 1
    return node


def a_model(node: dict[str, Any]) -> str:
    """A model with a node among the layers of its network, where it cannot be merged with another file's."""
    model = {
        "_target_": "serotiny.models.BasicModel",
        "x_label": "measurements",
        "y_label": "species",
        "loss": {"_target_": "torch.nn.MSELoss"},
        "network": {"_target_": "torch.nn.Sequential", "_args_": [node]},
    }
    return yaml.safe_dump(model, sort_keys=False)


def pool_of(project: EditorProject) -> TargetCatalog:
    reader = SignatureReader(project.project.import_paths, SignatureCache())
    homes = (*BUILTIN_HOMES, *OPTIONAL_HOMES)
    return gather(reader, Trust(own=("a_tiny_project",)), homes=homes, installed=reader)


def test_editor_and_compiler_never_contradict_each_other(template: EditorProject) -> None:
    """What compiles without a word is unmarked in the editor; what a signature refuses for this file's sake is marked."""
    catalog = pool_of(template)

    @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
    @given(nodes(catalog))
    # objects that are written as plain values
    @example({"_target_": "pytorch_lightning.callbacks.EMAWeightAveraging", "device": True})
    @example({"_target_": "torch.nn.NLLLoss", "weight": "cpu"})
    @example({"_target_": "torch.nn.NLLLoss", "weight": [1, 0.5]})
    @example({"_target_": "torch.nn.LayerNorm", "normalized_shape": 2, "dtype": "a", "device": "mean"})
    @example({"_target_": "torch.nn.LayerNorm", "normalized_shape": 2, "dtype": 16, "device": [1]})
    @example(
        {"_target_": "torch.nn.LayerNorm", "normalized_shape": 2, "device": {"_target_": "torch.nn.ReLU"}}
    )
    # a text and a number that a body refuses
    @example({"_target_": "torchmetrics.RetrievalFallOut", "empty_target_action": "a"})
    @example({"_target_": "torch.nn.Dropout", "p": 2})
    # an abstract class
    @example({"_target_": "pytorch_lightning.plugins.LayerSync"})
    @example({"_target_": "torchmetrics.Metric", "_partial_": True})
    # the module where a class is defined is hidden by a function of the same name
    @example(
        {
            "_target_": "torch.nn.parallel.data_parallel.DataParallel",
            "module": {"_target_": "torch.nn.ReLU"},
        }
    )
    # null that an annotation excludes and the code works with
    @example({"_target_": "torch.nn.MaxPool1d", "kernel_size": 2, "return_indices": None})
    @example({"_target_": "pytorch_lightning.callbacks.RichProgressBar", "leave": None})
    # a number where a tensor must be a nested target, since whole numbers count
    @example({"_target_": "torchmetrics.classification.MultilabelAUROC", "num_labels": 3, "thresholds": 2.5})
    # a number and a text for a switch of which nothing but the truth is used
    @example({"_target_": "torch.nn.Linear", "in_features": 1, "out_features": 1, "bias": 1})
    @example({"_target_": "lightning.pytorch.Trainer", "sync_batchnorm": "a"})
    # a text that a body calculates with
    @example({"_target_": "torch.nn.LazyInstanceNorm1d", "momentum": "a"})
    # what is told by a check of a trainer's values
    @example({"_target_": "lightning.pytorch.Trainer", "accumulate_grad_batches": 0})
    def check(node: dict[str, Any]) -> None:
        text = a_model(node)
        marked = template.editor_faults("model", text)
        told, by_signature = (
            [fault for fault in faults if fault.code not in BEYOND_ONE_FILE]
            for faults in (
                template.compiler_told("model", text),
                template.faults_by_signature("model", text),
            )
        )
        # a schema cannot say which targets are wrong where no target gives the class, nor which arguments go together,
        # nor what a body needs where nothing is annotated
        said_by_schema = [
            fault
            for fault in by_signature
            if fault.code not in ("SER306", "SER316") and not any("no annotation" in it for it in fault.notes)
        ]
        both = (text, marked, [fault.message for fault in told])
        assert bool(said_by_schema) <= bool(marked) <= bool(told), both

    check()
