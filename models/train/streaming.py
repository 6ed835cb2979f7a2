# SPDX-License-Identifier: ISC
"""Causal building blocks that run over a whole signal (training) or block by block (exported).

Streaming state follows the cached convolutions of arXiv 2204.07064: a layer that looks back keeps
the last columns of its input in a buffer named `cache` (the name by which players reset a model).
Tensors are (batch, channels, time).
"""

import torch
from torch import nn

MAX_BATCH = 4


class Past(nn.Module):
    """Puts the `length` columns that came before x in front of it."""

    __constants__ = ["streaming", "length"]

    def __init__(self, channels: int, length: int):
        super().__init__()
        self.streaming = False
        self.length = length
        self.register_buffer("cache", torch.zeros(MAX_BATCH, channels, length))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.streaming:
            batch = x.shape[0]
            y = torch.cat([self.cache[:batch], x], -1)
            self.cache[:batch].copy_(y[:, :, y.shape[-1] - self.length :])
            return y
        return nn.functional.pad(x, (self.length, 0))


class SpreadConv(nn.Module):
    """A three-tap dilated convolution as shifted copies and a 1x1: far faster for few columns.

    x holds 2 `dilation` columns more than come out.
    """

    __constants__ = ["dilation"]

    def __init__(self, inputs: int, outputs: int, dilation: int):
        super().__init__()
        self.dilation = dilation
        self.conv = nn.Conv1d(3 * inputs, outputs, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        d, count = self.dilation, x.shape[-1] - 2 * self.dilation
        taps = [x[:, :, :count], x[:, :, d : d + count], x[:, :, 2 * d :]]
        return self.conv(torch.cat(taps, 1))


class CausalConv(nn.Module):
    """A convolution over this column and two earlier ones."""

    def __init__(self, inputs: int, outputs: int, dilation: int):
        super().__init__()
        self.past = Past(inputs, 2 * dilation)
        self.conv = SpreadConv(inputs, outputs, dilation)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(self.past(x))


class FixedFilters(nn.Module):
    """Filters that do not learn: `kernels` (count, taps), one output column each `stride`.

    A kernel's last tap meets the newest sample.
    """

    __constants__ = ["stride"]

    def __init__(self, kernels: torch.Tensor, stride: int):
        super().__init__()
        self.stride = stride
        self.past = Past(1, kernels.shape[-1] - stride)
        self.register_buffer("kernels", kernels.float().unsqueeze(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.conv1d(self.past(x), self.kernels, stride=self.stride)


class Residual(nn.Module):
    """A dilated causal convolution, added to the input."""

    def __init__(self, channels: int, dilation: int):
        super().__init__()
        self.wide = CausalConv(channels, channels, dilation)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + nn.functional.leaky_relu(self.wide(x), 0.2)


class Stack(nn.Module):
    """A causal network at frame rate: in, residual layers of the given dilations, out."""

    def __init__(self, inputs: int, channels: int, outputs: int, dilations: list[int]):
        super().__init__()
        self.first = CausalConv(inputs, channels, 1)
        self.layers = nn.ModuleList([Residual(channels, d) for d in dilations])
        self.last = nn.Conv1d(channels, outputs, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.leaky_relu(self.first(x), 0.2)
        for layer in self.layers:
            x = layer(x)
        return self.last(x)


def set_streaming(module: nn.Module, streaming: bool) -> None:
    """Switch every layer with state; must come before scripting."""
    for part in module.modules():
        if hasattr(part, "streaming"):
            part.streaming = streaming


def reset(module: nn.Module) -> None:
    """Forget all that was heard."""
    for name, buffer in module.named_buffers():
        if name.split(".")[-1] == "cache":
            buffer.zero_()
