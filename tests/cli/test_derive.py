"""``backlit derive``: a network by its widths, or a function in the user's own file."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from backlit.cli import program

MAZUR = str(Path(__file__).parents[2] / "examples" / "mazur.py")


def run(*words, columns=110):
    return CliRunner().invoke(program, ["derive", *words], env={"COLUMNS": str(columns)})


def shown(*words):
    result = run(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_every_digit_of_mazur_s_example():
    numbers = shown(f"{MAZUR}:loss", "--numbers", "--digits", "9", "--rate", "0.5")
    rows = dict(re.findall(r"^ *(?:\(\d+\)  )?(\S.*?)  +(?:\d+×\d+|number) +(\S.*(?:\n {50}.*)*)",
                           numbers, re.MULTILINE))  # fmt: skip
    digits = {name: re.findall(r"-?[\d.]+", text) for name, text in rows.items()}
    assert digits["Out = σ(z2)"] == ["0.75136507", "0.772928465"]
    assert digits["E = sum((T − Out)²) / 2"] == ["0.298371109"]
    assert digits["∂E/∂W2 = Hᵀ δ2"][0] == "0.0821670406"  # his 0.082167041 = ∂E/∂w5
    w1, w3, w2, w4 = digits["W1 ← W1 − α ∂E/∂W1"]
    w5, w7, w6, w8 = digits["W2 ← W2 − α ∂E/∂W2"]
    assert [w1, w2, w3, w4] == ["0.149780716", "0.199561432", "0.249751144", "0.299502287"]
    assert [w5, w6, w7, w8] == ["0.35891648", "0.408666186", "0.51130127", "0.561370121"]
    assert digits["E after this step"] == ["0.291027774"]


def test_a_network_by_its_widths_reads_like_the_article():
    text = shown("3-4-5-2")
    equations = re.findall(r"^ *\(\d+\)  (.+?)  ", text, re.MULTILINE)
    assert equations[:7] == [
        "Z1 = X W1 + b1", "H1 = σ(Z1)", "Z2 = H1 W2 + b2", "H2 = σ(Z2)", "Z3 = H2 W3 + b3",
        "H3 = σ(Z3)", "L = mean((H3 − Y)²)",
    ]  # fmt: skip
    assert equations[8] == "δ3 = ∂L/∂Z3 = ∂L/∂H3 ⊙ H3 ⊙ (1 − H3)"
    assert equations[-1] == "∂L/∂W1 = Xᵀ δ1"
    assert text.rstrip().endswith("b3 ← b3 − α ∂L/∂b3")
    assert max(map(len, text.splitlines())) <= 110
    assert max(map(len, run("3-4-5-2", columns=80).stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--loss", "cross_entropy"], "δ2 = ∂L/∂Z2 = 0.25 (P − Y)"),
        (["--loss", "cross_entropy", "--rows", "8"], "δ2 = ∂L/∂Z2 = 0.125 (P − Y)"),
        (["--activation", "tanh"], "δ1 = ∂L/∂Z1 = ∂L/∂H1 ⊙ (1 − H1²)"),
        (["--activation", "relu", "--loss", "half_mse"], "δ2 = ∂L/∂Z2 = 0.25 (Z2 − Y)"),
    ],
)
def test_activations_losses_and_rows(words, line):
    assert line in shown("2-3-2", *words)


def test_seeds_make_other_numbers():
    first, again, other = (shown("2-3-1", "--numbers", "--seed", s) for s in ("1", "1", "2"))
    assert first == again != other


def test_the_story_of_a_parameter_and_the_paths_of_a_weight():
    story = shown("2-3-1", "--wrt", "W1")
    assert story.startswith("From the loss back to W1")
    assert "(13) ∂L/∂W1 = Xᵀ δ1" in story  # the numbers are those of the whole text
    assert "(13)  ∂L/∂W1 = Xᵀ δ1" in shown("2-3-1")
    paths = shown("2-3-1", "--wrt", "W1[0,1]")
    assert "the 4 paths from W1[0,1]" in paths
    products = [float(x) for x in re.findall(r" · .*= +(-?[\d.e-]+)$", paths, re.MULTILINE)]
    total = float(re.search(r"^∂L/∂W1\[0,1\] = (\S+)$", paths, re.MULTILINE)[1])
    assert sum(products) == pytest.approx(total, rel=1e-5)
    assert f"entry [0,1] = {total:.6g}" in paths


def test_wrt_narrows_the_other_formats():
    latex = shown("2-3-1", "--wrt", "W2", "--latex")
    assert r"\frac{\partial L}{\partial W_{2}} &=" in latex
    assert "W_{1}} &=" not in latex
    assert "∂E/∂X = " in shown(f"{MAZUR}:loss", "--wrt", "X", "--numbers")


def test_formats_are_printed_one_after_the_other(tmp_path):
    page = tmp_path / "page.html"
    text = shown("2-3-1", "--latex", "--numbers", "--check", "--html", str(page))
    order = ["begin{align*}", "Parameters\n", "agrees with", f"Page: {page}"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]
    html = page.read_text(encoding="utf-8")
    fragment = html[html.index('<div class="backlit">') : html.index("\n</main>")]
    assert len(ElementTree.fromstring(fragment).findall(".//div[@class='row']")) == 6 + 13 + 4


def test_a_script_runs_as_it_is_printed(tmp_path):
    script = shown("2-3-1", "--python")
    done = subprocess.run([sys.executable, "-I", "-"], input=script, capture_output=True, text=True)
    loss = re.search(r"L = mean.* number +(\S+)", shown("2-3-1", "--digits", "17"))[1]
    assert done.stdout == f"L = {loss}\n"
    file = tmp_path / "gradients.py"
    assert shown("2-3-1", "--python", "--out", str(file)) == f"Written: {file}\n"
    assert file.read_text(encoding="utf-8") == script
    narrow = shown("2-3-1", "--python", "--wrt", "W2")
    assert "dW2 = H1.T @ delta2" in narrow
    assert "dW1" not in narrow


def test_out_takes_what_would_be_printed(tmp_path):
    file = tmp_path / "derivation.txt"
    for words in ([], ["--latex"], ["--numbers", "--check"], ["--wrt", "W1[0,1]"]):
        assert shown("2-3-1", *words, "--out", str(file)) == f"Written: {file}\n"
        assert file.read_text(encoding="utf-8") == shown("2-3-1", *words)


PROGRAM = """
MATMUL    4×3×2        _1 ← X, W1                        X W1
    %11 = add(_1, b1[row])                          (1)  Z1 = X W1 + b1
    H1 = sigmoid(%11)                               (2)  H1 = σ(Z1)
MATMUL    4×1×3        _2 ← H1, W2                       H1 W2
    %11 = add(_2, b2[0])                            (3)  Z2 = H1 W2 + b2
    %11 = sigmoid(%11)                              (4)  H2 = σ(Z2)
    %10 = subtract(%11, Y)                               H2 − Y
    _4 = square(%10)                                     (H2 − Y)²
    %10 = multiply(0.5[0], %10)                     (6)  ∂L/∂H2 = 0.5 (H2 − Y)
    delta2 = sigmoid_back(%10, %11)                 (7)  δ2 = ∂L/∂Z2 = ∂L/∂H2 ⊙ H2 ⊙ (1 − H2)
MATMUL    4×3×1        dH1 ← delta2, W2             (9)  ∂L/∂H1 = δ2 W2ᵀ
    delta1 = sigmoid_back(dH1, H1)                 (11)  δ1 = ∂L/∂Z1 = ∂L/∂H1 ⊙ H1 ⊙ (1 − H1)
REDUCE    1×1×4        _5 ← _4 (sum)  ‖                  sum((H2 − Y)²)
    L = divide(_5, 4)                               (5)  L = mean((H2 − Y)²)
REDUCE    1×1×4        db2 ← delta2 (sum)           (8)  ∂L/∂b2 = sum(δ2, axis=0)
    b2_new = subtract_multiply(b2, alpha, db2)           b2 ← b2 − α ∂L/∂b2
MATMUL    3×1×4        dW2 ← H1, delta2 (aᵀ)       (10)  ∂L/∂W2 = H1ᵀ δ2
    W2_new = subtract_multiply(W2, alpha[0], dW2)        W2 ← W2 − α ∂L/∂W2
REDUCE    1×3×4        db1 ← delta1 (sum)          (12)  ∂L/∂b1 = sum(δ1, axis=0)
    b1_new = subtract_multiply(b1, alpha[0], db1)        b1 ← b1 − α ∂L/∂b1
MATMUL    2×3×4        dW1 ← X, delta1 (aᵀ)        (13)  ∂L/∂W1 = Xᵀ δ1
    W1_new = subtract_multiply(W1, alpha[0], dW1)        W1 ← W1 − α ∂L/∂W1
"""


def test_the_program_of_a_step_with_its_equations():
    text = shown("2-3-1", "--program")
    how, program = text.split("\n\n")
    assert len(how.splitlines()) == 3
    assert max(map(len, how.splitlines())) <= 100
    assert program.splitlines()[3:] == PROGRAM.strip("\n").splitlines()


def test_the_program_has_the_equations_of_its_optimizer():
    adam = shown("2-3-1", "--program", "--optimizer", "adam").splitlines()
    assert adam[-1].split("  ")[-1] == (
        "W1 ← W1 − α / c1_new · m_W1_new / (√v_W1_new (1 / √c2_new) + 1e−08)"
    )
    assert any(line.endswith(" v_W1 ← 0.999 v_W1 + 0.001 (∂L/∂W1)²") for line in adam)


TURNED = """import numpy as np
def loss(W, x):
    A = np.maximum(x @ W, 0).reshape(len(x), 2, 2)
    B = np.swapaxes(A, 1, 2)
    return np.mean(np.mean(B, axis=2) ** 2)
example = (np.ones((3, 4)), np.ones((5, 3)))
"""


def test_lines_that_no_instruction_makes_are_named(tmp_path):
    text = shown(mine(tmp_path, TURNED), "--program")
    last = text.rstrip().splitlines()[-1]
    assert re.fullmatch(r"Within another line, or only seen in another shape: (\(\d+\),? ?)+", last)
    numbers = {*re.findall(r"\((\d+)\)", last)}
    beside = {*re.findall(r"  \((\d+)\)  ", text)}
    derived = {*re.findall(r"^ +\((\d+)\)", shown(mine(tmp_path, TURNED)), re.MULTILINE)}
    assert numbers
    assert not numbers & beside
    assert numbers | beside == derived


def test_a_picture(tmp_path):
    file = tmp_path / "graph.svg"
    assert shown("2-3-1", "--svg", str(file)) == f"Picture: {file}\n"
    root = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    both = shown("2-3-1", "--svg", str(file), "--out", str(tmp_path / "text.txt"))
    assert both == f"Written: {tmp_path / 'text.txt'}\n\nPicture: {file}\n"


def test_check_answers_no_when_a_gradient_is_wrong(monkeypatch):
    from backlit.ops.activation import sigmoid

    monkeypatch.setattr(sigmoid, "vjp", lambda grad, out, x: grad * out)
    result = run("2-3-1", "--check")
    assert result.exit_code == 1
    assert "DISAGREES" in result.stdout


GOOD = """import numpy as np
def loss(w, x):
    y = x @ w
    return np.sum(y ** 2)
example = (np.ones(2), np.ones((3, 2)))
"""


def mine(tmp_path, text):
    file = tmp_path / "mine.py"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_file_alone_means_its_loss_and_may_import_its_neighbours(tmp_path):
    (tmp_path / "neighbour_of_mine.py").write_text("from numpy import square", encoding="utf-8")
    text = "from neighbour_of_mine import square\n" + GOOD.replace("y ** 2", "square(y)")
    assert "∂L/∂w" in shown(mine(tmp_path, text))
    assert "∂L/∂y = 2 y" in shown(mine(tmp_path, GOOD) + ":loss")


@pytest.mark.parametrize(
    ("text", "function", "sentence"),
    [
        (GOOD, "lss", "has no function lss. Did you mean loss?"),
        (GOOD, "zzz", "has no function zzz. It has loss."),
        ("x = 1\n", "loss", "has no function loss. It has none at all."),
        ("import numpy as np\n1 / 0\n", "loss", "mine.py, line 2: ZeroDivisionError: division by"),
        ("raise SystemExit(3)\n", "loss", "mine.py, line 1: SystemExit: 3. The file is run once"),
        ("def loss(:\n", "loss", "mine.py, line 1: SyntaxError: invalid syntax."),
        (GOOD.split("example")[0], "loss", "has no `example`. Write below loss the arguments to "
                                           "derive it on, as example = (w, x)."),
        (GOOD.replace("(np.ones(2), np.ones((3, 2)))", "3"), "loss", "`example` that is no tuple"),
        (GOOD.replace("(np.ones(2), ", "("), "loss", "has an `example` that is no tuple"),
        (GOOD.replace("(np.ones(2), ", "(1, 2, "), "loss", "holds 3 values, but loss takes 2"),
        (GOOD.replace("np.ones(2),", "np.ones(4),"), "loss", "line 3"),
        (GOOD.replace("x @ w", "wrong(w)"), "loss", "line 3: NameError: name 'wrong'"),
        (GOOD.replace("x @ w", "np.fft.fft(w)"), "loss", "line 3"),
        (GOOD.replace("np.sum(y ** 2)", "np.sum(y) if y[0] > 0 else 1"), "loss", "line 4"),
        (GOOD.replace("np.sum(y ** 2)", "y"), "loss", "a loss must be one real number"),
        (GOOD.replace("np.sum(y ** 2)", "np.sum(y) + np.random.rand()"), "loss", "np.random"),
    ],
)  # fmt: skip
def test_mistakes_in_a_file_are_sentences(tmp_path, text, function, sentence):
    result = run(f"{mine(tmp_path, text)}:{function}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert result.stderr.startswith("backlit: ")
    assert result.stderr.count("\n") == 1
    assert result.stderr.count("mine.py") <= 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["no/such.py:loss"], "no/such.py: there is no such file."),
        (["2-x-1"], "'2-x-1': expected the widths of a network, two or more, such as 2-3-1"),
        (["2-0-1"], "expected the widths"),
        (["7"], "expected the widths"),
        (["loss"], "expected the widths"),
        (["9999-9999-1"], "99,990,000 weights"),
        (["2-3-1", "--wrt", "W9"], "known: W1, b1, W2, b2"),
        (["2-3-1", "--wrt", "W1[2,0]"], "W1 has shape 2×3"),
        (["2-3-1", "--wrt", "W1["], "neither a parameter"),
        (["2-3-1", "--html", "no/such/page.html"], "the folder no/such does not exist"),
        (["2-3-1", "--svg", "no/such/graph.svg"], "the folder no/such does not exist"),
        (["2-3-1", "--python", "--out", "."], ". is not a file that can be replaced"),
        (["2-3-1", "--html", "."], ". is not a file that can be replaced"),
        ([f"{MAZUR}:loss", "--rows", "5"], "--rows is for a network given by its widths"),
        (["2-3-1", "--digits", "0"], "--digits"),
        (["2-3-1", "--loss", "mape"], "--loss"),
        (["2-3-1", "--program", "--wrt", "W1"], "--program goes without --wrt"),
        (["2-3-1", "--optimizer", "adam"], "--optimizer with --program"),
        ([f"{MAZUR}:loss", "--program"], "value 4 of `example` is one number"),
    ],
)
def test_mistakes_are_sentences(words, sentence):
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr


def test_a_page_that_cannot_be_finished_leaves_the_old_one(tmp_path, monkeypatch):
    page = tmp_path / "page.html"
    page.write_text("old", encoding="utf-8")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    result = run("2-3-1", "--html", str(page))
    assert result.exit_code == 2
    assert "page.html cannot be written: No space left on device." in result.stderr
    assert page.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_a_rate_is_not_passed_over_beside_other_forms():
    for form in ("--latex", "--python"):
        assert "after this step" in shown("2-2-1", form, "--numbers", "--rate", "0.5")
        refused = run("2-2-1", form, "--rate", "0.5")
        assert refused.exit_code == 2
        assert "add --numbers or --html" in refused.stderr
