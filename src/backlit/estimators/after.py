"""What is called after each epoch: the user's functions, and scikit-learn's callbacks."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..train import State


class AfterEpoch:
    """Asks every callback whether to stop. scikit-learn's are told of the fit and of each epoch."""

    def __init__(self, est: Any, X: Any, y: Any) -> None:
        self.est, self.data = est, {"X": X, "y": y}
        self.context = None
        if getattr(est, "_skl_callbacks", None):
            self.context = est._init_callback_context(max_subtasks=est.max_iter)
            self.context.call_on_fit_task_begin(estimator=est, **self.data)

    @property
    def asks(self) -> bool:
        """Is anybody asked?"""
        callbacks = self.est.callbacks
        return self.context is not None or (callbacks is not None and len(callbacks) > 0)

    def __call__(self, now: Callable[[], Any]) -> bool:
        """now: gives the parameters, a copy."""
        stop = False
        if self.est.callbacks is not None and len(self.est.callbacks):
            state = self._state(now())
            answers = [callback(state) for callback in self.est.callbacks]  # every one is asked
            stop = any(isinstance(x, (bool, np.bool_)) and x for x in answers)
        if self.context is not None:
            epoch = self.context.subcontext(task_name="epoch")
            epoch.call_on_fit_task_begin(estimator=self.est, **self.data)
            stop |= bool(self._told(epoch, now))
        return stop

    def end(self) -> None:
        """The fit is done."""
        if self.context is not None:
            self._told(self.context, lambda: self.est._params)

    def _told(self, context: Any, now: Callable[[], Any]) -> Any:
        return context.call_on_fit_task_end(
            estimator=self.est, **self.data,
            reconstruction_attributes=lambda: self.est._attributes_of(now()),
        )  # fmt: skip

    def _state(self, params: Any) -> State:
        history = self.est.history_
        epoch = len(history["loss"])
        return State(epoch, self.est.max_iter, self.est.t_, params, history)
