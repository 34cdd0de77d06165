"""Numbers of weights, from the formulas of designs."""

FIGURES = 2 * 3  # mean and deviation of each colour, which the normalisation keeps


def convolution(entry, filters, side, groups=1):
    """A block of convolution without bias and batch normalisation, which has four weights for each channel."""
    return side * side * (entry // groups) * filters + 4 * filters


def dense(entry, units):
    return (entry + 1) * units
