"""Tables for the tests, as CSV: penguins drawn at random, digits, quantities."""

import csv
import io

import numpy as np

from backlit.data import digits
from backlit.tables import read_table

_ISLANDS = ("Torgersen", "Biscoe", "Dream")
_PENGUINS = (  # species, rows, islands; means and standard deviations of bill length and depth,
    # flipper, mass (Gorman, Williams and Fraser 2014)
    ("Adelie", 152, _ISLANDS, (38.8, 18.3, 190, 3700), (2.7, 1.2, 6.5, 459)),
    ("Chinstrap", 68, ("Dream",), (48.8, 18.4, 195.8, 3733), (3.3, 1.1, 7.1, 384)),
    ("Gentoo", 124, ("Biscoe",), (47.5, 15.0, 217, 5076), (3.1, 1.0, 6.5, 504)),
)
PENGUIN_NAMES = "species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex"


def as_csv(names, rows):
    """The text of a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([names, *rows])
    return text.getvalue()


def penguins(seed=0):
    """344 rows like the Palmer penguins: mixed columns, 10 sexes and 2 rows of measures missing."""
    rng = np.random.default_rng(seed)
    rows = []
    for species, count, islands, means, scales in _PENGUINS:
        for i in range(count):
            length, depth, flipper, mass = rng.normal(means, scales)
            measures = f"{length:.1f}", f"{depth:.1f}", f"{flipper:.0f}", f"{mass:.0f}"
            sex = "NA" if i % 34 == 0 else rng.choice(["male", "female"])
            rows.append([species, islands[i % len(islands)], *measures, sex])
    for i in (3, 271):
        rows[i][2:6] = ["NA"] * 4
    return as_csv(PENGUIN_NAMES.split(","), rows)


def digit_table():
    """1,797 rows of 64 pixels, 0 to 16, and the digit."""
    data = digits()
    rows = np.column_stack([(data.pixels * 16).astype(int), data.labels])
    return as_csv([*(f"pixel{i}" for i in range(64)), "digit"], rows)


def quantities(rows=400, seed=0):
    """y = sin(a b) + c² − d + noise: no line follows it."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-2, 2, (rows, 4))
    a, b, c, d = X.T
    y = np.sin(a * b) + c**2 - d + 0.1 * rng.normal(size=rows)
    return as_csv(["a", "b", "c", "d", "y"], np.column_stack([X, y]).round(4))


def reader(folder):
    """A function: the text of a CSV file → the table that is read from it."""

    def read(text):
        path = folder / f"{abs(hash(text))}.csv"
        path.write_text(text, encoding="utf-8")
        return read_table(path)

    return read
