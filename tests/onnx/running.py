"""Running exported models, with onnxruntime and with the reference of ONNX itself."""

import numpy as np
import onnxruntime
from onnx import checker
from onnx.reference import ReferenceEvaluator

onnxruntime.set_default_logger_severity(3)  # errors alone


def by_onnxruntime(model, feed):
    """The outputs by their names."""
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return dict(zip([x.name for x in model.graph.output], session.run(None, feed), strict=True))


def by_reference(model, feed):
    """The outputs by their names."""
    with np.errstate(all="ignore"):
        found = ReferenceEvaluator(model).run(None, feed)
    return dict(zip([x.name for x in model.graph.output], found, strict=True))


RUNTIMES = (by_onnxruntime, by_reference)


def same_answers(model, feed, expected):
    """Both runtimes answer what is expected, to 1e-5, with its dtypes and shapes."""
    checker.check_model(model, full_check=True)
    for run in RUNTIMES:
        found = run(model, feed)
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            close(found[name], np.asarray(value))


def close(found, expected):
    """Equal; of floats, to 1e-5."""
    assert found.shape == expected.shape
    if expected.dtype.kind != "f":
        assert found.tolist() == expected.tolist()
        return
    assert found.dtype == expected.dtype
    largest = np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6 * largest)


def shapes(values):
    """Name → the dims of inputs or outputs: numbers, and texts for what is free."""
    return {
        v.name: tuple(d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim)
        for v in values
    }
