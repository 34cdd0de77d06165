"""The networks of timm, as a reference."""

import json

import numpy as np
import torch

try:
    import torchvision  # noqa: F401
except RuntimeError:
    # Its wheel is built for another torch than this one, so its operators are missing. timm uses none of them, but
    # importing torchvision asks for two.
    for _operator in ("nms", "qnms"):
        torch.library.define(f"torchvision::{_operator}", "(Tensor dets, Tensor scores, float threshold) -> Tensor")

import timm
from safetensors.torch import save_file


def create(name, **settings):
    if not name.startswith("caformer"):
        return timm.create_model(name, **settings)
    module = timm.models.metaformer  # its functions of each size take no other depths and widths
    convolution, attention = (module.SepConv, module.LayerNorm2dNoBias), (module.Attention, module.LayerNormNoBias)
    mixers, norms = zip(convolution, convolution, attention, attention, strict=True)
    return module._create_metaformer(name, token_mixers=mixers, norm_layers=norms, **settings)


def timm_model(name, sides, **settings):
    """A network of timm at inference, with random weights where it starts from 0 or 1 too, and batch statistics."""
    torch.manual_seed(0)
    model = create(name, num_classes=7, **settings)
    with torch.no_grad():
        for values in model.parameters():
            if values.ndim < 4:
                values.add_(0.05 * torch.randn_like(values))
        for module in model.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.momentum = 1  # those of this batch; without them values grow from block to block
        images = (torch.rand(16, 3, *sides) - 0.45) / 0.23  # normalised pixels
        model.train()(images)
        logits = model.eval()(images)
        head = model.get_classifier()
        for values in getattr(head, "fc2", head).parameters():
            values.div_(logits.std())  # of the size that trained networks give, for rounding grows with it
    return model


def publish(model, folder):
    """Write a network's weights as timm publishes them; the path of the file."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: values.contiguous() for name, values in model.state_dict().items()}, folder / "model.safetensors")
    config = {"pretrained_cfg": {"mean": model.pretrained_cfg["mean"], "std": model.pretrained_cfg["std"]}}
    (folder / "config.json").write_text(json.dumps(config))
    return folder / "model.safetensors"


def logits_of(model, images):
    """What timm's network gives for raw pixels `(batch, height, width, channels)`."""
    mean, deviation = (torch.tensor(model.pretrained_cfg[figure]) for figure in ("mean", "std"))
    normalised = (torch.from_numpy(images) / 255 - mean) / deviation
    with torch.no_grad():
        return model(normalised.permute(0, 3, 1, 2)).numpy()


def random_images(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype("float32")
