"""The picture of a derivation: everything is there, in its place, and can be read."""

import re
import runpy
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from backlit.cli.example_network import example_network
from backlit.data import digits
from backlit.show import derive
from backlit.show.drawing import Writing, letters_width, path

EXAMPLES = Path(__file__).parents[2] / "examples"
SVG = "{http://www.w3.org/2000/svg}"


def network(*widths, **changes):
    settings = {"activation": "sigmoid", "loss": "mse", "rows": 4, "seed": 0} | changes
    loss, example = example_network(widths, **settings)
    return derive(loss, *example)


def example(name, **sizes):
    file = runpy.run_path(str(EXAMPLES / f"{name}.py"))
    images = digits().images[:2]
    images = images[:, 3:5] if name == "recurrent" else images
    return derive(file["loss"], file["start"](**sizes), images, digits().labels[:2])


class Drawn:
    """The boxes of a picture by their titles, with their places and texts."""

    def __init__(self, derivation):
        self.root = ElementTree.fromstring(derivation.svg())
        self.whole = [float(x) for x in self.root.get("viewBox").split()]
        self.boxes = {}
        ground = self.root.find(f"{SVG}g")
        dx, dy = map(float, re.findall(r"[\d.]+", ground.get("transform")))
        for group in ground.findall(f"{SVG}g"):
            x, y = map(float, re.findall(r"[-\d.]+", group.get("transform")))
            rect, title = group.find(f".//{SVG}rect"), group.find(f".//{SVG}title").text
            w, h = float(rect.get("width")), float(rect.get("height"))
            kind = group.find(f"{SVG}g").get("class")
            texts = ["".join(t.itertext()) for t in group.findall(f".//{SVG}text")]
            self.boxes[title] = (kind, dx + x - w / 2, dy + y - h / 2, w, h, texts)

    def of(self, start):
        (found,) = [box for title, box in self.boxes.items() if title.startswith(start)]
        return found


def all_derivations():
    yield pytest.param(network(2, 3, 1), id="2-3-1")
    yield pytest.param(network(3, 4, 5, 2), id="three layers")
    yield pytest.param(network(64, 64, 10, loss="cross_entropy"), id="digits")
    yield pytest.param(network(2, 3, 2, activation="gelu", loss="huber"), id="gelu")
    yield pytest.param(example("attention", width=2), id="attention")
    yield pytest.param(example("recurrent", width=2), id="recurrent")
    yield pytest.param(example("convolution", kernels=2), id="convolution")
    yield pytest.param(derive(lambda w, x: np.sum(w * x), np.ones(2), np.ones(2)), id="copied")
    yield pytest.param(derive(lambda w: w * 1.0, 2.0), id="nothing but the loss")
    yield pytest.param(derive(lambda w: np.sqrt(np.sum(w)), np.ones(2)), id="reads its loss")


@pytest.mark.parametrize("derivation", [*all_derivations()])
def test_every_input_and_line_has_a_box_and_none_overlap(derivation):
    drawn = Drawn(derivation)
    for line in derivation.document.lines:
        equation = f"{line.left['text']} = {line.right['text']}"
        assert any(t.startswith(f"({line.number})  {equation}, ") for t in drawn.boxes)
    read = {x for eqn in derivation.graph.equations for x in eqn.inputs}
    inputs = [v for v in derivation.graph.inputs if v in read]
    lines = len(derivation.document.lines)
    assert len(drawn.boxes) >= lines + len(inputs)
    places = [box[1:5] for box in drawn.boxes.values()]
    for i, (x, y, w, h) in enumerate(places):
        assert 0 <= x <= x + w <= drawn.whole[2]
        assert 0 <= y <= y + h <= drawn.whole[3]
        for u, v, a, b in places[:i]:
            assert x + w <= u or u + a <= x or y + h <= v or v + b <= y


def test_gradients_stand_beneath_their_values_and_the_loss_at_the_turn():
    drawn = Drawn(network(2, 3, 1))
    middle = {key: box[1] + box[3] / 2 for key, box in drawn.boxes.items()}
    at = {key.split("  ")[-1].split(" ")[0]: x for key, x in middle.items() if key[0] == "("}
    assert at["δ1"] == at["Z1"] < at["H1"] == at["∂L/∂H1"] == at["∂L/∂W2"] < at["Z2"] == at["δ2"]
    assert at["L"] == max(middle.values())
    loss = drawn.of("(5)")
    assert loss[0] == "loss"
    assert drawn.of("(4)")[2] < loss[2] < drawn.of("(6)")[2]  # above, at, below the axis
    assert drawn.of("parameter W1")[0] == "parameter"
    assert drawn.of("data X")[0] == "data"
    assert drawn.of("(13)")[0] == "gradient"
    assert drawn.of("(11)")[0] == "backward"
    assert "from (2) sigmoid" in next(t for t in drawn.boxes if t.startswith("(11)"))


def lines(derivation, kind):
    return derivation.svg().count(f'<path class="{kind}" d=')


def test_what_is_read_is_joined():
    derivation = network(2, 3, 1)
    # Z1: X W1 b1; H1: Z1; Z2: H1 W2 b2; H2: Z2; L: H2 Y; and one in the legend
    assert lines(derivation, "forth") == 10 + 1
    # from L; δ2; b2, H1, W2; δ1; b1, W1
    assert lines(derivation, "back") == 8 + 1
    # (6) H2 Y, (7) H2, (9) W2, (10) H1, (11) H1, (13) X
    assert lines(derivation, "link") == 7 + 1


def test_it_is_told_to_those_who_do_not_see_it():
    root = Drawn(network(2, 3, 1)).root
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == "The graph of L and its gradients"
    assert "(13) ∂L/∂W1 = Xᵀ δ1" in root.find(f"{SVG}desc").text


def test_it_needs_nothing_else_and_its_style_stays_in_it():
    text = network(2, 3, 1).svg()
    assert not re.search(r"href|@import|url\(|script", text)
    assert text.count("http") == 1
    style = ElementTree.fromstring(text).find(f"{SVG}style").text
    for selector in re.findall(r"([^{}]+)\{", style):
        assert all(s.strip().startswith(".backlit-graph") for s in selector.split(","))
    assert not re.search(r'\bid="', text)


def test_on_a_page_each_box_leads_to_its_line():
    derivation = network(2, 3, 1)
    html = derivation.html()
    assert '<details class="graph" open>' in html
    svg = html[html.index("<svg") : html.index("</svg>")]
    targets = set(re.findall(r'href="#([^"]+)"', svg))
    assert targets == {f"eq{n}" for n in range(1, 14)} | {
        f"eq-{name}" for name in ("W1", "b1", "W2", "b2", "X", "Y")
    }
    assert all(f'id="{name}"' in html for name in targets)
    large = network(*[2] * 6, 1).html()
    assert '<details class="graph"><summary>' in large  # to be opened


def test_names_are_set_as_mathematics():
    writing = Writing({"Z1", "W12", "δ2", "bo", "X"})
    assert writing.pieces("Z1 = Xᵀ bo") == [
        ("Z", "variable"), ("1", "index"), (" = ", ""), ("X", "variable"), ("ᵀ ", ""), ("bo", ""),
    ]  # fmt: skip
    assert writing.pieces("log2(W12)") == [
        ("log2", ""), ("(", ""), ("W", "variable"), ("12", "index"), (")", ""),
    ]  # fmt: skip
    assert writing.width("Z1") < writing.width("ZW")
    assert letters_width("il", 10) < letters_width("ax", 10) < letters_width("MW", 10)


def test_corners_are_round_and_the_head_is_at_the_end():
    drawn = path([(0, 0), (50, 0), (50, 40), (20, 40)])
    assert drawn.count("Q") == 2
    assert 'd="M20.0 40.0L27.0 36.5L27.0 43.5Z"' in drawn


def test_lines_that_nobody_named_are_set_as_names_too():
    derivation = derive(
        lambda w: np.sum(np.exp(np.sin(w) * w) + np.sqrt(np.sin(w) * w + 2)), np.ones(2)
    )
    assert [line for line in derivation.document.lines if line.left["text"] == "t1"]
    assert '<tspan class="variable">t</tspan>' in derivation.svg()
