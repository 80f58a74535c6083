"""What backlit raises: every error says where, what was found, what was expected, what to do."""


class BacklitError(Exception):
    """Any mistake backlit explains in a sentence; the command line prints it and exits with 2."""


class TraceError(BacklitError, TypeError):
    """A function cannot be turned into equations (unknown NumPy name, truth of a tracer, …)."""


class ShapeError(BacklitError, ValueError):
    """Arrays whose shapes do not fit together."""


class GraphError(BacklitError):
    """A graph broke the grammar of the language: a fault of a pass or of an op's entry."""


class DerivativeError(BacklitError, TypeError):
    """A derivative was asked for that is not known, or not defined."""


class InputError(BacklitError, ValueError):
    """An argument, a file or an expression that cannot be used as it is."""


class FileError(BacklitError, ValueError):
    """A model file that is not, to the byte, what backlit writes: cut, damaged, of another kind."""
