"""The temporal convolutional network of Bai et al. (2018), stated anew in plain PyTorch with the weights of ours."""

import torch
from keras import ops
from torch.nn.functional import pad
from torch.nn.utils.parametrizations import weight_norm


class TorchTemporalBlock(torch.nn.Module):
    """One residual block at inference, over `(batch, channels, time)`."""

    def __init__(self, block, channels):
        super().__init__()
        self.reach = (block.kernel_size - 1) * block.dilation_rate
        self.convolutions = torch.nn.ModuleList()
        for ours in block.convolutions:
            theirs = torch.nn.Conv1d(channels, block.filters, block.kernel_size, dilation=block.dilation_rate)
            if block.weight_normalization:
                learned = weight_norm(theirs).parametrizations.weight
                _assign(learned.original0, ops.reshape(ours.gain, (1, 1, -1)))
                _assign(learned.original1, ours.direction)
            else:
                _assign(theirs.weight, ours.kernel)
            _assign(theirs.bias, ours.bias)
            self.convolutions.append(theirs)
            channels = block.filters
        self.projection = None
        if block.projection is not None:
            self.projection = torch.nn.Conv1d(block.projection.kernel.shape[1], block.filters, 1)
            _assign(self.projection.weight, block.projection.kernel)
            _assign(self.projection.bias, block.projection.bias)

    def forward(self, signal):
        branch = signal
        for convolution in self.convolutions:
            branch = torch.relu(convolution(pad(branch, (self.reach, 0))))
        return torch.relu(branch + (signal if self.projection is None else self.projection(signal)))


class TorchTCN(torch.nn.Module):
    """The whole network: normalised windows `(batch, channels, time)` to logits."""

    def __init__(self, model):
        super().__init__()
        blocks = [layer for layer in model.layers if layer.name.startswith("level_")]
        widths = [model.input_shape[-1], *(block.filters for block in blocks)]
        self.blocks = torch.nn.Sequential(*map(TorchTemporalBlock, blocks, widths[:-1]))
        self.logits = torch.nn.Linear(widths[-1], model.output_shape[-1])
        kernel, bias = model.get_layer("logits").get_weights()
        _assign(self.logits.weight, kernel)
        _assign(self.logits.bias, bias)

    def forward(self, windows):
        return self.logits(self.blocks(windows)[..., -1])


def count(module):
    return sum(weight.numel() for weight in module.parameters())


def _assign(parameter, value):
    """Keras keeps the axes of a kernel in the opposite order."""
    value = torch.tensor(ops.convert_to_numpy(value))
    with torch.no_grad():
        parameter.copy_(value.permute(*reversed(range(value.ndim))))
