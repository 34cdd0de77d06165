"""The only module that may know which backend runs: fast paths for what Keras leaves slow, and device facts.

Everything else imports `keras` and `keras.ops`. A path stands here because it was measured. One depthwise
convolution of (64, 128, 128) with 21 taps, forward and both gradients, on 2 CPU cores in milliseconds:

    torch       grouped conv1d 89, channels-last conv2d 37; in another run 14, and 6 with time as its outer axis
    JAX         grouped convolution 131, shifted multiply-adds 92, the same with the gradients written out 11
    TensorFlow  native 16, the same under XLA 119, shifted multiply-adds under XLA 44 (158 without)

A convolution of (32, 32, 32, 64) by 7x7 in 8 groups, likewise, with dilation 1 (2 and 4 alike):

    torch       native 49
    JAX         native 5987, group by group 69, all channels with zeros between groups 424
    TensorFlow  native (by XLA) 5702, group by group 37, all channels 69

A depthwise convolution of (32, 16, 16, 96) by 7x7, likewise:

    torch       native 46
    JAX         native 371, shifted multiply-adds 49, the same with the gradients written out 19
    TensorFlow  native 19

A convolution of (32, 4, 4, 256) by 7x7, larger than the image, on one core:

    JAX         native 7171, as one product with all that the kernel meets 88

Normalisation of (16, 32, 32, 64), likewise, on one core:

    torch       batch: Keras' 10.4, native 1.9; layer: Keras' is native
    JAX         batch: Keras' 2.3, sums as products 2.4; layer: Keras' 6.5, sums as products 2.6
    TensorFlow  batch: Keras' 9.1, fused 2.8; layer: Keras' 11.3, gradients written out 7.0, sums as products 5.0
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops


def depthwise_conv1d(
    inputs: Any, kernel: Any, padding: tuple[int, int], strides: int = 1, dilation_rate: int = 1, bias: Any = None
) -> Any:
    """Convolve each channel with its own filters over zero-padded time, by the backend's fastest way.

    Args:
        inputs: tensor `(batch, time, channels)`.
        kernel: tensor `(taps, 1, channels * multiplier)`; the filters of one channel are neighbours.
        padding: zeros before and after the signal, in samples.
        strides: step between outputs, in samples.
        dilation_rate: distance between taps, in samples.
        bias: tensor `(channels * multiplier,)` that is added, or None.

    Returns:
        Tensor `(batch, outputs, channels * multiplier)`.
    """
    backend = keras.backend.backend()
    if backend == "torch":
        return _torch_depthwise(inputs, kernel, padding, strides, dilation_rate, bias)
    if backend == "tensorflow" and (inputs.shape[1] is None or not _inside_xla()):
        return _plus(bias, _tensorflow_depthwise(inputs, kernel, padding, strides, dilation_rate))
    padded = ops.pad(inputs, ((0, 0), padding, (0, 0)))
    if _runs_on_cpu():
        return _plus(bias, _shifted_depthwise(padded, kernel, strides, dilation_rate))
    kernel = _by_channel(kernel, inputs.shape[-1])
    return _plus(bias, ops.depthwise_conv(padded, kernel, strides, "valid", "channels_last", dilation_rate))


def conv1d(
    inputs: Any, kernel: Any, padding: tuple[int, int], strides: int = 1, dilation_rate: int = 1, bias: Any = None
) -> Any:
    """Convolve all channels over zero-padded time.

    Args:
        inputs: tensor `(batch, time, channels)`.
        kernel: tensor `(taps, channels, filters)`.
        padding: zeros before and after the signal, in samples.
        strides: step between outputs, in samples.
        dilation_rate: distance between taps, in samples.
        bias: tensor `(filters,)` that is added, or None.

    Returns:
        Tensor `(batch, outputs, filters)`.
    """
    if kernel.shape[0] == 1:
        return dense(inputs[:, ::strides], kernel[0], bias)
    if keras.backend.backend() == "torch":
        return _torch_convolution(inputs, kernel, padding, strides, dilation_rate, bias)
    padded = ops.pad(inputs, ((0, 0), padding, (0, 0)))
    # TensorFlow refuses strides together with dilation: convolve at every sample, then keep every stride-th.
    step = 1 if dilation_rate > 1 else strides
    outputs = ops.conv(padded, kernel, step, "valid", "channels_last", dilation_rate)
    return _plus(bias, outputs[:, :: strides // step])


def dense(inputs: Any, kernel: Any, bias: Any) -> Any:
    """`inputs @ kernel + bias`; on torch as one operation. `bias` may be None."""
    if keras.backend.backend() == "torch":
        from torch.nn import functional

        return functional.linear(inputs, ops.convert_to_tensor(kernel).t(), _tensor(bias))
    return _plus(bias, ops.matmul(inputs, kernel))


def conv2d(
    inputs: Any, kernel: Any, groups: int, strides: Sequence[int], padding: str | int, dilation_rate: Sequence[int]
) -> Any:
    """Convolve images, or groups of their channels apart, by the backend's fastest way.

    Args:
        inputs: tensor `(batch, height, width, channels)`.
        kernel: tensor `(rows, columns, channels / groups, filters)`; the filters of one group are neighbours.
        groups: number of groups.
        strides: steps between outputs, in pixels.
        padding: `"same"` or `"valid"`, or zeros at each edge, in pixels.
        dilation_rate: distances between taps, in pixels.

    Returns:
        Tensor `(batch, height, width, filters)`.
    """
    if keras.backend.backend() == "torch":
        return _torch_conv2d(inputs, ops.convert_to_tensor(kernel), groups, strides, padding, dilation_rate)
    if isinstance(padding, int):
        inputs = ops.pad(inputs, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
        padding = "valid"
    if not _runs_on_cpu():
        return ops.conv(inputs, kernel, strides, padding, "channels_last", dilation_rate)
    convolve = ops.conv
    if keras.backend.backend() == "jax" and max(dilation_rate) == 1 and _is_outgrown(inputs, kernel, strides):
        convolve = _unfolded_conv2d
    if groups == 1:
        return convolve(inputs, kernel, strides, padding, "channels_last", dilation_rate)
    pairs = zip(ops.split(inputs, groups, axis=-1), ops.split(kernel, groups, axis=-1), strict=True)
    convolved = [convolve(*pair, strides, padding, "channels_last", dilation_rate) for pair in pairs]
    return ops.concatenate(convolved, axis=-1)


def lay_out_kernel(kernel: Any) -> None:
    """Let the kernel `(..., channels, filters)` of a convolution lie in memory as torch reads it: filter by filter.

    Otherwise each convolution and each gradient brings it into that order anew, a tenth of a prediction of
    `dual_branch`. Its shape and values stay.
    """
    if keras.backend.backend() == "torch":
        parameter = kernel.value
        parameter.data = parameter.data.movedim(-1, 0).contiguous().movedim(0, -1)


def max_pool2d(inputs: Any, size: Sequence[int], strides: Sequence[int], padding: str) -> Any:
    """The largest values of squares of an image `(batch, height, width, channels)`; on torch where it lies."""
    if keras.backend.backend() == "torch":
        (top, bottom), (left, right) = _margins(inputs, np.empty(tuple(size)), strides, padding, (1, 1))
        if (top, left) == (bottom, right):
            from torch.nn import functional

            image = inputs.permute(0, 3, 1, 2)  # a view in torch's channels-last layout
            return functional.max_pool2d(image, tuple(size), tuple(strides), (top, left)).permute(0, 2, 3, 1)
    return ops.max_pool(inputs, size, strides, padding, "channels_last")


def attention(queries: Any, keys: Any, values: Any) -> Any:
    """Scaled dot-product attention of `(batch, places, heads, depth)` by the backend's fused kernel.

    On torch without the three copies that Keras makes ahead of it, 4 % of a prediction of `vit_tiny`.
    """
    if keras.backend.backend() == "torch":
        from torch.nn import functional

        heads_first = (tensor.transpose(1, 2) for tensor in (queries, keys, values))
        return functional.scaled_dot_product_attention(*heads_first).transpose(1, 2)
    return ops.dot_product_attention(queries, keys, values)


def depthwise_conv2d(inputs: Any, kernel: Any, padding: int, strides: int = 1, bias: Any = None) -> Any:
    """Convolve each channel of an image with a filter of its own, by the backend's fastest way.

    Args:
        inputs: tensor `(batch, height, width, channels)`.
        kernel: tensor `(rows, columns, 1, channels)`.
        padding: zeros at each edge, in pixels.
        strides: step between outputs, in pixels.
        bias: tensor `(channels,)` that is added, or None.

    Returns:
        Tensor `(batch, height, width, channels)`.
    """
    backend = keras.backend.backend()
    if backend == "torch":
        from torch.nn import functional

        image = inputs.permute(0, 3, 1, 2)  # a view in torch's channels-last layout
        filters = kernel.permute(3, 2, 0, 1)
        convolved = functional.conv2d(image, filters, _tensor(bias), strides, padding, 1, inputs.shape[-1])
        return convolved.permute(0, 2, 3, 1)
    margins = ((0, 0), (padding, padding), (padding, padding), (0, 0))
    # Padded here, since margins of TensorFlow's own kill the process where a bias is added to its outputs.
    padded = ops.pad(inputs, margins)
    if _runs_on_cpu() and (backend == "jax" or _inside_xla()):
        return _plus(bias, _shifted_depthwise2d(padded, kernel, strides))
    filters = ops.transpose(kernel, (0, 1, 3, 2))  # (rows, columns, channels, 1)
    return _plus(bias, ops.depthwise_conv(padded, filters, strides, "valid", "channels_last"))


def batch_normalization(
    inputs: Any, scale: Any, offset: Any, epsilon: float, mean: Any = None, variance: Any = None
) -> tuple[Any, Any, Any]:
    """Normalise each channel by the batch's statistics or by given ones, by the backend's fastest way.

    Args:
        inputs: float32 tensor `(batch, ..., channels)`.
        scale: tensor `(channels,)`.
        offset: tensor `(channels,)`.
        epsilon: added to the variance.
        mean: given means `(channels,)`.
        variance: given variances `(channels,)`.

    Returns:
        The normalised tensor, and the means and variances that it was normalised by.
    """
    backend, channels = keras.backend.backend(), scale.shape[0]
    if backend == "jax":
        if mean is None:
            mean, variance = ops.moments(inputs, axes=tuple(range(len(inputs.shape) - 1)))
        return ops.batch_normalization(inputs, mean, variance, -1, offset, scale, epsilon), mean, variance
    if backend == "torch":
        import torch

        values = inputs.reshape(-1, channels, 1, 1)  # a view in torch's channels-last layout
        if mean is None:
            values, mean, inverse = torch.native_batch_norm(values, scale, offset, None, None, True, 0.0, epsilon)
            variance = inverse.detach() ** -2 - epsilon
        else:
            values = torch.nn.functional.batch_norm(values, mean, variance, scale, offset, False, 0.0, epsilon)
        return values.reshape(inputs.shape), mean.detach(), variance
    import tensorflow as tf

    values = tf.reshape(inputs, (-1, 1, 1, channels))
    if mean is None:
        values, mean, unbiased = tf.compat.v1.nn.fused_batch_norm(values, scale, offset, epsilon=epsilon)
        count = tf.cast(tf.size(inputs) // channels, "float32")
        variance = unbiased * ((count - 1) / count)
    else:
        values, _, _ = tf.compat.v1.nn.fused_batch_norm(
            values, scale, offset, mean, variance, epsilon, is_training=False
        )
    return ops.reshape(values, ops.shape(inputs)), mean, variance


def layer_normalization(inputs: Any, scale: Any, offset: Any, epsilon: float) -> Any:
    """Normalise the channels of each place, by the backend's fastest way.

    Args:
        inputs: float32 tensor `(..., channels)`.
        scale: tensor `(channels,)`.
        offset: tensor `(channels,)`, or None.
        epsilon: added to the variance.
    """
    if keras.backend.backend() == "torch":
        from torch.nn import functional

        return functional.layer_norm(inputs, (inputs.shape[-1],), scale, offset, epsilon)
    if not _runs_on_cpu():
        return ops.layer_normalization(inputs, scale, offset, -1, epsilon)
    channels = inputs.shape[-1]

    @ops.custom_gradient
    def normalize(rows: Any, scale: Any, *offset: Any) -> Any:
        # Sums as products: the backends' own sums over one axis take several times as long.
        mean_of_row = ops.full((channels, 1), 1 / channels)
        centred = rows - ops.matmul(rows, mean_of_row)
        inverse = ops.rsqrt(ops.matmul(ops.square(centred), mean_of_row) + epsilon)
        normal = centred * inverse

        def gradients(upstream: Any) -> tuple[Any, ...]:
            product = upstream * normal
            sum_of_rows = ops.ones((1, ops.shape(rows)[0]))
            scaled_mean = scale[:, None] / channels
            of_rows = upstream * scale - ops.matmul(upstream, scaled_mean) - normal * ops.matmul(product, scaled_mean)
            of_weights = (ops.matmul(sum_of_rows, each)[0] for each in (product, upstream)[: 1 + len(offset)])
            return (of_rows * inverse, *of_weights)

        return sum(offset, start=normal * scale), gradients

    rows = normalize(ops.reshape(inputs, (-1, channels)), scale, *([] if offset is None else [offset]))
    return ops.reshape(rows, ops.shape(inputs))


def gelu(inputs: Any) -> Any:
    """Multiply each value by the share of a normal distribution below it, by the backend's fastest way.

    On TensorFlow each of a dozen steps goes through memory; compiled to one pass, forward and gradient of a million
    values take 1.7 ms in place of 6.1 (1 CPU core).
    """
    if keras.backend.backend() != "tensorflow" or not _runs_on_cpu():
        return ops.gelu(inputs, approximate=False)
    import tensorflow as tf

    forward, gradient = _tensorflow_gelu()
    activate = tf.custom_gradient(lambda values: (forward(values), lambda upstream: gradient(values, upstream)))
    return activate(inputs)


@cache
def _tensorflow_gelu() -> tuple[Callable[..., Any], Callable[..., Any]]:
    import tensorflow as tf

    def share(values: Any) -> Any:
        return 0.5 + 0.5 * tf.math.erf(values * 0.5**0.5)

    def slope(values: Any, upstream: Any) -> Any:
        density = tf.exp(tf.square(values) * -0.5) * (2 * math.pi) ** -0.5
        return upstream * (share(values) + values * density)

    forward = tf.function(lambda values: values * share(values), autograph=False, jit_compile=True)
    return forward, tf.function(slope, autograph=False, jit_compile=True)


def random_bits(like: Any, seed_generator: keras.random.SeedGenerator) -> Any:
    """Draw integers from -32768 to 32767 of the shape of `like`: 16 random bits each.

    A dropout of (64, 128, 128) values with them takes 3.4 ms on torch where that of Keras takes 12.6 (2 CPU cores),
    1.7 for 3.4 on JAX, and 4.0 for 4.2 on TensorFlow.
    """
    seed = seed_generator.next()
    backend = keras.backend.backend()
    if backend == "torch":
        import torch

        words = torch.empty(-(-like.numel() // 4), dtype=torch.int64, device=like.device)
        if words.device.type != "meta":  # where Keras only asks for shapes
            generator = torch.Generator(like.device).manual_seed(int(seed[0]) * 0x9E3779B1 + int(seed[1]))
            words.random_(-(2**63), None, generator=generator)
        return words.view(torch.int16)[: like.numel()].view(like.shape)
    if backend == "jax":
        import jax

        words = jax.random.bits(seed, (-(-like.size // 2),), "uint32")
        return jax.lax.bitcast_convert_type(words, "int16").reshape(-1)[: like.size].reshape(like.shape)
    import tensorflow as tf

    shape = tf.shape(like)
    size = tf.reduce_prod(shape)
    anything: Any = None  # no bounds: all of the 32 bits are drawn
    words = tf.random.stateless_uniform(
        tf.reshape((size + 1) // 2, [1]), tf.cast(seed, "int32"), anything, anything, tf.int32
    )
    return tf.reshape(tf.reshape(tf.bitcast(words, tf.int16), [-1])[:size], shape)


def jit_compile() -> bool | str:
    """What `model.compile(jit_compile=...)` should get here: Keras' own choice, but no XLA for TensorFlow on a CPU.

    The first step of ModernTCN took 14 s with it and 7 s without, later ones 281 and 218 ms.
    """
    return False if keras.backend.backend() == "tensorflow" and _runs_on_cpu() else "auto"


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of tensors for inference, compiled at its first call for each shape.

    On torch it runs as it is, without gradients: `torch.compile` needs a C++ compiler and takes up to a minute.
    """
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return jax.jit(function)
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function, autograph=False)
    import torch

    return torch.no_grad()(function)


def has_fused_adam(gradients: Sequence[Any]) -> bool:
    """Whether `fused_adam` and `clip_by_global_norm` take these gradients: tensors of torch on a CPU.

    A step of AdamW with 5.4 million weights in 152 tensors took 30 ms in Keras' list of operations and 4.5 ms fused;
    clipping took 5.0 and 2.6. On a GPU Keras' operations on lists are quick, and fused ones would wait for the step's
    number.
    """
    if keras.backend.backend() != "torch":
        return False
    return all(gradient is None or gradient.device.type == "cpu" for gradient in gradients)


def fused_adam(
    variables: Sequence[Any],
    gradients: Sequence[Any],
    means: Sequence[Any],
    squares: Sequence[Any],
    *,
    step: int,
    learning_rate: float,
    betas: tuple[float, float],
    epsilon: float,
) -> None:
    """Update Keras variables and their two moments in place by Adam, as Keras does, in one pass."""
    import torch
    from torch.optim.adamw import adamw

    def as_they_lie(weight: Any, gradient: Any, *moments: Any) -> list[Any]:
        """The tensors in the order of the weight's memory: those of a kernel that `lay_out_kernel` turned likewise."""
        turned = not weight.value.is_contiguous()
        for each in (weight, *moments) if turned else ():
            lay_out_kernel(each)
        tensors = (weight.value, gradient, *(moment.value for moment in moments))
        return [(each.movedim(-1, 0) if turned else each).contiguous() for each in tensors]

    with torch.no_grad():
        rows = [as_they_lie(*row) for row in zip(variables, gradients, means, squares, strict=True)]
        columns = [list(column) for column in zip(*rows, strict=True)]
        adamw(
            params=columns[0],
            grads=columns[1],
            exp_avgs=columns[2],
            exp_avg_sqs=columns[3],
            max_exp_avg_sqs=[],
            state_steps=[torch.tensor(step - 1.0) for _ in rows],  # which it counts up
            fused=True,
            amsgrad=False,
            beta1=betas[0],
            beta2=betas[1],
            lr=learning_rate,
            weight_decay=0.0,  # Keras does it, with its exclusions
            eps=epsilon / math.sqrt(1 - betas[1] ** step),  # Keras adds it before the squares are corrected
            maximize=False,
        )


def clip_by_global_norm(gradients: Sequence[Any], norm: float) -> list[Any]:
    """Gradients scaled down to this norm of all together, on torch; None stays None."""
    import torch

    with torch.no_grad():
        total = torch.nn.utils.get_total_norm([gradient for gradient in gradients if gradient is not None])
        scale = norm / torch.clamp(total, min=norm)
        return [None if gradient is None else gradient * scale for gradient in gradients]


@cache
def _autocast_probe() -> keras.Variable:
    """A number that Keras reads in the data type in which it reads weights at the time."""
    with keras.device("cpu"):
        return keras.Variable(keras.initializers.Zeros(), shape=(), dtype="float32", name="autocast_probe")


def kind_of_call(layer: keras.layers.Layer, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """All that Keras' checks ahead of a layer depend on, where they would change nothing; None where they might.

    Only on torch, which computes at once. There it has to be one tensor in the layer's own data type, with nothing
    but `training` beside it, and a layer that isn't watched, quantised or recomputed.
    """
    if keras.backend.backend() != "torch" or len(args) != 1 or len(kwargs) != ("training" in kwargs):
        return None
    import torch

    tensor: Any = args[0]
    if type(tensor) is not torch.Tensor or hasattr(tensor, "_keras_mask"):
        return None
    dtype, training = tensor.dtype, kwargs.get("training", False)
    # A weight is read in the data type of the network around it; the layer's own may be another.
    if dtype != _autocast_probe().value.dtype or str(dtype) != f"torch.{layer.compute_dtype}":
        return None
    watched: Any = layer  # by hooks of PyTorch
    if watched._forward_hooks or watched._forward_pre_hooks or watched._backward_hooks or watched._backward_pre_hooks:
        return None
    special = layer.activity_regularizer is not None or getattr(layer, "quantization_mode", None) is not None
    if special or watched._remat_mode or torch.compiler.is_compiling():
        return None
    return (tensor.shape[1:], dtype, training) if isinstance(training, bool) else None


def small_ops() -> Any:
    """The functions of `keras.ops` that a stream's step uses; on torch its own.

    Where tensors are small the checks of `keras.ops` on torch cost more than the work: a step of TCN took 2.6 ms.
    """
    if keras.backend.backend() != "torch":
        return ops
    import torch

    class TorchOps:
        """Their arguments are those of `keras.ops`."""

        arcsinh, erf, exp, sigmoid, sqrt, tanh = (
            torch.arcsinh,
            torch.erf,
            torch.exp,
            torch.sigmoid,
            torch.sqrt,
            torch.tanh,
        )
        concatenate, matmul, ones_like, reshape = torch.concatenate, torch.matmul, torch.ones_like, torch.reshape
        repeat, sum = torch.repeat_interleave, torch.sum

        @staticmethod
        def maximum(first: Any, second: Any) -> Any:
            return torch.clamp(first, min=second)

        @staticmethod
        def minimum(first: Any, second: Any) -> Any:
            return torch.clamp(first, max=second)

        arange = staticmethod(ops.arange)

    return TorchOps


def _torch_conv2d(
    inputs: Any, kernel: Any, groups: int, strides: Sequence[int], padding: str | int, dilation_rate: Sequence[int]
) -> Any:
    """A convolution in torch's channels-last layout, in which `lay_out_kernel` keeps kernels.

    It is the quicker one, but for the gradients of a kernel that outweighs the image, and for many images that are
    smaller than it: of (32, 4, 4, 256) with (7, 7, 256, 256) both ways take 90 ms, in the other layout 64; forward (32,
    4, 4, 128) takes 4.8 and 3.6, but (1, 8, 8, 128) 0.9 and 2.9. The kernel is brought into that layout by
    transpositions of matrices, which go by blocks.
    """
    import torch
    from torch.nn import functional

    rows, columns, channels, filters = kernel.shape
    weight, image = kernel.permute(3, 2, 0, 1), inputs.permute(0, 3, 1, 2)
    turned = torch.is_grad_enabled() or (rows > inputs.shape[1] and inputs.shape[0] >= 32)
    if turned and kernel.numel() > inputs.numel():
        weight = kernel.movedim(-1, 0).reshape(filters, rows * columns, channels).transpose(1, 2).contiguous()
        weight, image = weight.view(filters, channels, rows, columns), image.contiguous()
    (top, bottom), (left, right) = _margins(inputs, kernel, strides, padding, dilation_rate)
    if (top, left) != (bottom, right):
        image = functional.pad(image, (left, right, top, bottom))
        top = left = 0
    outputs = functional.conv2d(image, weight, None, tuple(strides), (top, left), tuple(dilation_rate), groups)
    return outputs.permute(0, 2, 3, 1)


def _plus(bias: Any, outputs: Any) -> Any:
    return outputs if bias is None else ops.add(outputs, bias)


def _tensor(weight: Any) -> Any:
    return None if weight is None else ops.convert_to_tensor(weight)


def _margins(
    inputs: Any, kernel: Any, strides: Sequence[int], padding: str | int, dilation_rate: Sequence[int]
) -> list[tuple[int, int]]:
    """Zeros ahead of and behind the rows and the columns of an image."""
    if isinstance(padding, int):
        return [(padding, padding)] * 2
    margins = []
    for size, taps, step, distance in zip(inputs.shape[1:3], kernel.shape[:2], strides, dilation_rate, strict=True):
        reach = (taps - 1) * distance + 1
        missing = max((-(-size // step) - 1) * step + reach - size, 0) if padding == "same" else 0
        margins.append((missing // 2, missing - missing // 2))
    return margins


def _torch_convolution(
    inputs: Any, kernel: Any, padding: tuple[int, int], strides: int, dilation_rate: int, bias: Any
) -> Any:
    from torch.nn import functional

    before, after = padding
    if before != after:
        inputs, before = functional.pad(inputs, (0, 0, before, after)), 0
    # (batch, channels, 1, time): a view whose strides are torch's channels-last layout, so nothing is copied.
    image = inputs.transpose(1, 2).unsqueeze(2)
    filters = kernel.permute(2, 1, 0).unsqueeze(2)  # (filters, channels, 1, taps)
    outputs = functional.conv2d(image, filters, _tensor(bias), (1, strides), (0, before), (1, dilation_rate))
    return outputs.squeeze(2).transpose(1, 2)


def _torch_depthwise(
    inputs: Any, kernel: Any, padding: tuple[int, int], strides: int, dilation_rate: int, bias: Any
) -> Any:
    from torch.nn import functional

    rows, margin, outputs = _rows(inputs, kernel.shape[0], padding, strides, dilation_rate)
    convolved = functional.conv2d(
        rows.permute(0, 3, 1, 2),  # a view in torch's channels-last layout, as above
        kernel.permute(2, 1, 0).unsqueeze(3),  # (filters, 1, taps, 1)
        _tensor(bias),
        stride=(strides, 1),
        padding=(margin, 0),
        dilation=(dilation_rate if rows.shape[2] == 1 else 1, 1),
        groups=inputs.shape[-1],
    )
    return convolved.permute(0, 2, 3, 1).reshape(inputs.shape[0], -1, kernel.shape[2])[:, :outputs]


def _tensorflow_depthwise(inputs: Any, kernel: Any, padding: tuple[int, int], strides: int, dilation_rate: int) -> Any:
    import tensorflow as tf

    # TensorFlow refuses strides together with dilation: convolve at every sample, then keep every stride-th.
    step = 1 if dilation_rate > 1 else strides
    rows, margin, outputs = _rows(inputs, kernel.shape[0], padding, step, dilation_rate)
    filters = _by_channel(kernel, inputs.shape[-1])[:, None]  # (taps, 1, channels, multiplier)
    margins = [[0, 0], [margin, margin], [0, 0], [0, 0]]
    convolved = tf.nn.depthwise_conv2d(rows, filters, [1, step, step, 1], margins)
    batch, count, width, channels = ops.shape(convolved)
    # Not -1: where the length is known it stays known, and the next layer needs no copy to pad.
    unfolded = ops.reshape(convolved, (batch, count * width, channels))
    return unfolded[:, : outputs : strides // step]


def _rows(inputs: Any, taps: int, padding: tuple[int, int], strides: int, dilation_rate: int) -> tuple[Any, int, int]:
    """Fold time into rows of `dilation_rate` samples, over which a dilated convolution is a plain one.

    Native kernels are slow with dilation (16 to 60 ms where the same over rows takes 1), and slow at the kernel's
    gradient where time is the inner axis of the image (8 ms, 1 where it is the outer one).

    Returns:
        The image `(batch, rows, dilation_rate, channels)`, the rows of zeros that it still needs at either end, and
        how many outputs count.
    """
    before, after = padding
    time, channels = inputs.shape[1:]
    if time is None:
        time = ops.shape(inputs)[1]
    outputs = (time + before + after - (taps - 1) * dilation_rate - 1) // strides + 1
    width = dilation_rate if strides == 1 else 1
    margin = 0
    if isinstance(time, int) and before == after and before % width == time % width == 0:
        margin = before // width
    else:
        fill = -(time + before + after) % width
        inputs = ops.pad(inputs, ((0, 0), (before, after + fill), (0, 0)))
    rows = time // width if margin else (time + before + after + width - 1) // width
    return ops.reshape(inputs, (ops.shape(inputs)[0], rows, width, channels)), margin, outputs


def _by_channel(kernel: Any, channels: int) -> Any:
    return ops.reshape(kernel, (kernel.shape[0], channels, -1))  # (taps, channels, multiplier)


def _shifted_depthwise(padded: Any, kernel: Any, strides: int, dilation_rate: int) -> Any:
    """Sum the shifted signal times each tap: XLA fuses that into one pass; its grouped convolution is far slower."""
    multiplier = kernel.shape[-1] // padded.shape[-1]
    if multiplier > 1:
        padded = ops.repeat(padded, multiplier, axis=-1)
    taps, time = kernel.shape[0], padded.shape[1]
    outputs = (time - (taps - 1) * dilation_rate - 1) // strides + 1
    reach = (outputs - 1) * strides + 1  # samples from the first output's to the last one's

    def gradient_of_signal(gradient: Any, weights: Any) -> Any:
        if strides > 1:  # put the zeros back that the strides skipped
            spread = ops.pad(gradient[:, :, None], ((0, 0), (0, 0), (0, strides - 1), (0, 0)))
            gradient = ops.reshape(spread, (-1, outputs * strides, spread.shape[-1]))[:, :reach]
        lead = (taps - 1) * dilation_rate
        gradient = ops.pad(gradient, ((0, 0), (lead, time - reach), (0, 0)))
        starts = [lead - tap * dilation_rate for tap in range(taps)]
        return sum(gradient[:, start : start + time] * weights[tap] for tap, start in enumerate(starts))

    def gradient_of_weights(gradient: Any, signal: Any) -> Any:
        # Tap by tap stays in the cache; left to itself XLA takes three times as long.
        def gradient_of_tap(start: Any) -> Any:
            piece = ops.slice(signal, (0, start, 0), (ops.shape(signal)[0], reach, signal.shape[-1]))
            return ops.sum(piece[:, ::strides] * gradient, axis=(0, 1))

        return ops.map(gradient_of_tap, ops.arange(taps) * dilation_rate)

    @ops.custom_gradient
    def convolve(signal: Any, weights: Any) -> Any:
        def gradients(upstream: Any) -> tuple[Any, Any]:
            return gradient_of_signal(upstream, weights), gradient_of_weights(upstream, signal)

        starts = [tap * dilation_rate for tap in range(taps)]
        pieces = [signal[:, start : start + reach : strides] * weights[tap] for tap, start in enumerate(starts)]
        return sum(pieces[1:], start=pieces[0]), gradients

    return convolve(padded, kernel[:, 0])


def _shifted_depthwise2d(padded: Any, kernel: Any, strides: int) -> Any:
    """The same over images."""
    rows, columns = kernel.shape[:2]
    height, width = padded.shape[1:3]
    places = (height - rows) // strides + 1, (width - columns) // strides + 1
    reach = [(count - 1) * strides + 1 for count in places]  # pixels from the first output's to the last one's
    taps = [(row, column) for row in range(rows) for column in range(columns)]

    def gradient_of_image(gradient: Any, weights: Any) -> Any:
        if strides > 1:  # put the zeros back that the strides skipped
            gap = (0, strides - 1)
            spread = ops.pad(gradient[:, :, None, :, None], ((0, 0), (0, 0), gap, (0, 0), gap, (0, 0)))
            whole = (-1, places[0] * strides, places[1] * strides, spread.shape[-1])
            gradient = ops.reshape(spread, whole)[:, : reach[0], : reach[1]]
        around = ((0, 0), (rows - 1, height - reach[0]), (columns - 1, width - reach[1]), (0, 0))
        gradient = ops.pad(gradient, around)
        pieces = [
            gradient[:, rows - 1 - row : rows - 1 - row + height, columns - 1 - column : columns - 1 - column + width]
            * weights[row, column]
            for row, column in taps
        ]
        return sum(pieces[1:], start=pieces[0])

    def gradient_of_weights(gradient: Any, image: Any) -> Any:
        def gradient_of_tap(tap: Any) -> Any:
            size = (ops.shape(image)[0], *reach, image.shape[-1])
            piece = ops.slice(image, (0, tap // columns, tap % columns, 0), size)
            return ops.sum(piece[:, ::strides, ::strides] * gradient, axis=(0, 1, 2))

        return ops.reshape(ops.map(gradient_of_tap, ops.arange(rows * columns)), (rows, columns, -1))

    @ops.custom_gradient
    def convolve(image: Any, weights: Any) -> Any:
        def gradients(upstream: Any) -> tuple[Any, Any]:
            return gradient_of_image(upstream, weights), gradient_of_weights(upstream, image)

        pieces = [
            image[:, row : row + reach[0] : strides, column : column + reach[1] : strides] * weights[row, column]
            for row, column in taps
        ]
        return sum(pieces[1:], start=pieces[0]), gradients

    return convolve(padded, kernel[:, :, 0])


def _is_outgrown(inputs: Any, kernel: Any, strides: Sequence[int]) -> bool:
    """Whether what comes out is smaller than the kernel, which XLA on a CPU convolves by a loop."""
    sizes = list(zip(inputs.shape[1:3], kernel.shape[:2], strides, strict=True))
    return all(size for size, _, _ in sizes) and any(taps > -(-size // step) for size, taps, step in sizes)


def _unfolded_conv2d(
    inputs: Any, kernel: Any, strides: Sequence[int], padding: str, data_format: str, dilation_rate: Sequence[int]
) -> Any:
    """A convolution as one product with all that the kernel meets; without dilation, of images of a known size."""
    rows, columns, channels, filters = kernel.shape
    margins = _margins(inputs, kernel, strides, padding, dilation_rate)
    padded = ops.pad(inputs, ((0, 0), *margins, (0, 0)))
    down, right = strides
    height, width = (padded.shape[1] - rows) // down + 1, (padded.shape[2] - columns) // right + 1
    met = [
        padded[:, row : row + (height - 1) * down + 1 : down, column : column + (width - 1) * right + 1 : right]
        for row in range(rows)
        for column in range(columns)
    ]
    return ops.matmul(ops.concatenate(met, axis=-1), ops.reshape(kernel, (rows * columns * channels, filters)))


def _inside_xla() -> bool:
    """Tell whether TensorFlow is tracing for XLA, where its native depthwise kernel is the slow choice."""
    from tensorflow.python.framework import ops as tensorflow_ops
    from tensorflow.python.ops import control_flow_util

    return bool(control_flow_util.GraphOrParentsInXlaContext(tensorflow_ops.get_default_graph()))


def _runs_on_cpu() -> bool:
    return all(device.startswith("cpu") for device in keras.distribution.list_devices())


def may_differentiate(tensor: Any) -> bool:
    """Whether somebody may ask for a gradient by way of this tensor, which on torch it says itself."""
    return keras.backend.backend() != "torch" or tensor.requires_grad


def input_gradient(function: Callable[[Any], Any], inputs: Any) -> Any:
    """The gradient of a function's one number with respect to its inputs, as an array of their shape.

    What the function would write into variables, such as running means and the state of a dropout, is not kept.

    Args:
        function: takes a tensor like `inputs`, floats, and gives a scalar tensor.
        inputs: where to.
    """
    return gradient_and_tensor(lambda tensor: (function(tensor), tensor), inputs)[0]


def gradient_and_tensor(function: Callable[..., tuple[Any, Any]], inputs: Any, *others: Any) -> tuple[Any, Any]:
    """As `input_gradient`, with another tensor that the function gives beside its number; both as arrays.

    Args:
        function: takes a tensor like `inputs`, floats, and the `others`; gives a scalar tensor and another tensor.
        inputs: where to.
        *others: further inputs. What a function has of its own XLA takes for a constant, and folds for seconds.
    """
    return gradient_function(function)(inputs, *others)


def gradient_function(function: Callable[..., tuple[Any, Any]]) -> Callable[..., tuple[Any, Any]]:
    """What gives `gradient_and_tensor` of a function at one input after another; JAX compiles once for each shape."""

    def call(*tensors: Any) -> tuple[Any, Any]:
        with keras.StatelessScope():
            return function(*tensors)

    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        differentiated = jax.jit(jax.grad(call, has_aux=True))
    elif backend == "tensorflow":
        import tensorflow as tf

        def differentiated(values: Any, *fixed: Any) -> tuple[Any, Any]:
            with tf.GradientTape() as tape:
                tape.watch(values)
                number, tensor = call(values, *fixed)
            (gradient,) = tape.gradient(number, [values], None, tf.UnconnectedGradients.ZERO)
            return gradient, tensor
    else:
        import torch

        def differentiated(values: Any, *fixed: Any) -> tuple[Any, Any]:
            values = values.detach().requires_grad_()
            number, tensor = call(values, *fixed)
            (gradient,) = torch.autograd.grad(number, values, allow_unused=True, materialize_grads=True)
            return gradient, tensor

    def at(inputs: Any, *others: Any) -> tuple[Any, Any]:
        gradient, tensor = differentiated(*map(ops.convert_to_tensor, (inputs, *others)))
        return ops.convert_to_numpy(gradient), ops.convert_to_numpy(tensor)

    return at


@contextmanager
def kept_random_state() -> Iterator[None]:
    """Let what happens inside draw at random, and give Python, NumPy and torch their states back.

    JAX has no state of its own, and Keras' layers on TensorFlow draw from none.
    """
    python, numpy = random.getstate(), np.random.get_state()
    try:
        if keras.backend.backend() == "torch":
            import torch

            with torch.random.fork_rng():
                yield
        else:
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


@contextmanager
def across_devices(devices: int) -> Iterator[None]:
    """Let each batch of what is built and trained inside be shared by several devices of this machine.

    On torch nothing changes, since its devices belong to processes of their own: see `join_processes`.

    Raises:
        ValueError: fewer devices than that.
    """
    backend = keras.backend.backend()
    found = _devices(devices) if devices > 1 else []
    if devices > 1 and len(found) < devices:
        raise ValueError(f"Expected at most {len(found)} devices: {', '.join(found)}. Received: devices={devices}.")
    if devices == 1 or backend == "torch":
        yield
    elif backend == "jax":
        before = keras.distribution.distribution()
        keras.distribution.set_distribution(keras.distribution.DataParallel(devices=found[:devices]))
        try:
            yield
        finally:
            keras.distribution.set_distribution(before)
    else:
        import tensorflow as tf

        with tf.distribute.MirroredStrategy([name.upper() for name in found[:devices]]).scope():
            yield


def _devices(wanted: int) -> list[str]:
    """The devices of this machine; a CPU runs as many processes of torch as are wanted."""
    if keras.backend.backend() != "torch":
        return keras.distribution.list_devices()
    import torch

    if torch.cuda.is_available():
        return [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    return ["cpu"] * wanted


def average_gradients(optimizer: Any) -> None:
    """Let an optimizer average the gradients over devices before it clips, accumulates and applies them.

    On JAX they are those of the whole batch anyway. On TensorFlow Keras sums them too late: each device would clip its
    own.

    Raises:
        ValueError: accumulation on TensorFlow.
    """
    backend = keras.backend.backend()
    apply = optimizer.apply
    if backend == "tensorflow":
        import tensorflow as tf

        def reduce(gradients: list[Any]) -> list[Any]:
            # Keras has divided the loss by the number of devices.
            return tf.distribute.get_replica_context().all_reduce("sum", gradients)

        inner = getattr(optimizer, "inner_optimizer", optimizer)
        if inner.gradient_accumulation_steps:  # it would synchronise inside a condition, which strategies refuse
            raise ValueError(
                "Expected no accumulation of gradients over several devices on TensorFlow. Received: "
                f"accumulate={inner.gradient_accumulation_steps}. Raise batch_size instead, which the devices share."
            )
        inner._all_reduce_sum_gradients = lambda pairs: pairs
    elif backend == "torch":
        import torch

        def reduce(gradients: list[Any]) -> list[Any]:
            together = torch.cat([gradient.flatten() for gradient in gradients])  # one message, not hundreds
            torch.distributed.all_reduce(together)
            parts = (together / torch.distributed.get_world_size()).split([each.numel() for each in gradients])
            return [part.view_as(gradient) for part, gradient in zip(parts, gradients, strict=True)]
    else:
        return
    optimizer.apply = lambda gradients, variables=None: apply(reduce(list(gradients)), variables)


def devices_are_processes() -> bool:
    """Whether several devices need a process each, as on torch."""
    return keras.backend.backend() == "torch"


@contextmanager
def join_processes(rank: int, processes: int, meeting: Path) -> Iterator[None]:
    """Join torch processes of this machine, each with a device; `meeting` is a file in an empty folder that all see."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.set_device(rank)
    kind = "nccl" if torch.cuda.is_available() else "gloo"
    torch.distributed.init_process_group(kind, init_method=f"file://{meeting}", rank=rank, world_size=processes)
    try:
        yield
    finally:
        torch.distributed.destroy_process_group()


def take_from_first(variables: Sequence[Any]) -> None:
    """Give the variables of each process the values of the first one's."""
    import torch

    with torch.no_grad():
        for variable in variables:
            value = variable.value.contiguous()
            torch.distributed.broadcast(value, 0)
            variable.value.copy_(value)


def tell_processes(figures: Sequence[float], mean: bool = False) -> list[float]:
    """What the first process says to all, or the mean of what each says."""
    import torch

    message = torch.tensor(figures, dtype=torch.float64, device=ops.convert_to_tensor(0.0).device)
    if mean:
        torch.distributed.all_reduce(message)
        return (message / torch.distributed.get_world_size()).tolist()
    torch.distributed.broadcast(message, 0)
    return message.tolist()
