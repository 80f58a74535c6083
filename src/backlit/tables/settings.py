"""How a network is trained: all that can be chosen, and what is taken where nothing is."""

import difflib
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from .. import nn, optim
from ..errors import InputError
from ..estimators.losses import OF_QUANTITIES
from ..nn.activations import ACTIVATIONS
from ..optim import Optimizer

OF_CLASSES = ("log_loss",)
OPTIMIZERS = ("adamw", "adam", "sgd", "momentum", "nesterov", "rmsprop", "adagrad")
SCHEDULES = ("cosine", "constant", "step", "inverse")
INITS = (
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_normal", "standard",
)  # fmt: skip
MOST_HELD_OUT = 0.9
RATES = {"adamw": 0.005, "adam": 0.005}  # of the others what they have in `bl.optim`
_DECAYS = {"adamw": 0.1}  # of the weights: small tables are learnt by heart without it
_PATIENCE = 0.4  # of all epochs without a better validation loss: the rate has fallen, enough
_STEPS, _FEWEST, _MOST = 6000, 20, 200  # steps that a table usually needs; epochs, by default
_BATCHES = (32, 256)  # rows of a step: few for small tables, more where there are many rows
_PER_EPOCH = 100  # steps of an epoch, before the batch grows


@dataclass(frozen=True)
class Settings:
    """What a training is asked for; None: as the optimiser, the loss or the rows want it.

    hidden: widths of the hidden layers, none for a linear model. activation, dropout: one for all
    of them, or one for each. loss: of quantities squared_error, absolute_error, huber, poisson
    (with a logarithm as link) or pinball; of classes log_loss. quantiles: of pinball, rising; an
    answer for each. rate: the first learning rate, which the schedule changes: cosine, down to 0;
    step, a tenth after each third; inverse, falling to a tenth; constant. decay: of the weights.
    clip_norm: gradients longer than this are shortened to it. init: of the first weights. balance:
    each class weighs the same. weights: the column that says what a row weighs. patience: epochs
    without a better validation loss. batch: rows of a step. seed: of the split, the first weights,
    the order of rows, dropout. held_out: share of rows that only judge.
    """

    hidden: tuple[int, ...] = (64, 32)
    activation: tuple[str, ...] = ("relu",)
    dropout: tuple[float, ...] = (0.0,)
    loss: str | None = None
    quantiles: tuple[float, ...] = ()
    epochs: int | None = None
    batch: int | None = None
    optimizer: str = "adamw"
    rate: float | None = None
    schedule: str = "cosine"
    decay: float | None = None
    clip_norm: float | None = None
    init: str = "glorot_uniform"
    balance: bool = False
    weights: str | None = None
    patience: int | None = None
    seed: int = 0
    held_out: float = 0.2

    def __post_init__(self) -> None:
        for name in self.activation:
            _known("activation", name, ACTIVATIONS)
        _known("loss", self.loss or "log_loss", (*OF_QUANTITIES, *OF_CLASSES))
        _known("optimizer", self.optimizer, OPTIMIZERS)
        _known("schedule", self.schedule, SCHEDULES)
        _known("init", self.init, INITS)
        if not all(0 <= rate < 1 for rate in self.dropout):
            raise InputError(f"dropout={_text(self.dropout)}, expected numbers in [0, 1)")
        if not all(0 < q < 1 for q in self.quantiles) or [*self.quantiles] != sorted(
            {*self.quantiles}
        ):
            raise InputError(f"quantiles={_text(self.quantiles)}, expected rising ones in (0, 1)")
        if (self.loss == "pinball") > bool(self.quantiles):
            raise InputError("the loss pinball needs quantiles, such as 0.1,0.5,0.9")
        if self.quantiles and self.loss not in (None, "pinball"):
            raise InputError(f"quantiles are for the loss pinball, not for {self.loss}")
        if not 0 <= self.held_out <= MOST_HELD_OUT:
            raise InputError(f"held_out={self.held_out}, expected a share of 0 to {MOST_HELD_OUT}")
        for word, least in _LEAST.items():
            value = getattr(self, word)
            if value is not None and not value >= least:
                raise InputError(f"{word}={value}, expected at least {least}")
        if any(width < 1 for width in self.hidden):
            raise InputError(f"hidden={_text(self.hidden)}, expected widths of at least 1")

    @classmethod
    def of(cls, **given: Any) -> "Settings":
        """From lists, single values, or what is None because it was not given."""
        several = {"hidden", "activation", "dropout", "quantiles"}
        return cls(
            **{
                name: _tuple(value) if name in several else value
                for name, value in given.items()
                if value is not None
            }
        )

    def complete(self, rows: int, *, classify: bool) -> "Settings":
        """The same, with all that was not given. Raises InputError if it does not fit together."""
        few, many = _BATCHES
        batch = self.batch or min(max(2 ** round(math.log2(rows / _PER_EPOCH)), few), many)
        epochs = self.epochs or min(max(_STEPS // math.ceil(rows / batch), _FEWEST), _MOST)
        usual = "log_loss" if classify else "pinball" if self.quantiles else "squared_error"
        loss, rate, decay = self.loss or usual, self.rate, self.decay
        if (loss in OF_CLASSES) != classify:
            what, losses = ("classes", OF_CLASSES) if classify else ("a quantity", OF_QUANTITIES)
            raise InputError(f"the loss {loss} is not for {what}; known: {', '.join(losses)}")
        if self.balance and not classify:
            raise InputError("balance gives each class the same weight; a quantity has no classes")
        made = getattr(optim, self.optimizer)()
        return replace(
            self,
            activation=self._each("activation"),
            dropout=self._each("dropout"),
            loss=loss,
            epochs=epochs,
            batch=batch,
            rate=RATES.get(self.optimizer, made.lr) if rate is None else rate,
            decay=_DECAYS.get(self.optimizer, 0.0) if decay is None else decay,
            patience=self.patience or math.ceil(_PATIENCE * epochs),
        )

    @property
    def is_complete(self) -> bool:
        """Is nothing left to be decided?"""
        chosen = self.loss, self.epochs, self.batch, self.rate, self.decay, self.patience
        layers = len(self.activation) == len(self.dropout) == len(self.hidden)
        return None not in chosen and layers

    @property
    def linear(self) -> "Settings":
        """The same training of a network without hidden layers."""
        return replace(self, hidden=(), activation=(), dropout=())

    def words(self) -> dict[str, str]:
        """What it says, by name, but the widths of the hidden layers."""
        return {name: _text(x) for name, x in asdict(self).items() if name != "hidden"}

    def optimiser(self, steps: int) -> Optimizer:
        """The optimiser of a training of so many steps."""
        rate: Any = self.rate
        if self.schedule == "cosine":
            rate = optim.cosine_decay(rate, steps=steps)
        elif self.schedule == "step":
            rate = optim.step_decay(rate, every=math.ceil(steps / 3))
        elif self.schedule == "inverse":
            rate = optim.inverse_decay(rate, steps=steps / 9)
        made = getattr(optim, self.optimizer)(rate, weight_decay=self.decay)
        return made.clipped(self.clip_norm) if self.clip_norm else made

    def first(self, widths: tuple[int, ...], dtype: Any) -> Any:
        """The first parameters of a network with these widths."""
        return nn.dense(widths, seed=self.seed, init=getattr(nn, self.init), dtype=dtype)

    def _each(self, word: str) -> tuple[Any, ...]:
        """One for each hidden layer."""
        given, layers = getattr(self, word), len(self.hidden)
        if len(given) not in (1, layers):
            raise InputError(
                f"{word}={_text(given)}: {len(given)} for {layers} hidden layers; expected one for "
                "all of them, or one for each"
            )
        return given if len(given) == layers else given * layers


_LEAST = {"epochs": 1, "batch": 1, "patience": 1, "rate": 0, "decay": 0, "clip_norm": 0, "seed": 0}


def _known(what: str, name: str, names: Iterable[str]) -> None:
    if name not in names:
        near = difflib.get_close_matches(name, [*names], 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
        raise InputError(f"there is no {what} {name!r}; {hint}")


def _tuple(value: Any) -> tuple[Any, ...]:
    return (value,) if isinstance(value, (str, int, float)) else tuple(value)


def _text(value: Any) -> str:
    """Several values as the command line takes them."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
