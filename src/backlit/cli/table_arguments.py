"""What the verbs on tables are given in common."""

from pathlib import Path

import click

from ..tables.read import DELIMITERS

_PATH = click.Path(path_type=Path)

model = click.argument("model", metavar="MODEL.SAFETENSORS", type=_PATH)
table = click.argument("table", metavar="TABLE", type=_PATH)
delimiter = click.option(
    "--delimiter", type=click.Choice([*DELIMITERS]), help="Between values.  [default: found]"
)
machine = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, for other programs, and nothing else."
)
