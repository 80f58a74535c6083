"""The text of a program, and what must hold of every program: memory, registers, barriers."""

import sys
from textwrap import dedent

import numpy as np
import pytest

import backlit as bl
from backlit import nn
from backlit.ir.trace import trace
from backlit.lower.settle import REGISTERS

from .native import native_only, play, program_of, step_program
from .test_forms import FORMS

X, Y, LABELS = np.zeros((32, 4)), np.zeros((32, 1)), np.zeros(32, int)


def regression(p, X, Y):
    return nn.mse(nn.mlp(p, X), Y)


def classifier(p, X, y):
    return nn.softmax_cross_entropy(nn.mlp(p, X, activation="relu"), y)


def written(text):
    return dedent(text).strip("\n").rstrip()


def test_a_regression_with_gradient_descent():
    """Weight gradients wait until all messages are back: threads meet once."""
    program = step_program(regression, nn.dense([4, 8, 1]), [X, Y], bl.sgd())
    assert program.disassemble() == written("""
        GATHER    32×4         X (batch)
        GATHER    32×1         Y (batch)
        GATHER    1×1          alpha (this step's)
        MATMUL    32×8×4       _1 ← X, W1
            %11 = add(_1, b1[row])
            H = tanh(%11)
        MATMUL    32×1×8       _2 ← H, W2
            %11 = add(_2, b2[0])
            %11 = subtract(%11, Y)
            _4 = square(%11)
            delta2 = multiply(0.0625[0], %11)
        MATMUL    32×8×1       dH ← delta2, W2
            delta1 = tanh_back(dH, H)
        REDUCE    1×1×32       _5 ← _4 (sum)  ‖
            L = divide(_5, 32)
        REDUCE    1×1×32       db2 ← delta2 (sum)
            b2_new = subtract_multiply(b2, alpha, db2)
        MATMUL    8×1×32       dW2 ← H, delta2 (aᵀ)
            W2_new = subtract_multiply(W2, alpha[0], dW2)
        REDUCE    1×8×32       db1 ← delta1 (sum)
            b1_new = subtract_multiply(b1, alpha[0], db1)
        MATMUL    4×8×32       dW1 ← X, delta1 (aᵀ)
            W1_new = subtract_multiply(W1, alpha[0], dW1)
        """)
    assert program.data == ["X", "Y"]
    assert [str(b) for b in program.states] == ["W1", "b1", "W2", "b2"]
    assert program.flops == 2 * 32 * (4 * 8 + 8 + 8 + 8 + 4 * 8)


def test_a_classifier_with_adam():
    program = step_program(classifier, nn.dense([4, 8, 3]), [X, LABELS])
    assert program.disassemble() == written("""
        GATHER    32×4         X (batch)
        GATHER    32×1         y (batch)
        GATHER    1×1          alpha (this step's)
        POINTWISE 1×1
            c1_new = multiply_add(0.9, c1, 0.1)
            c2_new = multiply_add(0.999, c2, 0.001)
            _33 = divide(alpha, c1_new)
            %11 = sqrt(c2_new)
            _1/_36 = reciprocal(%11)
        MATMUL    32×8×4       _1 ← X, W1
            %11 = add(_1, b1[row])
            H = relu(%11)
        MATMUL    32×3×8       _2 ← H, W2
            Z2 = add(_2, b2[row])
        ONE_HOT   32×3         _3 ← y
        REDUCE    32×1×3       _4 ← Z2 (max)
        POINTWISE 32×3
            _5 = subtract(Z2, _4[col])
            _6 = exp(_5)
        REDUCE    32×1×3       _7 ← _6 (sum)
            _8 = log(_7)
        POINTWISE 32×3
            _10 = scaled_difference(_3, _5, _8[col])
        REDUCE    32×1×3       _11 ← _10 (sum)
            _12 = negative(_11)
        POINTWISE 32×3
            %11 = divide(_6, _7[col])
            delta2 = scaled_difference(0.03125[0], %11, _3)
        MATMUL    32×8×3       dH ← delta2, W2 (bᵀ)
            delta1 = relu_back(dH, H)
        REDUCE    1×1×32       _13 ← _12 (sum)  ‖
            L = divide(_13, 32)
        REDUCE    1×3×32       db2 ← delta2 (sum)
            m_b2_new = average(0.9[0], m_b2, 0.1[0], db2)
            v_b2_new = average_square(0.999[0], v_b2, 0.001[0], db2)
            b2_new = adam_step(b2, _33[0], m_b2_new, v_b2_new, _1/_36[0], 1e-08[0])
        MATMUL    8×3×32       dW2 ← H, delta2 (aᵀ)
            m_W2_new = average(0.9[0], m_W2, 0.1[0], dW2)
            v_W2_new = average_square(0.999[0], v_W2, 0.001[0], dW2)
            W2_new = adam_step(W2, _33[0], m_W2_new, v_W2_new, _1/_36[0], 1e-08[0])
        REDUCE    1×8×32       db1 ← delta1 (sum)
            m_b1_new = average(0.9[0], m_b1, 0.1[0], db1)
            v_b1_new = average_square(0.999[0], v_b1, 0.001[0], db1)
            b1_new = adam_step(b1, _33[0], m_b1_new, v_b1_new, _1/_36[0], 1e-08[0])
        MATMUL    4×8×32       dW1 ← X, delta1 (aᵀ)
            m_W1_new = average(0.9[0], m_W1, 0.1[0], dW1)
            v_W1_new = average_square(0.999[0], v_W1, 0.001[0], dW1)
            W1_new = adam_step(W1, _33[0], m_W1_new, v_W1_new, _1/_36[0], 1e-08[0])
        """)


# ---- memory -------------------------------------------------------------------------------------


def cells(buffer, offset=0, size=None):
    """Where the numbers of a buffer lie."""
    first = buffer.root.offset + offset
    return buffer.root.segment, slice(first, first + (buffer.size if size is None else size))


def read_and_write(program):
    """Play a program on memory that knows for whom each of its numbers was written."""
    room = max(b.root.offset + b.size for b in (*program.states, *written_by(program)))
    owner = {name: np.full(room, None, object) for name in ("state", "scratch")}

    def write(buffer, size=None):
        segment, where = cells(buffer, size=size)
        owner[segment][where] = buffer

    def read(buffer, offset, size):
        segment, where = cells(buffer, offset, size)
        if segment != "constant":
            assert all(found is buffer for found in owner[segment][where]), buffer

    for state in program.states:
        write(state)
    for x in program.code:
        registers = {}
        for place in x.reads():
            read(place.buffer, place.offset, 1)
        if x.out is not None:
            write(x.out.buffer)
        for step in x.tail:
            for o in step.inputs:
                if o.kind == "register":
                    assert registers[o.offset] is o.buffer
                else:
                    size = {"full": x.m * x.n, "row": x.n, "column": x.m, "scalar": 1}[o.kind]
                    read(o.buffer, o.offset, size)
            if step.out.kind == "register":
                registers[step.out.offset] = step.out.buffer
            else:
                write(step.out.buffer)
        assert len(registers) <= REGISTERS
    for state in program.states:  # the new value lies where the old one did
        segment, where = cells(state)
        assert len(set(owner[segment][where])) == 1
    read(program.loss.buffer, program.loss.offset, 1)


def written_by(program):
    outs = [step.out for x in program.code for step in x.tail if step.out.kind != "register"]
    return [o.buffer for o in outs] + [x.out.buffer for x in program.code if x.out is not None]


@pytest.mark.parametrize("roomy", [True, False], ids=["each its own", "shared"])
@pytest.mark.parametrize("name", FORMS)
def test_what_is_read_is_what_was_written(name, roomy, monkeypatch):
    if not roomy:
        monkeypatch.setattr(sys.modules["backlit.lower.lower"], "_ROOMY", 0)
    loss, params, *batch = FORMS[name]
    read_and_write(step_program(loss, params, batch))


def test_sharing_memory_takes_less(monkeypatch):
    wide = step_program(classifier, nn.dense([4, 64, 64, 64, 3]), [X, LABELS])
    monkeypatch.setattr(sys.modules["backlit.lower.lower"], "_ROOMY", 0)
    shared = step_program(classifier, nn.dense([4, 64, 64, 64, 3]), [X, LABELS])
    assert shared.scratch < 0.75 * wide.scratch


@native_only
def test_more_values_at_a_time_than_registers():
    """What finds no register goes to memory."""
    x = np.linspace(-1, 1, 60).reshape(6, 10)

    def many(x):
        values = [np.sin(k * x) for k in range(1, REGISTERS + 6)]
        total = values[0]
        for value in values[1:]:
            total = total * value + value
        return total

    graph = trace(many, x).graph
    text = program_of(graph).disassemble()
    assert all(f"%{i} = sin" in text for i in range(REGISTERS))
    assert "%12" not in text
    np.testing.assert_allclose(play(graph, x)[0], many(x), rtol=1e-13)
