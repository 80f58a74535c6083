"""What is no program is refused: no number is read or written amiss."""

from contextlib import suppress
from functools import cache

import numpy as np
import pytest

from backlit.lower.encode import encode
from backlit.lower.program import OPS
from backlit.train.player_engine import State, native, table

from .native import native_only, step_program
from .test_forms import FORMS

pytestmark = native_only
INSTRUCTION = ["op", "split", "barrier", "m", "n", "k", "out", "a", "b"]
INSTRUCTION += ["extra", "extras", "step", "steps"]
COLUMNS = 1  # of split
STEP_WORDS = 16
AWAY = [-1, 2**31, (1 << 48) + 2**20, 3 << 48, 2**62, 2**63 - 1, -(2**63)]  # addresses
FAR = [2**31, 2**40, 2**48, 2**62, 2**63 - 1, -(2**63)]


@cache
def program_of(name):
    loss, params, *batch = FORMS[name]
    program = step_program(loss, params, batch)
    return program, encode(program, native().KERNELS), [table(x) for x in batch]


class Given:
    """All that a player is made from, to be spoilt."""

    def __init__(self, name="embedding"):
        program, words, data = program_of(name)
        self.words = {k: x.copy() if hasattr(x, "copy") else x for k, x in words.items()}
        self.data = [*data]
        values = [np.zeros(b.size) for b in program.states]
        self.state = State(values, program, np.dtype(float)).memory

    def player(self, **more):
        facts = self.words | {"state": self.state, "data": self.data, "threads": 2} | more
        return native().Player64(**facts)

    def play(self, player, **more):
        facts = {"index": None, "rows": len(self.data[0]), "first_row": 0} | more
        facts = {"batch": facts["rows"], "rates": np.zeros(1)} | facts
        return player.play(**facts)

    def code(self, op):
        """The words of the first instruction of a kind, by name; they can be changed."""
        rows = self.words["instructions"].reshape(-1, len(INSTRUCTION))
        row = next(r for r in rows if r[0] == OPS.index(op))
        return Words(row)


class Words:
    def __init__(self, row):
        self._row = row

    def __getitem__(self, name):
        return self._row[INSTRUCTION.index(name)]

    def __setitem__(self, name, value):
        self._row[INSTRUCTION.index(name)] = value


def refused(given, message):
    with pytest.raises(ValueError, match=message):
        given.player()


def test_what_is_right_is_played():
    for name in FORMS:
        given = Given(name)
        assert given.play(given.player())[1] == 1


@pytest.mark.parametrize("field", ["out", "a"])
@pytest.mark.parametrize("op", ["MATMUL", "REDUCE", "TAKE", "PUT"])
def test_addresses(op, field):
    for far in AWAY:
        given = Given()
        given.code(op)[field] = far
        refused(given, "lies outside of its memory")


@pytest.mark.parametrize(
    ("op", "field", "values", "message"),
    [
        ("MATMUL", "op", [-1, len(OPS), *FAR], "unknown op"),
        ("MATMUL", "split", [-1, 3, *FAR], "unknown op"),
        ("MATMUL", "m", [0, -1, *FAR], "the size of a block"),
        ("MATMUL", "k", [0, -1, *FAR], "the size of a block"),
        ("REDUCE", "k", [0, -1, *FAR], "the size of a block"),
        ("MATMUL", "m", [10**6], "memory"),
        ("REDUCE", "n", [10**6], "memory"),
        ("TAKE", "m", [10**6], "memory"),
        ("PUT", "m", [10**6], "memory"),
        ("TAKE", "split", [COLUMNS], "columns"),
        ("GATHER", "split", [COLUMNS], "columns"),
        ("PUT", "extra", [-1, 10**6, *FAR], "a list"),
        ("PUT", "extras", [-1, 10**6, *FAR], "a list"),
        ("PUT", "extras", [0, 3], "a list is too short"),
        ("MATMUL", "extras", [6], "a list is too short"),
        ("MATMUL", "step", [-1, *FAR], "a tail"),
        ("MATMUL", "steps", [-1, 10**6, *FAR], "a tail"),
        ("GATHER", "n", [1, 2, 5], "width of"),
        ("GATHER", "m", [1, 8], "batches of"),
    ],
)  # fmt: skip
def test_numbers_of_an_instruction(op, field, values, message):
    for value in values:
        given = Given()
        given.code(op)[field] = value
        refused(given, message)


@pytest.mark.parametrize(
    ("form", "op", "place", "values", "message"),
    [
        ("embedding", "MATMUL", 0, [0, -1, *FAR], "a stack"),
        ("embedding", "MATMUL", 0, [10**6], "memory"),
        ("embedding", "MATMUL", 1, [-1, -(2**63)], "a step of a product"),
        ("embedding", "MATMUL", 4, [10**6, 2**62], "memory"),
        ("embedding", "REDUCE", 0, [-1, 4, *FAR], "a reduction"),
        ("embedding", "PUT", 0, [-1, 0, 47, -(2**63)], "outside of their target"),
        ("embedding", "PUT", 0, [10**6, 2**62], "memory"),
        ("embedding", "PUT", 1, [0, -1, *FAR], "the axes of rows"),
        ("embedding", "TAKE", 0, [0, -1, *FAR], "the axes of rows"),
        ("embedding", "TAKE", 0, [10**4], "memory"),
        ("embedding", "TAKE", 1, [10**4, 2**62], "memory"),
        ("embedding", "TAKE", 2, AWAY, "memory"),
        ("embedding", "GATHER", 0, [2, *FAR[:-1]], "data that is not there"),
        ("picked along", "TAKE_LINE", 0, AWAY, "memory"),
        ("picked along", "PUT_LINE", 0, AWAY, "memory"),
        ("running sums", "LINE", 0, [-1, 3, 4, 5, *FAR], "a line"),
        ("sorted", "COPY", 1, [-1, *FAR], "a copy"),
        ("sorted", "COPY", 2, [0, -1, 10**6, *FAR], "cop"),
        ("sorted", "COPY", -1, [-1, 10**6, *FAR], "cop"),
    ],
)  # fmt: skip
def test_numbers_of_a_list(form, op, place, values, message):
    for value in values:
        given = Given(form)
        x = given.code(op)
        given.words["extras"][x["extra"] + (place if place >= 0 else x["extras"] + place)] = value
        refused(given, message)


@pytest.mark.parametrize(
    ("word", "values", "message"),
    [
        (0, [-1, 10**4, *FAR], "kernel"),  # which
        (1, [-1, 2, 5, *FAR], "the result of a step"),  # full or a register
        (2, AWAY, "memory"),  # where that is
        (3, [0, -1, 1, 7, *FAR], "kernel"),  # how many operands
        (4, [-1, 5, *FAR], "the kind of an operand"),
        (5, AWAY, "memory"),
    ],
)
def test_a_step_of_a_tail(word, values, message):
    for value in values:
        given = Given("a line")
        steps = given.words["steps"].reshape(-1, STEP_WORDS)
        product = next(s for s in steps if s[3] == 2)
        product[word] = value
        refused(given, message)


def test_a_factor_without_a_step_of_one():
    """It would be read k numbers at a time."""
    for rows, columns in ((1, 2), (4, 5)):
        given = Given()
        x = given.code("MATMUL")
        given.words["extras"][x["extra"] + rows], given.words["extras"][x["extra"] + columns] = 0, 5
        refused(given, "a step of a product")


def test_registers():
    given = Given("layer norm")
    steps = given.words["steps"].reshape(-1, STEP_WORDS)
    number = next(i for i, s in enumerate(steps) if s[1] == 0)
    for value in (-1, 12, *FAR):
        steps[number][2] = value
        refused(given, "the result of a step")
    given = Given("layer norm")
    steps = given.words["steps"].reshape(-1, STEP_WORDS)
    reader = next(s for s in steps if s[4] == 0 and s[3] == 2)
    for value in (-1, 12, *FAR):
        reader[5] = value
        refused(given, "a register")


def test_programs_that_are_cut_off():
    for name in ("instructions", "steps"):
        given = Given()
        given.words[name] = given.words[name][:-1]
        refused(given, "another version")
    given = Given()
    given.words["extras"] = given.words["extras"][:-1]
    refused(given, "a list")
    given.words["loss"] = -1
    refused(given, "the loss")


def test_any_word_may_be_wrong():
    """What is not refused is played, into memory of its own."""
    rng = np.random.default_rng(0)
    for number in range(600):
        given = Given(["embedding", "convolution", "picked along", "sorted"][number % 4])
        words = given.words[rng.choice(["instructions", "steps", "extras"])]
        place = rng.integers(len(words))
        words[place] = rng.choice([-1, 0, 1, 2, 3, 5, 7, *FAR, words[place] + 1, words[place] - 1])
        with suppress(ValueError, IndexError):
            given.play(given.player())
