"""Tables: a file or data frame in; columns told apart, made numbers, learnt from; a model out."""

from .course import Journal
from .judgement import Judgement, evaluate
from .learn import Training, train
from .model import Model, load_model, save_model
from .read import read_table
from .table import Table

__all__ = [
    "Journal",
    "Judgement",
    "Model",
    "Table",
    "Training",
    "evaluate",
    "load_model",
    "read_table",
    "save_model",
    "train",
]
