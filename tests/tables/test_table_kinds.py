"""Parquet files, data frames and dates: columns with types, and files larger than memory."""

import datetime as dt
import sys

import numpy as np
import pytest

from backlit.errors import InputError
from backlit.tables import Table, load_model, prepare, read_table, save_model, table, train
from backlit.tables.columns import DAY, WEEK, YEAR, Category, Date, Flag, Number, Omitted
from backlit.tables.gather import cells_of
from backlit.tables.kinds import kind_of
from backlit.tables.report import model_report, summary

from .samples import penguins, quantities

pl = pytest.importorskip("polars")

CLOCK = [dt.datetime(2024, 3, 1), None, dt.datetime(2024, 3, 2, 12, 30)]
TYPED = pl.DataFrame(
    {
        "n": [1, 2, None],
        "f": [0.5, float("nan"), float("inf")],
        "s": [" x", None, "y"],
        "c": pl.Series(["u", None, "v"], dtype=pl.Categorical),
        "b": [True, None, False],
        "d": [t and t.date() for t in CLOCK],
        "t": CLOCK,
        "z": pl.Series(CLOCK).dt.replace_time_zone("Europe/Zurich"),
        "p": [dt.timedelta(seconds=90), None, dt.timedelta(days=1)],
        "l": [[1], None, [2, 3]],
    }
)


def in_parquet(tmp_path, frame, name="t.parquet", **settings):
    path = tmp_path / name
    frame.write_parquet(path, **settings)
    return read_table(path)


def shown(cells):
    """Texts, numbers, days and gaps of a column."""
    rows = range(len(cells))
    return [*map(cells.text, rows)], *(
        [None if np.isnan(x) else x for x in values] for values in (cells.numbers(), cells.days())
    )


@pytest.mark.parametrize("make", ["parquet", "polars", "pandas", "pyarrow"])
def test_types_are_kept(tmp_path, make):
    if make == "parquet":
        found = in_parquet(tmp_path, TYPED)
    else:
        pytest.importorskip("pyarrow")  # polars needs it for both others
        pytest.importorskip(make)
        frames = {"polars": TYPED.clone, "pandas": TYPED.to_pandas, "pyarrow": TYPED.to_arrow}
        found = Table.from_frame(frames[make]())
    assert (found.names, len(found)) == (tuple("nfscbdtzpl"), 3)
    none = [None] * 3
    assert shown(found["n"]) == (["1", "2", ""], [1, 2, None], none)
    assert shown(found["f"]) == (["0.5", "", "inf"], [0.5, None, None], none)
    assert found["f"].missing().tolist() == [False, True, False]
    assert shown(found["s"])[0] == ["x", "", "y"]
    assert shown(found["c"])[0] == ["u", "", "v"]
    assert shown(found["b"])[0] == ["True", "", "False"]
    day = 19783
    assert shown(found["d"])[2] == [day, None, day + 1]
    for name in "tz":
        assert shown(found[name]) == (
            ["2024-03-01", "", "2024-03-02 12:30:00"], none, [day, None, day + 1 + 12.5 / 24],
        )  # fmt: skip
    assert shown(found["p"])[1] == [90, None, 86400]
    assert shown(found["l"])[0][1] == ""


@pytest.mark.parametrize(("make", "target"), [(penguins, "species"), (quantities, "y")])
def test_parquet_csv_and_frames_teach_the_same_model(tmp_path, monkeypatch, make, target):
    (tmp_path / "t.csv").write_text(make(), encoding="utf-8")
    frame = pl.read_csv(tmp_path / "t.csv", null_values="NA")
    first = train(read_table(tmp_path / "t.csv"), target, epochs=2)
    monkeypatch.setattr(table, "ROWS", 50)
    tables = in_parquet(tmp_path, frame, row_group_size=70), Table.from_frame(frame)
    for i, typed in enumerate(tables):
        save_model(tmp_path / f"{i}.safetensors", train(typed, target, epochs=2).model)
    save_model(tmp_path / "csv.safetensors", first.model)
    expected = (tmp_path / "csv.safetensors").read_bytes()
    assert all((tmp_path / f"{i}.safetensors").read_bytes() == expected for i in range(2))
    np.testing.assert_array_equal(
        first.model.predict(tables[0])[0], first.model.predict(read_table(tmp_path / "t.csv"))[0]
    )


def test_a_parquet_file_is_read_by_columns_and_blocks(tmp_path):
    frame = pl.DataFrame({"a": range(1000), "b": ["x", "y"] * 500})
    found = in_parquet(tmp_path, frame, row_group_size=300)
    blocks = [*found.blocks(["b", "a"], 128)]
    assert sum(len(b) for b, _ in blocks) == 1000
    assert max(len(b) for b, _ in blocks) <= 128
    assert np.concatenate([a.numbers() for _, a in blocks]).tolist() == [*range(1000)]
    assert found["b"].counts() == {"x": 500, "y": 500}
    assert found.columns == ()  # nothing is held


def test_missing_columns_are_named_and_rows_may_be_none(tmp_path, monkeypatch):
    monkeypatch.setattr(prepare, "ROWS", 7)  # what is unusual is added up over the blocks
    frame = pl.DataFrame({"a": range(40), "b": [0.5, 1.5] * 20, "y": ["u", "v"] * 20})
    model = train(in_parquet(tmp_path, frame), "y", epochs=1).model
    with pytest.raises(InputError, match=r"t\.parquet has no column 'a', which the model reads"):
        model.predict(in_parquet(tmp_path, frame.drop("a")))
    new = frame.with_columns(b=pl.Series(["odd", "strange"] * 20))
    assert model.predict(in_parquet(tmp_path, new))[1] == [
        "b: 40 values, such as 'odd', 'strange': no number; taken as missing",
        "b: 40 missing, though none was in training; taken as the median",
    ]
    assert model.predict(in_parquet(tmp_path, frame.head(0)))[0].shape == (0, 2)


def test_what_is_no_parquet_file_or_frame_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "t.parquet"
    TYPED.write_parquet(path)
    whole = path.read_bytes()
    for broken in (whole[:-100], b"PAR1", whole[:4] + bytes(len(whole) - 8) + whole[-4:]):
        path.write_bytes(broken)
        with pytest.raises(InputError, match=r"t\.parquet cannot be read as a Parquet file: "):
            read_table(path)
    for wrong in ([1, 2], {"a": [1]}, TYPED.lazy(), None):
        with pytest.raises(InputError, match="is no data frame"):
            Table.from_frame(wrong)
    with pytest.raises(InputError, match="columns 1 and 2 are both called 'a'"):
        Table.from_frame(pl.DataFrame({"a": [1], " a": [2]}))
    with pytest.raises(InputError, match="has no columns"):
        Table.from_frame(pl.DataFrame())
    path.write_bytes(whole)
    for module in ("polars", "narwhals"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            with pytest.raises(InputError, match=r"pip install 'backlit\[data\]'"):
                read_table(path)["n"]


def dates(*texts):
    return kind_of("d", cells_of(texts))


def test_dates_are_days_and_the_cycles_that_tell_something():
    found = dates("2024-03-01", "2024-03-03", "2024-03-08")
    assert isinstance(found, Date)
    assert (found.median, found.mean, found.periods) == (19785, 19786, (WEEK,))
    coded, notes = found.encode(cells_of(["2024-03-05", "", "soon"]))
    days = np.array([19787, 19785, 19785])
    angle = 2 * np.pi * (days % 7) / 7
    expected = [(days - 19786) / found.scale, np.sin(angle), np.cos(angle)]
    np.testing.assert_allclose(coded, np.transpose(expected), atol=1e-12)
    assert [str(note) for note in notes] == [
        "'soon': no date; taken as missing",
        "2 missing, though none was in training; taken as the median",
    ]


@pytest.mark.parametrize(
    ("texts", "periods"),
    [
        (["2024-03-01", "2024-03-08", "2024-03-15"], ()),
        (["2023-03-03", "2024-03-08", "2024-03-15"], (YEAR,)),
        (["2024-03-01 08:00", "2024-03-01 09:00"], (DAY,)),
        (["2023-03-01 08:00", "2024-03-03 09:00"], (YEAR, WEEK, DAY)),
        (["2024-03-01", "2024-03-01T00:00:00", "", "2024-03-02"], (WEEK,)),
    ],
)
def test_cycles(texts, periods):
    found = dates(*texts)
    assert found.periods == periods
    assert found.indicator is ("" in texts)
    assert found.encode(cells_of(texts))[0].shape == (len(texts), found.width)


def test_what_is_a_date_and_what_is_not():
    assert isinstance(dates("2024-03-01", "2024-03-01"), Omitted)
    assert isinstance(dates(*["2024-03-01"] * 9, "2024-03-02", "never"), Date)
    assert isinstance(dates("2024-03-01", "x", "2024-03-01", "x"), Category)
    assert isinstance(dates("2024", "2023"), Number)
    assert isinstance(dates("true", "false"), Flag)
    for wrong in ((0.0, ()), (1.0, (0.0,))):
        with pytest.raises(ValueError, match="must be > 0"):
            Date("d", 0.0, 0.0, *wrong, False)


def test_dates_are_learnt_from_recorded_and_reported(tmp_path):
    rng = np.random.default_rng(0)
    days = rng.integers(18000, 20000, 400)
    names = [str(np.datetime64(int(day), "D")) for day in days]
    season = np.sin(2 * np.pi * days / 365.2425)
    frame = pl.DataFrame({"when": names, "y": season.round(4)})
    frame.write_csv(tmp_path / "t.csv")
    done = train(read_table(tmp_path / "t.csv"), "y", epochs=60)
    assert done.model.about.scores.network.r2.value > 0.95
    said = " ".join(summary(done).split())
    assert (
        "dates, as days since 1970, standardised; sine and cosine of the time of year, the" in said
    )
    save_model(tmp_path / "m.safetensors", done.model)
    model = load_model(tmp_path / "m.safetensors")
    assert model.about == done.model.about
    assert "sin and cos of 2π days / 365.243, sin and cos of 2π days / 7" in model_report(model)
    typed = in_parquet(tmp_path, frame.with_columns(pl.col("when").str.to_date()))
    np.testing.assert_array_equal(
        model.predict(typed)[0], model.predict(read_table(tmp_path / "t.csv"))[0]
    )
