"""A Parquet file as a table whose columns are read when they are asked for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import InputError
from .cells import Cells
from .frames import cells_of_series
from .table import ROWS, Table, check_names


class ParquetTable(Table):
    """Named columns in a file that may be larger than memory."""

    def __init__(self, path: Path) -> None:
        with _reading(path) as polars:
            self._file = polars.scan_parquet(path, glob=False)
            found = self._file.collect_schema().names()
            self._rows = self._file.select(polars.len()).collect().item()
        if not found:
            raise InputError(f"{path} has no columns.")
        names = check_names(found, str(path))
        self._found = dict(zip(names, found, strict=True))
        super().__init__(str(path), names, ())

    def __len__(self) -> int:
        return self._rows

    def __getitem__(self, name: str) -> Cells:
        return cells_of_series(frame.to_series() for frame in self._frames([name], ROWS))

    def blocks(self, names: Sequence[str], most: int = ROWS) -> Iterator[list[Cells]]:
        for frame in self._frames(names, most):
            yield [cells_of_series([series]) for series in frame.iter_columns()]

    def _frames(self, names: Sequence[str], most: int) -> Iterator[Any]:
        """So many rows of these columns at a time; of a file without rows, one frame of none."""
        with _reading(Path(self.source)):
            chosen = self._file.select([self._found[name] for name in names])
            if not self._rows:
                yield chosen.collect()
                return
            yield from chosen.collect_batches(chunk_size=most, maintain_order=True)


@contextmanager
def _reading(path: Path) -> Iterator[Any]:
    """polars; its faults become sentences."""
    try:
        import polars
    except ImportError:
        raise InputError(
            f"{path} is a Parquet file, which polars reads: pip install 'backlit[data]', or export "
            "it as CSV."
        ) from None
    try:
        yield polars
    except (OSError, polars.exceptions.PolarsError) as error:
        first = str(error).strip().splitlines()[0]
        raise InputError(f"{path} cannot be read as a Parquet file: {first}.") from None
