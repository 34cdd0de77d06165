"""kerashar's own designs for images at their defaults, as written by hand in PyTorch: the peers of the benchmark.

They take images `(batch, channels, height, width)` and have as many trained parameters as ours.
"""

import torch
from torch import nn
from torch.nn import functional


def convolution(before, after, size, stride=1, dilation=1, groups=1, activate=True):
    """Convolution without bias, batch normalisation, and ReLU."""
    margin = dilation * (size // 2)
    parts = [nn.Conv2d(before, after, size, stride, margin, dilation, groups, bias=False), nn.BatchNorm2d(after)]
    return nn.Sequential(*parts, nn.ReLU(inplace=True)) if activate else nn.Sequential(*parts)


def halving(before, after):
    return nn.Sequential(nn.PixelUnshuffle(2), convolution(4 * before, after, 3))


def head(features, classes, dropout=0.2):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout), nn.Linear(features, classes))


class Residual(nn.Module):
    def __init__(self, before, after, stride, branch):
        super().__init__()
        self.branch = branch
        same = before == after and stride == 1
        self.shortcut = nn.Identity() if same else convolution(before, after, 1, stride, activate=False)

    def forward(self, image):
        return functional.relu(self.branch(image) + self.shortcut(image), inplace=True)


def residual(before, after, stride):
    branch = (convolution(before, after, 7, stride), convolution(after, after, 7, activate=False))
    return Residual(before, after, stride, nn.Sequential(*branch))


class PlainCNN(nn.Sequential):
    def __init__(self, classes=10):
        layers = []
        for before, after in ((3, 32), (32, 64), (64, 128)):
            layers += [convolution(before, after, 3), convolution(after, after, 3), nn.MaxPool2d(2)]
        super().__init__(*layers[:-1], head(128, classes))


class SmallResNet(nn.Sequential):
    def __init__(self, classes=10):
        widths = ((32, 32, 1), (32, 64, 2), (64, 128, 2), (128, 256, 2))
        super().__init__(convolution(3, 32, 7), *(residual(*width) for width in widths), head(256, classes))


class DenseStep(nn.Module):
    def __init__(self, before, growth=16):
        super().__init__()
        self.norm = nn.BatchNorm2d(before)
        self.convolution = nn.Conv2d(before, growth, 7, padding=3, bias=False)
        self.dropout = nn.Dropout(0.2)

    def forward(self, image):
        added = self.dropout(self.convolution(functional.relu(self.norm(image), inplace=True)))
        return torch.cat([image, added], 1)


class DenseNet7x7(nn.Sequential):
    def __init__(self, classes=10):
        layers, channels = [nn.Conv2d(3, 32, 7, padding=3, bias=False)], 32
        for number, depth in enumerate((3, 6, 12, 8)):
            if number:
                layers.append(nn.Conv2d(channels, channels // 2, 1, bias=False))
                channels //= 2
            layers += [DenseStep(channels + 16 * step) for step in range(depth)]
            channels += 16 * depth
            layers += [nn.BatchNorm2d(channels), nn.ReLU(inplace=True)]
        super().__init__(*layers, head(channels, classes, dropout=0))


class DualBranch(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        widths = ((32, 32), (32, 64), (64, 128))
        self.stem = convolution(3, 32, 3)
        self.whole = nn.Sequential(*(residual(*width, 2) for width in widths))
        self.detail = nn.Sequential(*(halving(*width) for width in widths))
        self.fusion = convolution(256, 128, 1)
        self.gate = nn.Sequential(nn.Linear(128, 16), nn.ReLU(), nn.Linear(16, 128), nn.Sigmoid())
        self.head = head(128, classes)

    def forward(self, image):
        image = self.stem(image)
        fused = self.fusion(torch.cat([self.whole(image), self.detail(image)], 1))
        return self.head(fused * self.gate(fused.mean((2, 3)))[:, :, None, None])


class InceptionBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        part = width // 4
        self.branches = nn.ModuleList(
            [
                convolution(width, part, 1),
                nn.Sequential(convolution(width, part, 1), convolution(part, part, 3)),
                nn.Sequential(convolution(width, part, 1), convolution(part, part, 3), convolution(part, part, 3)),
                nn.Sequential(nn.MaxPool2d(3, 1, 1), convolution(width, part, 1)),
            ]
        )

    def forward(self, image):
        return torch.cat([branch(image) for branch in self.branches], 1)


class InceptionFSD(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        layers = [convolution(3, 64, 3), InceptionBlock(64), InceptionBlock(64)]
        for before, after in ((64, 128), (128, 256)):
            layers += [halving(before, after), InceptionBlock(after), InceptionBlock(after)]
        self.trunk = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(256 * 21, classes))

    def forward(self, image):
        features = self.trunk(image)
        cells = [functional.adaptive_max_pool2d(features, grid).flatten(1) for grid in (4, 2, 1)]
        return self.head(torch.cat(cells, 1))


def dilated(before, after, stride):
    grouped = (
        convolution(after, after, 7, stride if dilation == 1 else 1, dilation, groups=8) for dilation in (1, 2, 4)
    )
    ends = convolution(before, after, 1), convolution(after, after, 1, activate=False)
    return Residual(before, after, stride, nn.Sequential(ends[0], *grouped, ends[1]))


class DilatedGroupConvNet(nn.Sequential):
    def __init__(self, classes=10):
        widths = ((64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1))
        super().__init__(convolution(3, 64, 3), *(dilated(*width) for width in widths), head(128, classes))


NETWORKS = {
    "plain_cnn": PlainCNN,
    "small_resnet": SmallResNet,
    "dense_net_7x7": DenseNet7x7,
    "dual_branch": DualBranch,
    "inception_fsd": InceptionFSD,
    "dilated_group_conv_net": DilatedGroupConvNet,
}
