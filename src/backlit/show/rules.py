"""Where a backward line comes from: the forward line, and the rules of its operations."""

from itertools import compress

from ..ir.build import Builder
from ..ir.graph import Eqn, Graph, Var
from .document import Document, Line, written
from .notation import TEXT, Notation

_RULES, _LONGEST = 3, 90  # rules of one forward line that are written out, and their characters
_SHORT = 30  # characters of a note that may be told again and again


def target(document: Document, line: Line) -> Var | None:
    """The forward Var whose cotangent a backward line defines."""
    return document.targets.get(line.out.name)


def origin(document: Document, line: Line) -> list[tuple[Line, list[Eqn]]]:
    """The forward lines a backward line differentiates, each with the equations on the way.

    Within a forward line, the way leads from the line's result to the equation differentiated;
    what an unnamed line above (t1, t2, …) has done of it is left out.
    """
    above = [document.where.get(x) for e in line.equations for x in e.inputs]  # type: ignore[arg-type]
    unnamed = [x for x in above if x and x is not line and not x.out.named]
    done = {e.out for x in unnamed for way in _ways(document, x).values() for e in way}
    done -= {e.out for e in line.because}
    return [
        (forward, [e for e in way if e.out not in done])
        for forward, way in _ways(document, line).items()
    ]


def _ways(document: Document, line: Line) -> dict[Line, list[Eqn]]:
    found: dict[Line, list[Eqn]] = {}
    for eqn in line.because:
        forward = document.line_of(eqn)
        if forward is not None:
            way = found.setdefault(forward, [])
            way += [e for e in _way(forward, eqn) if e.out not in {known.out for known in way}]
    return found


def _way(line: Line, eqn: Eqn) -> list[Eqn]:
    """From the equation that defines the line down to `eqn`."""
    way = [eqn]
    for above in line.equations:
        if way[0].out in above.inputs:
            way.insert(0, above)
    return way


def rule(
    eqn: Eqn,
    to: Var | None = None,
    notation: Notation = TEXT,
    letters: tuple[str, str] = ("x", "y"),
) -> str:
    """The backward rule of an equation's op in words of its signature: ``grad ⊙ out ⊙ (1 − out)``.

    With `to`, only what is passed to that input. "" if nothing is passed: a flat op. `letters`
    stand for the x and y of the signature.
    """
    builder = Builder()
    grad, out = (builder.input(name, eqn.out, "cotangent") for name in ("grad", "out"))
    x, y = letters
    names = [{"x": x, "y": y}.get(name, name) for name in eqn.op.inputs]
    if eqn.op.variadic:
        names = [f"{x}{i}" for i in range(len(eqn.inputs))]
    inputs = [
        builder.input(name, x, "value") if isinstance(x, Var) or x.shape else x.value
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
    if not wanted:
        return ""
    texts = [notation.formula(written(graph, end, notation)) for end in graph.outputs]
    if len(inputs) == 1:
        return f"{eqn.op.name}: {texts[0]}"
    ends = [f"to {names[i]}: {text}" for i, text in zip(wanted, texts, strict=True)]
    return f"{eqn.op.name}, {', '.join(ends)}"


def origin_text(document: Document, line: Line, notation: Notation = TEXT) -> str:
    """``from (6) sigmoid: grad ⊙ out ⊙ (1 − out)``, the line's origin and rules in words.

    A rule that hands its cotangent on unchanged is not mentioned.
    """
    origins: dict[str, list[str]] = {}  # rules → the lines they are applied to
    every = origin(document, line)
    ends = {target(document, line), *(forward.out for forward, _ in every)}
    for forward, way in every:
        told = _told(forward, way, ends - {forward.out}, notation, document.letters)
        origins.setdefault(told, []).append(notation.reference(forward.number))
    words = [f"from {_listed(lines)} {told}".strip() for told, lines in origins.items()]
    notes = map(notation.prose, _notes(document, line))
    return "; ".join(filter(None, [", ".join(words), *notes]))


def _told(
    line: Line,
    way: list[Eqn],
    ends: set[Var | None],
    notation: Notation,
    letters: tuple[str, str],
) -> str:
    """The rules on the way through a line to one of `ends`; of a long way, its operations."""
    nexts: list[set[Var | None]] = [*({e.out} for e in way[1:]), ends]
    entries = [_entry(e, to, line) for e, to in zip(way, nexts, strict=True)]
    plain = [rule(e, to) for e, to in zip(way, entries, strict=True)]
    told = [text != "" and not text.endswith(": grad") for text in plain]
    if sum(told) > _RULES or len("; ".join(compress(plain, told))) > _LONGEST:
        return ", ".join(dict.fromkeys(e.op.name for e in compress(way, plain)))
    pairs = compress(zip(way, entries, strict=True), told)
    rules = [rule(e, to, notation, letters) for e, to in pairs]
    return "; ".join(dict.fromkeys(rules))


def _entry(eqn: Eqn, ends: set[Var | None], line: Line) -> Var | None:
    """The one input by which `ends` enter an equation, perhaps through others inside its line."""
    reached = {*ends}
    for inner in line.equations:
        if reached.intersection(inner.inputs):
            reached.add(inner.out)
    entries = {x for x in eqn.inputs if x in reached}
    return entries.pop() if len(entries) == 1 else None  # type: ignore[return-value]


def _notes(document: Document, line: Line) -> list[str]:
    """What its operations have to say; a long note is told once, in the backward pass if it can."""
    found = []
    for note in dict.fromkeys(e.op.note for e in line.equations if e.op.note):
        users = [x for x in document.lines if any(e.op.note == note for e in x.equations)]
        first = next((x for x in users if x.part == "backward"), users[0])
        if len(note) < _SHORT or line is first:
            found.append(note)
    return found


def proofs(document: Document) -> dict[Line, list[str]]:
    """Line → the identities that brought it into its form, each where it is used first."""
    told: set[str] = set()
    found = {}
    for line in document.lines:
        found[line] = [note for note in line.notes if note not in told]
        told.update(line.notes)
    return found


def _listed(words: list[str]) -> str:
    """``(4), (3) and (2)``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _simplified(graph: Graph) -> Graph:
    from ..passes import prune, simplify

    return prune(simplify(graph))
