"""Tables: a CSV file in; columns told apart, made numbers of, learnt from, judged; a model out."""

from .course import Journal
from .judgement import Judgement, evaluate
from .learn import Training, train
from .model import Model, load_model, save_model
from .read import Table, read_table

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
