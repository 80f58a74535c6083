"""Where a backward line comes from: the forward line, and the rules of its operations."""

from ..ir.build import Builder
from ..ir.graph import Eqn, Graph, Var
from .document import Document, Line, written
from .notation import TEXT, Notation

_RULES = 2  # rules of one forward line that are written out


def target(document: Document, line: Line) -> Var | None:
    """The forward Var whose cotangent a backward line defines."""
    return document.targets.get(line.out.name)


def origin(document: Document, line: Line) -> list[tuple[Line, list[Eqn]]]:
    """The forward lines a backward line differentiates, each with the equations on the way.

    Within a forward line, the way leads from the line's result to the equation differentiated.
    """
    found: dict[Line, list[Eqn]] = {}
    for eqn in line.because:
        forward = document.line_of(eqn)
        if forward is None:
            continue
        way = found.setdefault(forward, [])
        way += [e for e in _way(forward, eqn) if e not in way]
    return list(found.items())


def _way(line: Line, eqn: Eqn) -> list[Eqn]:
    """From the equation that defines the line down to `eqn`."""
    way = [eqn]
    for above in line.equations:
        if way[0].out in above.inputs:
            way.insert(0, above)
    return way


def rule(eqn: Eqn, to: Var | None = None, notation: Notation = TEXT) -> str:
    """The backward rule of an equation's op in words of its signature: ``grad ⊙ out ⊙ (1 − out)``.

    With `to`, only what is passed to that input.
    """
    builder = Builder()
    grad, out = (builder.input(name, eqn.out, "cotangent") for name in ("grad", "out"))
    names = eqn.op.inputs if not eqn.op.variadic else [f"x{i}" for i in range(len(eqn.inputs))]
    inputs = [
        builder.input(name, x, "value") if isinstance(x, Var) else x.value
        for name, x in zip(names, eqn.inputs, strict=False)
    ]
    with builder.active():
        answers = eqn.op.cotangents(grad, out, inputs, **eqn.settings)
        wanted = [
            i
            for i, (x, answer) in enumerate(zip(eqn.inputs, answers, strict=False))
            if answer is not None and isinstance(x, Var) and (to is None or x is to)
        ]
        graph = _simplified(builder.finish([answers[i] for i in wanted]))
    texts = [written(graph, end, notation) for end in graph.outputs]
    if len(inputs) == 1:
        return f"{eqn.op.name}: {texts[0]}"
    ends = [f"to {names[i]}: {text}" for i, text in zip(wanted, texts, strict=True)]
    return f"{eqn.op.name}, {', '.join(ends)}"


def origin_text(document: Document, line: Line) -> str:
    """``from (6) sigmoid: grad ⊙ out ⊙ (1 − out)``, the line's origin and rules in words.

    A rule that hands its cotangent on unchanged is not mentioned.
    """
    words = []
    for forward, way in origin(document, line):
        inner = [*[e.out for e in way[1:]], target(document, line)]
        rules = [rule(e, to if to in e.inputs else None) for e, to in zip(way, inner, strict=True)]
        told = [text for text in rules if not text.endswith(": grad")]
        if len(told) > _RULES:  # a long way: its operations by name
            told = [", ".join(dict.fromkeys(e.op.name for e in way))]
        words.append(f"from ({forward.number}) {'; '.join(told)}".strip())
    notes = dict.fromkeys(e.op.note for e in line.equations if e.op.note)
    return "; ".join(filter(None, [", ".join(words).strip(), *notes]))


def _simplified(graph: Graph) -> Graph:
    from ..passes import prune, simplify

    return prune(simplify(graph))
