"""The commands `train`, `test` and `predict`."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from serotiny.cli.call import Call, project_that_runs
from serotiny.cli.options import open_project, project_options
from serotiny.compiler.plan.plan_file import read_plan
from serotiny.compiler.sources.sources import Sources
from serotiny.credentials.detection import mask_source
from serotiny.diagnostics import SerotinyError

_EPILOG = """Overrides follow Hydra's grammar: `group=option` chooses, `key=value` changes, `+key=value` adds,
`++key=value` does either, `~key` deletes. `serotiny check config` says what is wrong without running."""


class _OperationCommand(click.Command):
    """A command whose help also lists the config groups of the current project."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups = _groups_here()
        if groups:
            with formatter.section("Config groups"):
                formatter.write_dl(groups)
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_EPILOG)


def _command_to_change(operation: str, plan_file: Path, overrides: tuple[str, ...]) -> str:
    """The command that compiles the plan again with further overrides, into a file beside it.

    Raises:
        PlanError: the plan cannot be read.
    """
    kept = [text for text in read_plan(plan_file).overrides if _key_of(text) not in map(_key_of, overrides)]
    output = plan_file.with_name(f"{plan_file.stem}-changed{plan_file.suffix}")
    changed = [mask_source(text).text for text in (*kept, *overrides)]
    return shlex.join(["serotiny", "compile", operation, *changed, "-o", str(output)])


def _key_of(override: str) -> str:
    return override.lstrip("+~").partition("=")[0]


def _groups_here() -> list[tuple[str, str]]:
    try:
        sources = Sources(open_project(None, ()))
    except SerotinyError:
        return []  # help also works outside of a project
    rows = [(group, sources.options(group)) for group in sources.groups()]
    return [(group, ", ".join(options)) for group, options in rows if options]


def _operation_command(operation: str, summary: str) -> click.Command:
    """The click command of an operation."""

    @click.command(operation, cls=_OperationCommand, help=summary)
    @click.argument("overrides", nargs=-1, metavar="[OVERRIDE]...")
    @click.option("-m", "--multirun", is_flag=True, help="Sweep over values separated by commas.")
    @click.option("--fail-fast", is_flag=True, help="Start no further job of a sweep after one that failed.")
    @click.option(
        "-c",
        "--cfg",
        type=click.Choice(["job", "hydra", "all"]),
        help="Print the composed config and run nothing.",
    )
    @click.option("-p", "--package", help="With --cfg: only this part of it.")
    @click.option("--resolve", is_flag=True, help="With --cfg: resolve interpolations.")
    @click.option(
        "-i", "--info", metavar="SUBJECT", help="Print what Hydra knows: plugins, searchpath, defaults."
    )
    @click.option(
        "--plan",
        "plan_file",
        type=click.Path(path_type=Path),
        help="Run a plan that `serotiny compile` wrote, instead of compiling.",
    )
    @click.option(
        "--rehearse",
        is_flag=True,
        hidden=operation != "train",
        help="Try the job in small first of all: two batches of each loop, nothing recorded, nothing left.",
    )
    @project_options
    @click.pass_context
    def command(
        context: click.Context,
        overrides: tuple[str, ...],
        multirun: bool,
        fail_fast: bool,
        cfg: str | None,
        package: str | None,
        resolve: bool,
        info: str | None,
        plan_file: Path | None,
        rehearse: bool,
        config_dir: Path | None,
        trusted: tuple[str, ...],
    ) -> int:
        if rehearse and operation != "train":
            raise click.UsageError("what is rehearsed is a training: `serotiny train --rehearse`")
        if rehearse and (multirun or cfg or plan_file is not None or info):
            raise click.UsageError("--rehearse goes with no -m, --cfg, --info or --plan")
        if (package or resolve) and cfg is None:
            raise click.UsageError("--package and --resolve go with --cfg")
        if plan_file is not None and (multirun or cfg or info):
            raise click.UsageError("--plan replays one plan as it is: leave out -m, --cfg and --info")
        if plan_file is not None and overrides:
            raise click.UsageError(
                "--plan replays a plan as it is, without overrides; to change it, compile another one:\n"
                f"  {_command_to_change(operation, plan_file, overrides)}"
            )
        call = Call(
            project=project_that_runs(operation, config_dir, trusted),
            operation=operation,
            overrides=overrides,
            multirun=multirun,
            quiet=context.obj["quiet"],
            fail_fast=fail_fast,
        )
        if cfg is not None or info is not None:
            return call.show(cfg, package, resolve, info)
        if rehearse:
            return call.rehearse(largest_batch=False)
        from serotiny.launch.ranks import once_for_all_ranks

        return once_for_all_ranks(lambda: call.replay(plan_file) if plan_file else call.compile_and_run())

    return command


train = _operation_command("train", "Train a model, and record the run.")
test = _operation_command("test", "Test a trained model on the test split.")
predict = _operation_command("predict", "Predict with a trained model.")
