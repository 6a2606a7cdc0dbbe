"""Check every node with a `_target_` against the signature of its target."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from serotiny.compiler.limits import MAX_FAULTS
from serotiny.compiler.project import Layout
from serotiny.compiler.project_code import ProjectCode
from serotiny.compiler.syntax.other_forms import is_dotted, meant_key
from serotiny.compiler.target_nodes import HYDRA_KEYS, TargetNode, signature_name
from serotiny.compiler.tree import Keys, Node, is_unread, join
from serotiny.compiler.validation.annotations import AnnotationJudge
from serotiny.compiler.validation.causes.indentation import keys_behind_empty
from serotiny.compiler.validation.causes.inherited import Inherited
from serotiny.compiler.validation.causes.renamed import renamed_argument
from serotiny.compiler.validation.causes.supplied import Supplied
from serotiny.compiler.validation.judge import unfound
from serotiny.compiler.validation.near_misses import near_misses
from serotiny.compiler.validation.refusals import refused_arguments
from serotiny.compiler.validation.values import ONLY_ANNOTATED, parameter_faults, value_faults
from serotiny.diagnostics import Diagnostic, Severity, closest
from serotiny.targets import (
    Parameter,
    ParameterKind,
    TargetKind,
    TargetNotFound,
    TargetSignature,
)
from serotiny.targets.lightning import Ternary, accepts_product, supplied_by_code
from serotiny.targets.value_types.types import (
    ANY,
    AnyType,
    ClassType,
    InstanceOf,
    MappingType,
    NoneType,
    ValueType,
    Written,
    inner_type,
    parts,
)


def check_hydra_keys(keys: Keys, node: Node) -> list[Diagnostic]:
    """SER303 and SER304 for Hydra's own keys of a node."""
    faults: list[Diagnostic] = []
    for key, value_type in HYDRA_KEYS.items():
        child = node.get(key)
        if child is not None and key != "_target_":
            faults += value_faults(value_type, child, (*keys, key))
    return faults


def check_parameters(
    target: TargetNode, layout: Layout, judge: AnnotationJudge, code: ProjectCode
) -> list[Diagnostic]:
    """SER301 (unknown), SER302 (missing), SER303/SER304/SER316 (value), SER311 (given twice) of one node."""
    by_code = supplied_by_code(target.signature)
    given = {
        key: child
        for key, child in target.node.value.items()
        if key not in HYDRA_KEYS
        and not judge.leniency.takes_out(target.place_key(key))
        and not (child.value is None and key in by_code)  # a placeholder, which the code replaces
    }
    if (unbound := _unbound_method(target)) is not None:
        return [unbound]
    faults = [
        *_unknown(target, given, layout),
        *near_misses(target, given),
        *_positional(target, given, judge),
    ]
    behind = keys_behind_empty(target.node, target.signature.names)
    for key, child in given.items():
        parameter = target.signature.taking(key) if isinstance(key, str) and key not in behind else None
        if parameter is not None and not _is_callbacks(target, key, layout):
            faults += parameter_faults(
                target.signature, parameter, child, keys=(*target.keys, key), judge=judge
            )
            faults += _of_structures(target, key, child, layout=layout, judge=judge, code=code)
    supplied = Supplied(target, layout, code)
    at_fault = {target.parameter_of(fault.key) for fault in faults if fault.key}
    faults += refused_arguments(target, at_fault, supplied)
    replaced = [fault for fault in faults if fault.key is not None and supplied.replaces(fault)]
    faults = [
        fault for fault in faults if fault.key is None or not (fault in replaced or supplied.takes_out(fault))
    ]
    names = dict.fromkeys(target.parameter_of(fault.key or "") for fault in replaced)
    faults += [
        fault for name in names if name in given for fault in _absent_class(target, name, given[name], judge)
    ]
    faults = Inherited(target, judge.reader).at_the_cause(faults)
    # a misspelt parameter is not missing as well
    meant = {
        fault.suggestion for fault in faults if fault.code == "SER301" and fault.severity is Severity.ERROR
    }
    wrapped = (child.value for key, child in given.items() if _wrapper(str(key), child) and child.is_mapping)
    named = {*given, *meant}.union(*wrapped)
    missing = [] if "_partial_" in meant else missing_parameters(target, named, layout, code)
    return [
        *faults,
        *(fault for fault in missing if not supplied.may_pass(target.parameter_of(fault.key or ""))),
    ]


def _absent_class(target: TargetNode, name: str, node: Node, judge: AnnotationJudge) -> Iterator[Diagnostic]:
    """SER305 for the path of a class that code is to load, where the package that it names does not have it."""
    parameter = target.signature.parameter(name)
    is_class = parameter is not None and any(isinstance(part, ClassType) for part in parts(parameter.type))
    if not is_class or not isinstance(node.value, str) or not is_dotted(node.value):
        return
    found = judge.reader.read(node.value)
    if isinstance(found, TargetNotFound) and found.installed:
        yield unfound(target.place_key(name), node, found)


def _of_structures(
    target: TargetNode, key: str, child: Node, *, layout: Layout, judge: AnnotationJudge, code: ProjectCode
) -> Iterator[Diagnostic]:
    """Faults inside mappings that a job turns into dataclasses and the like, as the signature declares."""
    parameter = target.signature.taking(key)
    recursive = target.node.get("_recursive_")
    is_made_elsewhere = target.called_later or (recursive is not None and recursive.value is False)
    if parameter is None or is_made_elsewhere or not layout.is_own:
        return
    for keys, node, paths in _structures((*target.keys, key), child, parameter.type):
        found = [judge.reader.read(path) for path in paths]
        signatures = [signature for signature in found if isinstance(signature, TargetSignature)]
        if len(signatures) == len(found):
            signature = _meant(signatures, node.value.keys())
            named = Node(signature.path, node.blame_key())
            made = TargetNode(keys=keys, node=node, target=named, signature=signature, is_nested=True)
            yield from check_parameters(made, layout, judge, code)


def _meant(signatures: Sequence[TargetSignature], keys: Collection[Any]) -> TargetSignature:
    """The one of several classes that takes a mapping's keys; where none does, that which knows most of them."""
    return max(signatures, key=lambda found: (found.takes(keys), len({*keys} & {*found.names})))


def _structures(keys: Keys, node: Node, declared: ValueType) -> Iterator[tuple[Keys, Node, Sequence[str]]]:
    """The mappings of a value that are made objects of, each with the classes of which it may be one."""
    if node.get("_target_") is not None:
        return
    if node.is_mapping:
        paths = [
            part.path
            for part in parts(declared)
            if isinstance(part, InstanceOf) and part.written is Written.MAPPING
        ]
        others = [part for part in parts(declared) if isinstance(part, MappingType | AnyType)]
        if paths and not others:
            yield keys, node, paths
            return
    for step, child in node.children():
        yield from _structures((*keys, step), child, inner_type(declared, step))


def _unknown(target: TargetNode, given: dict[Any, Node], layout: Layout) -> list[Diagnostic]:
    signature = target.signature
    faults: list[Diagnostic] = []
    notes: tuple[str, ...] = ()
    if signature.ignores_rest:
        notes = ("a call takes it all the same",)
    if signature.rest_goes_to:
        notes = (f"its `**kwargs` go to `{signature.rest_goes_to}`, which has no such parameter",)
    behind = keys_behind_empty(target.node, signature.names)
    beside = {key: f"indent it by two spaces, below `{empty}`" for empty in behind for key in behind[empty]}
    for key, child in given.items():
        if len(faults) > MAX_FAULTS:
            break
        if not isinstance(key, str):
            message = f"a parameter must be named by text, not by `{key}`"
            faults.append(Diagnostic("SER301", message, child.blame_key(), target.place_key(key)))
        # nothing is said of a key whose value could not be read
        elif signature.parameter(key) is None and not signature.open and not is_unread(child):
            message = f"`{key}` is not a parameter of {signature_name(target)}"
            form = _form_in_file(key, child, target)
            renamed = renamed_argument(signature, key, layout) or (
                None if key.lstrip("+") in signature.names else form
            )
            wrapper = _wrapper(key, child)
            suggestion = closest(key, [*signature.names, *HYDRA_KEYS]) if wrapper is None else None
            otherwise = (
                wrapper
                or beside.get(key)
                or (_place_of(key, child, target) if layout.is_own else None)
                or _listed(signature)
            )
            faults.append(
                Diagnostic(
                    "SER301",
                    message,
                    child.blame_key(),
                    target.place_key(key),
                    help=renamed or form or (None if suggestion else otherwise),
                    notes=notes,
                    suggestion=None if renamed else suggestion,
                    severity=Severity.WARNING if signature.ignores_rest else Severity.ERROR,
                )
            )
    return faults


_WRAPPERS = frozenset({"_kwargs_", "args", "arguments", "dict_kwargs", "init_args", "kwargs", "params"})
"""Keys below which other tools have the arguments of a class."""


def _wrapper(key: str, node: Node) -> str | None:
    """What to do about a key of another tool beside a `_target_`."""
    if key == "class_path":
        return "take it out: `_target_` names the class"
    if key not in _WRAPPERS or not node.is_mapping:
        return None
    return f"take `{key}:` out, and what stands below it one level up"


def _form_in_file(key: str, node: Node, target: TargetNode) -> str | None:
    """What to write for a key with signs or dots, which are for the command line."""
    if node.blame_key().file is None:
        return None
    return meant_key(key, [str(step) for step in target.keys], target.signature.names)


_OF_THE_ROOT = frozenset({"ckpt_path", "data", "mlflow", "model", "seed", "trainer"})


def _place_of(key: str, node: Node, target: TargetNode) -> str | None:
    """Where a key belongs that is one of a whole config, or of a file."""
    if target.keys[-1:] == (key,) and node.is_mapping:
        return f"take `{key}:` out, and what stands below it one level up: it is below `{key}` already"
    if key == "defaults":
        return "a defaults list stands at the top of its file"
    return f"it stands at the root of the config: `{key}: …`" if key in _OF_THE_ROOT else None


def _listed(signature: TargetSignature) -> str:
    names = signature.names
    if not names:
        return "it takes no parameters"
    shown = ", ".join(f"`{name}`" for name in names[:12])
    return f"it takes {shown}{' …' if len(names) > 12 else ''}"


def _positional(target: TargetNode, given: dict[Any, Node], judge: AnnotationJudge) -> list[Diagnostic]:
    arguments = target.node.get("_args_")
    if arguments is None or not arguments.is_list:
        return []
    takes = target.signature.positional
    faults: list[Diagnostic] = []
    for index, value in enumerate(arguments.value):
        keys = (*target.keys, "_args_", index)
        if index >= len(takes):
            if target.signature.rest is not None:
                faults += parameter_faults(
                    target.signature, target.signature.rest, value, keys=keys, judge=judge
                )
            elif target.signature.fixed_positions or not target.signature.open:
                message = f"{signature_name(target)} takes {len(takes)} positional arguments"
                faults.append(Diagnostic("SER301", message, value.place, join(keys)))
                break
            continue
        parameter = takes[index]
        faults += parameter_faults(target.signature, parameter, value, keys=keys, judge=judge)
        if parameter.name in given:
            message = f"`{parameter.name}` is given twice: by name and in `_args_`"
            place = given[parameter.name].blame_key()
            key = target.place_key(parameter.name)
            faults.append(Diagnostic("SER311", message, place, key, help="take one of the two out"))
    return faults


def _unbound_method(target: TargetNode) -> Diagnostic | None:
    """SER302 for a method that is called without an object: nothing else is of interest then."""
    first = next(iter(target.signature.positional), None)
    is_method = target.signature.kind is TargetKind.FUNCTION and first is not None and first.name == "self"
    given = target.node.get("_args_") or target.node.get("self")
    if not is_method or given is not None or target.is_partial or target.called_later:
        return None
    name = signature_name(target)
    message, fix = f"{name} needs `self`", f"it is a method: `{name.rpartition('.')[0]}` is its class"
    return Diagnostic("SER302", message, target.target.place, target.place_key("self"), help=fix)


def missing_parameters(
    target: TargetNode, given: Collection[Any], layout: Layout, code: ProjectCode
) -> list[Diagnostic]:
    """SER302 for what a call needs, and neither these names nor the code of the library give."""
    if target.is_partial or target.called_later or target.node.incomplete:
        return []
    arguments = target.node.get("_args_")
    by_position = len(arguments.value) if arguments is not None and arguments.is_list else 0
    if arguments is not None and not arguments.is_list:
        return []
    supplied = {parameter.name for parameter in target.signature.positional[:by_position]}
    by_code = supplied_by_code(target.signature)
    is_run_here = layout.is_own or layout.is_template
    at_once = target.keys[:-1] and is_run_here and target.keys[0] in _BUILT_BY_HYDRA
    if not at_once and not (target.is_nested and code.making.makes_around(target.keys)):
        supplied |= by_code
    missing = [
        parameter
        for parameter in target.signature.parameters
        if parameter.required and parameter.name not in given and parameter.name not in supplied
    ]
    return [
        Diagnostic(
            "SER302",
            f"{signature_name(target)} needs `{parameter.name}`",
            target.target.place,
            target.place_key(parameter.name),
            help=_PARTIAL if parameter.name in by_code else _how_to_give(parameter),
        )
        for parameter in missing
        if parameter.kind is not ParameterKind.VAR_POSITIONAL
    ]


_BUILT_BY_HYDRA = ("data", "model", "trainer")
"""The groups that Hydra instantiates as a whole: nested targets are called at once, with their own arguments."""

_PARTIAL = "add `_partial_: true`: only code can give it, and with that it is called when there is one"


def _how_to_give(parameter: Parameter) -> str:
    if parameter.type == ANY:
        return f"add `{parameter.name}: …`"
    return f"add `{parameter.name}: …` ({parameter.type})"


def _is_callbacks(target: TargetNode, key: Any, layout: Layout) -> bool:
    """Whether a key holds the trainer's callbacks, whose forms (by name, null for none) are checked with the groups."""
    return (*target.keys, key) == layout.keys("callbacks")


def check_products(
    target: TargetNode, nested: dict[Keys, TargetNode], layout: Layout, judge: AnnotationJudge
) -> list[Diagnostic]:
    """SER306 if the instance of a nested target is certainly not of the type of its parameter.

    Callbacks and loggers are not checked here, but by their places in the layout.
    """
    places = (layout.keys("callbacks"), layout.keys("logger"))
    faults: list[Diagnostic] = []
    for key, child in target.node.value.items():
        parameter = target.signature.taking(key) if isinstance(key, str) else None
        if parameter is None or (*target.keys, key) in places:
            continue
        for keys, wanted in _products((*target.keys, key), child, parameter.type):
            inner = nested.get(keys)
            if inner is not None and _is_uncalled(inner, wanted):
                faults.append(_uncalled(inner, wanted))
            elif inner is not None and not inner.is_partial and not _may_be(wanted, product=inner):
                is_class = any(isinstance(part, ClassType) for part in parts(wanted))
                got = f"an instance of {signature_name(inner)}" if is_class else signature_name(inner)
                message = f"`{join(keys)}` must be {wanted}, not {got}"
                severity = judge.product_severity(
                    target.signature.path, parameter, partial(_may_be, product=inner)
                )
                fault = Diagnostic(
                    "SER306",
                    message,
                    inner.target.place,
                    inner.place_key("_target_"),
                    help=_THE_CLASS.format(inner.target.value) if is_class else None,
                )
                if is_class or severity is Severity.WARNING:
                    fault = replace(fault, severity=severity, notes=(ONLY_ANNOTATED,))
                faults.append(fault)
    return faults


_THE_CLASS: Final = "write `{{_target_: hydra.utils.get_class, path: {}}}` for the class itself"


def _products(keys: Keys, node: Node, declared: ValueType) -> Iterator[tuple[Keys, ValueType]]:
    """The nested targets of a value, also those in lists and mappings, each with the type that it must have."""
    if node.get("_target_") is not None:
        yield keys, declared
        return
    for step, child in node.children():
        if child.is_mapping or child.is_list:
            yield from _products((*keys, step), child, inner_type(declared, step))


def _uncalled(inner: TargetNode, wanted: ValueType) -> Diagnostic:
    message = f"`{join(inner.keys)}` must be {wanted}, and `_partial_` makes a function that gives one"
    return Diagnostic(
        "SER306",
        message,
        inner.node.value["_partial_"].place,
        inner.place_key("_partial_"),
        help="take `_partial_: true` out",
        notes=(ONLY_ANNOTATED,),
        severity=Severity.WARNING,
    )


def _is_uncalled(inner: TargetNode, wanted: ValueType) -> bool:
    """Whether a partial that lacks nothing stands where an object of its class is asked for."""
    if not inner.is_partial:
        return False
    classes = [part for part in parts(wanted) if not isinstance(part, NoneType)]
    is_class = all(isinstance(part, InstanceOf) and part.written is Written.TARGET for part in classes)
    given = inner.node.value
    lacks = any(
        parameter.required and parameter.name not in given for parameter in inner.signature.parameters
    )
    return (
        bool(classes)
        and is_class
        and not lacks
        and not supplied_by_code(inner.signature)
        and any(
            accepts_product(part, inner.signature) is Ternary.YES
            for part in classes
            if isinstance(part, InstanceOf)
        )
    )


def _may_be(wanted: ValueType, *, product: TargetNode) -> bool:
    answers = [_accepts(part, product.signature) for part in parts(wanted) if not isinstance(part, NoneType)]
    return not answers or any(answer is not Ternary.NO for answer in answers)


def _accepts(part: ValueType, product: TargetSignature) -> Ternary:
    match part:
        case InstanceOf():
            return accepts_product(part, product)
        case ClassType() if product.kind is TargetKind.CLASS and product.certain:
            return Ternary.UNSURE if "builtins.type" in product.bases else Ternary.NO
        case _:
            return Ternary.UNSURE
