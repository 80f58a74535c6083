"""The examples derive, check and train networks that nothing in backlit knows."""

import importlib.util
import re
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
EQUATION = {  # of the derivation that each prints
    "convolution": "einsum(windows, K: nijab,abk → nijk) + c",
    "recurrent": "h1 = tanh(",
    "attention": "softmax(",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", EQUATION)
def test_example(name, capsys):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    accuracy = module.main()
    text = capsys.readouterr().out
    assert EQUATION[name] in text
    assert "Backward, from the loss to the first layer" in text
    weights = re.search(r"The gradient agrees with .* \((\d+) weights, each compared\)", text)
    assert int(weights[1]) == sum(x.size for x in module.start(**SMALL[name]).values())
    assert f"of 450 held-out digits right: {accuracy:.1%}" in text
    assert accuracy >= 0.94


SMALL = {"convolution": {"kernels": 2}, "recurrent": {"width": 2}, "attention": {"width": 2}}
