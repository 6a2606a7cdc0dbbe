"""The script of the study."""

import hydra
from hydra.utils import get_class, instantiate


@hydra.main(version_base="1.3", config_path="conf", config_name="main")
def main(config):
    """Start."""
    if config.checkpoint is None:
        model = instantiate(config.model, data_size=3)
    else:
        model_class = get_class(config.model._target_)
        model = model_class.load_from_checkpoint(config.checkpoint)
    head_class = get_class(config.head._target_)
    del config.head["_target_"]
    head = head_class(**config.head, size=4)
    tail = get_class(config.tail._target_)(config.tail.depth)
    print(model, head, tail)
