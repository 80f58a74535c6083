"""Who plays a training: the native player where it can, else NumPy, which says why."""

from typing import Any

from ..errors import InputError
from ..lower import NumPyOnly
from .engine import Engine, Plan, Values
from .numpy_engine import NumPyEngine
from .player_engine import PlayerEngine

ENGINES = ("auto", "player", "numpy")


def choose_engine(wish: str, plan: Plan, values: Values, order: Any, threads: int | None) -> Engine:
    """The engine that was asked for; "auto" takes the player unless it cannot play the loss."""
    if wish == "numpy":
        return NumPyEngine(plan, values)
    try:
        return PlayerEngine(plan, values, order, threads)
    except NumPyOnly as reason:
        if wish == "player":
            raise InputError(
                f"the player cannot play this training ({reason}): leave out engine='player', and "
                "NumPy plays it"
            ) from None
        return NumPyEngine(plan, values, str(reason))
