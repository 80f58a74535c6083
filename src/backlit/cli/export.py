"""``backlit export model.safetensors --onnx m.onnx``: a model for other programs."""

from pathlib import Path
from typing import Any

import click

from ..files import check_writable, write_whole
from ..models import load
from ..onnx import to_onnx
from ..tables.values import shown
from . import machine, table_arguments


@click.command()
@table_arguments.model
@click.option(
    "--onnx", "out", required=True, type=click.Path(path_type=Path), help="Write this .onnx file."
)
@table_arguments.machine
def export(model: Path, out: Path, as_json: bool) -> None:
    """Write a trained model as ONNX, which onnxruntime and others run without backlit.

    The file takes the columns as they are, dates as days since 1970, any number of rows, and
    answers as predict does; that of an estimator takes one input, X (N, features). It needs
    the package onnx: pip install 'backlit[onnx]'.

    \b
    backlit export penguins.safetensors --onnx penguins.onnx
    """
    check_writable(out, ".onnx", reads=[model])
    made = to_onnx(load(model))
    content = made.SerializeToString(deterministic=True)
    write_whole(out, content)
    if as_json:
        told = {
            "file": str(out),
            "bytes": len(content),
            "inputs": {value.name: tensor(value) for value in made.graph.input},
            "outputs": {value.name: tensor(value) for value in made.graph.output},
        }
        click.echo(machine.text(told))
        return
    click.echo(f"Wrote    {out}, {len(content):,} bytes")
    for word, values in (("Inputs", made.graph.input), ("Outputs", made.graph.output)):
        for i, value in enumerate(values):
            click.echo(f"{word * (i == 0):<8} {shown(value.name)}  {tensor(value)}")


def tensor(value: Any) -> str:
    """``float64 (N, 1)``"""
    from onnx import TensorProto, helper

    kind, dims = value.type.tensor_type.elem_type, value.type.tensor_type.shape.dim
    text = kind == TensorProto.STRING
    dtype = "text" if text else helper.tensor_dtype_to_np_dtype(kind).name
    sizes = [dim.dim_param or str(dim.dim_value) for dim in dims]
    return f"{dtype} ({', '.join(sizes)}{',' * (len(sizes) == 1)})"
