"""The script of the study."""

import hydra
from hydra.utils import get_class, instantiate

from study.parts import Stage


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg):
    """Make partials, and call them with what stands in the config as text or not at all."""
    make_net = instantiate(cfg.net)
    net = make_net(metrics=[get_class(path) for path in cfg.net.metrics])
    arguments = {"callbacks": [instantiate(part) for part in cfg.callbacks.values()]}
    arguments.update({"logger": False})
    make_trainer = instantiate(cfg.trainer)
    Stage(cfg).start(net.configure_optimizers())
    make_trainer(**arguments).fit(net)


if __name__ == "__main__":
    main()
