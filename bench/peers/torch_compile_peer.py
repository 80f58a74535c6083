"""PyTorch with the loss, forward and backward, compiled by `torch.compile`."""

import torch

from . import torch_peer

LIBRARY = f"{torch_peer.LIBRARY}, torch.compile"


def train(job, report):
    """The loop of the eager peer."""
    torch_peer.train(job, report, prepare=torch.compile)
