"""Four of kerashar's networks at their defaults, as written by hand in PyTorch: the peers of the benchmark.

They take windows `(batch, time, channels)` and have as many trained parameters as ours.
"""

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm


class MultiScale(nn.Module):
    """Parallel depthwise kernels, added up before they are applied, as ours: two convolutions would be slower."""

    def __init__(self, channels, sizes, dilation):
        super().__init__()
        convolutions = [nn.Conv1d(channels, channels, size, groups=channels, bias=False) for size in sizes]
        self.kernels = nn.ParameterList(convolution.weight for convolution in convolutions)
        self.bias = nn.Parameter(torch.zeros(channels))
        self.size, self.dilation = max(sizes), dilation

    def forward(self, signal):
        margins = [(self.size - kernel.shape[-1]) // 2 for kernel in self.kernels]
        kernel = sum(functional.pad(kernel, (m, m)) for kernel, m in zip(self.kernels, margins, strict=True))
        reach = self.size // 2 * self.dilation
        return functional.conv1d(signal, kernel, self.bias, 1, reach, self.dilation, groups=len(self.bias))


class ModernTCNBlock(nn.Module):
    def __init__(self, channels, sizes, dilation=1, gate=True, dropout=0.1, depth_rate=0.0):
        super().__init__()
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.mix_time = nn.ModuleList(MultiScale(channels, sizes, dilation) for _ in range(2))
        self.mix_channels = nn.ModuleList(nn.Conv1d(channels, channels, 1) for _ in range(2))
        self.gate = None
        if gate:
            squeeze, excite = nn.Linear(channels, channels // 8), nn.Linear(channels // 8, channels)
            self.gate = nn.Sequential(squeeze, nn.ReLU(), excite, nn.Sigmoid())
        self.dropout = nn.Dropout(dropout)
        self.depth_rate = depth_rate

    def forward(self, signal):
        branch = self.norm(signal.transpose(1, 2)).transpose(1, 2)
        branch = functional.gelu(self.mix_channels[0](self.mix_time[0](branch)))
        branch = self.mix_channels[1](self.mix_time[1](branch))
        if self.gate is not None:
            branch = branch * self.gate(branch.mean(-1))[:, :, None]
        branch = self.dropout(branch)
        if self.training and self.depth_rate:
            kept = torch.rand(len(branch), 1, 1, device=branch.device) >= self.depth_rate
            branch = branch * kept / (1 - self.depth_rate)
        return signal + branch


class ModernTCN(nn.Module):
    def __init__(self, channels=9, classes=6, hidden=128, blocks=3):
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))
        self.projection = nn.Conv1d(2 * channels, hidden, 1)
        self.blocks = nn.Sequential(
            ModernTCNBlock(hidden, (21,), gate=False),
            *(ModernTCNBlock(hidden, (3, 7), 2**i, depth_rate=0.1 * (i + 1) / blocks) for i in range(blocks)),
        )
        self.norm = nn.LayerNorm(hidden, eps=1e-6)
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(hidden, classes))

    def forward(self, windows):
        signal = (windows - self.mean) / self.deviation
        signal = torch.cat([signal, torch.asinh(50 * signal) / 4.605], -1).transpose(1, 2)
        return self.head(self.norm(self.blocks(self.projection(signal)).mean(-1)))


class TemporalBlock(nn.Module):
    def __init__(self, before, filters, dilation, dropout=0.1):
        super().__init__()
        widths = (before, filters)
        self.reach = 2 * dilation
        self.convolutions = nn.ModuleList(weight_norm(nn.Conv1d(w, filters, 3, dilation=dilation)) for w in widths)
        self.projection = nn.Conv1d(before, filters, 1) if before != filters else nn.Identity()
        self.dropout = nn.Dropout(dropout)

    def forward(self, signal):
        branch = signal
        for convolution in self.convolutions:
            branch = self.dropout(functional.relu(convolution(functional.pad(branch, (self.reach, 0)))))
        return functional.relu(branch + self.projection(signal))


class TCN(nn.Module):
    def __init__(self, channels=9, classes=6, hidden=64, levels=5):
        super().__init__()
        blocks = (TemporalBlock(hidden if level else channels, hidden, 2**level) for level in range(levels))
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(hidden, classes)

    def forward(self, windows):
        return self.head(self.blocks(windows.transpose(1, 2))[..., -1])


def convolution(before, after, size, stride=1):
    """Convolution without bias, then batch normalisation."""
    return nn.Sequential(nn.Conv1d(before, after, size, stride, size // 2, bias=False), nn.BatchNorm1d(after))


class ResidualBlock(nn.Module):
    def __init__(self, before, after, stride, dropout=0.1):
        super().__init__()
        self.first, self.second = convolution(before, after, 5, stride), convolution(after, after, 5)
        self.dropout = nn.Dropout(dropout)
        self.shortcut = nn.Identity() if before == after else convolution(before, after, 1, stride)

    def forward(self, signal):
        branch = self.dropout(self.second(functional.relu(self.first(signal))))
        return functional.relu(branch + self.shortcut(signal))


class ResNet1D(nn.Module):
    def __init__(self, channels=9, classes=6):
        super().__init__()
        widths = ((32, 32, 1), (32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 128, 2), (128, 128, 1))
        self.trunk = nn.Sequential(convolution(channels, 32, 7), nn.ReLU(), *(ResidualBlock(*w) for w in widths))
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(128, classes))

    def forward(self, windows):
        return self.head(self.trunk(windows.transpose(1, 2)).mean(-1))


class InceptionModule(nn.Module):
    def __init__(self, before, filters=32, sizes=(40, 20, 10)):
        super().__init__()
        self.narrow = nn.Conv1d(before, filters, 1, bias=False)
        self.scales = nn.ModuleList(nn.Conv1d(filters, filters, size, padding="same", bias=False) for size in sizes)
        self.pool = nn.Sequential(nn.MaxPool1d(3, 1, 1), nn.Conv1d(before, filters, 1, bias=False))
        self.norm = nn.BatchNorm1d(4 * filters)

    def forward(self, signal):
        narrowed = self.narrow(signal)
        branches = [scale(narrowed) for scale in self.scales]
        return functional.relu(self.norm(torch.cat([*branches, self.pool(signal)], 1)))


class InceptionTime(nn.Module):
    def __init__(self, channels=9, classes=6):
        super().__init__()
        thirds = ((channels, 128, 128), (128, 128, 128))
        self.thirds = nn.ModuleList(nn.Sequential(*(InceptionModule(w) for w in widths)) for widths in thirds)
        self.shortcuts = nn.ModuleList(convolution(before, 128, 1) for before in (channels, 128))
        self.head = nn.Linear(128, classes)

    def forward(self, windows):
        signal = windows.transpose(1, 2)
        for third, shortcut in zip(self.thirds, self.shortcuts, strict=True):
            signal = functional.relu(third(signal) + shortcut(signal))
        return self.head(signal.mean(-1))


NETWORKS = {"modern_tcn": ModernTCN, "tcn": TCN, "resnet1d": ResNet1D, "inception_time": InceptionTime}
