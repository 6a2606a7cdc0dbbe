"""What is asked of a project's code about one key says nothing of a key of the same name elsewhere."""

from __future__ import annotations

from pathlib import Path

from serotiny.compiler.project_code.modules import ProjectModules
from serotiny.compiler.project_code.project_code import ProjectCode


def test_same_name_is_told_apart_by_its_place(tmp_path: Path) -> None:
    """A key that code removes from one node stays in another one, in whatever order the two are asked about."""
    module = tmp_path / "train.py"
    module.write_text('def f(cfg):\n    cfg.model.pop("path")\n')
    places = [("data", "path"), ("model", "path"), ("data", "path"), ("model", "width")]
    code = ProjectCode(ProjectModules(lambda: [module], lambda _: None))

    assert [False, True, False, False] == [code.removals.takes_out(keys) for keys in places]


def test_key_that_another_module_names_may_be_any_one_of_its_node(tmp_path: Path) -> None:
    """The module that removes it need not have the key itself."""
    module = tmp_path / "train.py"
    module.write_text("def f(cfg, net):\n    cfg.model.pop(net.KEY, None)\n")
    code = ProjectCode(ProjectModules(lambda: [module], lambda _: None))

    assert [True, False] == [code.removals.takes_out(keys) for keys in (("model", "path"), ("data", "path"))]
