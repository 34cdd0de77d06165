"""ModernTCN for classification as the paper states it, in plain torch: signals (batch, variables, features, steps)."""

from itertools import pairwise

import numpy as np
import torch
from keras import ops
from torch import nn
from torch.nn import functional


class Reference(nn.Module):
    """The published network, without dropout."""

    def __init__(self, window_shape, classes, patch_size, patch_stride, widths, blocks, large, small, ratio, normalise):
        super().__init__()
        time, self.variables = window_shape
        self.patch_size, self.patch_stride, self.normalise = patch_size, patch_stride, normalise
        self.stem = nn.Conv1d(1, widths[0], patch_size, stride=patch_stride)
        self.stem_norm = nn.BatchNorm1d(widths[0])
        halvings = [
            nn.ModuleDict({"norm": nn.BatchNorm1d(before), "conv": nn.Conv1d(before, after, 2, stride=2)})
            for before, after in pairwise(widths)
        ]
        self.halvings = nn.ModuleList(halvings)
        stages = [
            nn.ModuleList(Block(self.variables, width, taps, small, ratio) for _ in range(blocks))
            for width, taps in zip(widths, large, strict=True)
        ]
        self.stages = nn.ModuleList(stages)
        steps = time // patch_stride
        for _ in halvings:
            steps = -(-steps // 2)
        self.logits = nn.Linear(self.variables * widths[-1] * steps, classes)

    def forward(self, window):
        signal = window.transpose(1, 2)  # (batch, variables, time)
        if self.normalise:
            centred = signal - signal.mean(dim=-1, keepdim=True)
            signal = centred / torch.sqrt((centred**2).mean(dim=-1, keepdim=True) + 1e-5)
        signal = signal.flatten(0, 1)[:, None]  # (batch * variables, 1, time)
        signal = functional.pad(signal, (0, self.patch_size - self.patch_stride), mode="replicate")
        signal = self.stem_norm(self.stem(signal))
        for index, stage in enumerate(self.stages):
            if index > 0:
                signal = functional.pad(signal, (0, signal.shape[-1] % 2), mode="replicate")
                halving = self.halvings[index - 1]
                signal = halving["conv"](halving["norm"](signal))
            signal = signal.unflatten(0, (-1, self.variables))  # (batch, variables, features, steps)
            for block in stage:
                signal = block(signal)
            signal = signal.flatten(0, 1)
        return self.logits(functional.gelu(signal.unflatten(0, (-1, self.variables))).flatten(1))


class Block(nn.Module):
    def __init__(self, variables, features, large, small, ratio):
        super().__init__()
        channels = variables * features
        self.large, self.small = (
            nn.Conv1d(channels, channels, taps, padding=taps // 2, groups=channels, bias=False)
            for taps in (large, small)
        )
        self.large_norm, self.small_norm = nn.BatchNorm1d(channels), nn.BatchNorm1d(channels)
        self.norm = nn.BatchNorm1d(features)
        self.features_in, self.features_out = grouped_pair(channels, ratio, variables)
        self.variables_in, self.variables_out = grouped_pair(channels, ratio, features)

    def forward(self, signal):
        branch = signal.flatten(1, 2)
        branch = self.large_norm(self.large(branch)) + self.small_norm(self.small(branch))
        branch = self.norm(branch.unflatten(1, signal.shape[1:3]).flatten(0, 1))
        branch = branch.unflatten(0, signal.shape[:2]).flatten(1, 2)
        branch = self.features_out(functional.gelu(self.features_in(branch)))
        branch = branch.unflatten(1, signal.shape[1:3]).transpose(1, 2).flatten(1, 2)
        branch = self.variables_out(functional.gelu(self.variables_in(branch)))
        return signal + branch.unflatten(1, (signal.shape[2], signal.shape[1])).transpose(1, 2)


def grouped_pair(channels, ratio, groups):
    return (
        nn.Conv1d(channels, channels * ratio, 1, groups=groups),
        nn.Conv1d(channels * ratio, channels, 1, groups=groups),
    )


def copy_weights(model, reference):
    """Hand the weights of a PatchModernTCN to the reference, whose stem has a bias besides."""
    reference.double()
    with torch.no_grad():
        bias = torch.linspace(-1, 1, len(reference.stem.bias)).double()
        assign(reference.stem.weight, array(model.get_layer("stem").kernel).transpose(2, 1, 0))
        assign(reference.stem.bias, bias)
        copy_norm(model.get_layer("stem_norm"), reference.stem_norm)
        reference.stem_norm.running_mean += bias  # what the normalisation takes away of it
        for index, halving in enumerate(reference.halvings, start=2):
            copy_norm(model.get_layer(f"downsampling_norm_{index}"), halving["norm"])
            copy_conv(model.get_layer(f"downsampling_{index}"), halving["conv"])
        for stage, blocks in enumerate(reference.stages, start=1):
            for index, block in enumerate(blocks, start=1):
                copy_block(model.get_layer(f"stage_{stage}_block_{index}"), block)
        last = model.get_layer("logits")
        width, classes = last.kernel.shape
        steps = model.get_layer("pool").input.shape[1]
        kernel = array(last.kernel).reshape(steps, reference.variables, -1, classes)
        assign(reference.logits.weight, kernel.transpose(3, 1, 2, 0).reshape(classes, width))
        assign(reference.logits.bias, array(last.bias))


def copy_block(ours, block):
    for convolution, norm, name in zip(
        ours.time_mixer.convolutions, ours.time_mixer.normalizations, ("large", "small"), strict=True
    ):
        assign(getattr(block, name).weight, array(convolution.kernel).transpose(2, 1, 0))
        copy_norm(norm, getattr(block, f"{name}_norm"))
    copy_norm(ours.norm, block.norm)
    for mixer, pair in (
        (ours.feature_mixer, (block.features_in, block.features_out)),
        (ours.variable_mixer, (block.variables_in, block.variables_out)),
    ):
        for dense, convolution in zip((mixer.expand, mixer.reduce), pair, strict=True):
            kernel = array(dense.kernel).transpose(0, 2, 1)  # (groups, out, in)
            assign(convolution.weight, kernel.reshape(-1, kernel.shape[-1], 1))
            assign(convolution.bias, array(dense.bias).reshape(-1))


def copy_conv(ours, convolution):
    assign(convolution.weight, array(ours.kernel).transpose(2, 1, 0))
    assign(convolution.bias, array(ours.bias))


def copy_norm(ours, norm):
    targets = (norm.weight, norm.bias, norm.running_mean, norm.running_var)
    for target, value in zip(targets, (ours.gamma, ours.beta, ours.moving_mean, ours.moving_variance), strict=True):
        assign(target, array(value))


def assign(target, value):
    assert tuple(target.shape) == value.shape
    target.copy_(torch.from_numpy(np.array(value)))


def array(variable):
    return ops.convert_to_numpy(variable)
