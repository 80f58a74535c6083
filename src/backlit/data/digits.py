"""1,797 handwritten digits of 8×8 pixels, written by 13 people."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError

_FILE = Path(__file__).with_name("digits.safetensors")


@dataclass(frozen=True, eq=False)
class Digits:
    """Images (n, 8, 8) with ink from 0 to 1, and the digit each one shows."""

    images: Any
    labels: Any

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def pixels(self) -> Any:
        """The images as rows, (n, 64)."""
        return self.images.reshape(len(self), -1)

    def split(self, *, held_out: int = 450, seed: int = 0) -> tuple["Digits", "Digits"]:
        """(training set, `held_out` others), drawn at random; the same seed gives the same sets.

        Raises InputError if nothing would be left to train on, or nothing held out.
        """
        if not 0 < held_out < len(self):
            raise InputError(f"held_out={held_out}, expected 1 to {len(self) - 1}")
        order = np.random.default_rng(seed).permutation(len(self))
        parts = order[held_out:], order[:held_out]
        train, test = (Digits(self.images[part], self.labels[part]) for part in parts)
        return train, test


def digits() -> Digits:
    """The digits of scikit-learn's `load_digits`, in the same order; no network is used.

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine
    Learning Repository, 1998 (CC BY 4.0), its test set.

    >>> data = digits()
    >>> data.images.shape, data.labels[:5].tolist()
    ((1797, 8, 8), [0, 1, 2, 3, 4])
    """
    from safetensors.numpy import load_file

    arrays = load_file(_FILE)
    return Digits(arrays["images"] / 16, arrays["labels"].astype(np.int64))
