"""What the plain data of a run amount to: the figures that are printed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from race import OURS


@dataclass(frozen=True)
class Figure:
    """A peer in a case: the better of its runs, with one thread or with all."""

    peer: str
    library: str
    threads: int
    seconds: float  # of an epoch, the best
    us: float  # of a step
    spread: float  # how much slower its slowest round was, relative
    ratio: tuple[float, float, float] | None  # to ours: of the best; least, most of a round
    gflops: float  # of its products
    share: float  # of the peak of as many threads
    loss: float  # of the last epoch that is compared
    gap: float | None  # largest relative difference from ours; None: cannot be compared


def figures(result: dict[str, Any], peaks: list[dict[str, Any]]) -> Iterator[Figure]:
    """Of all peers that did the case, ours first."""
    case, peers = result["case"], result["peers"]
    peak = {found["threads"]: found["gflops"] for found in peaks}
    ours = None if peers[OURS]["error"] else fastest(peers[OURS])
    for name, peer in peers.items():
        if peer["error"]:
            continue
        run = fastest(peer)
        seconds = min(run["turns"])
        gflops = case["flops"] * case["steps"] / seconds / 1e9
        yield Figure(
            name,
            peer["library"],
            run["threads"],
            seconds,
            seconds / case["steps"] * 1e6,
            max(run["turns"]) / seconds - 1,
            times(run["turns"], ours["turns"]) if ours else None,
            gflops,
            gflops / peak[run["threads"]],
            run["losses"][-1],
            peer.get("gap"),
        )


def fastest(peer: dict[str, Any]) -> dict[str, Any]:
    """The better run of a peer."""
    return min(peer["runs"], key=lambda run: min(run["turns"]))


def times(turns: list[float], ours: list[float]) -> tuple[float, float, float]:
    """How many times ours: the best against the best, then the least and the most of a round."""
    rounds = [theirs / own for theirs, own in zip(turns, ours, strict=True)]
    return min(turns) / min(ours), min(rounds), max(rounds)


def strongest(found: list[Figure]) -> Figure | None:
    """The fastest of the others."""
    return min((f for f in found if f.peer != OURS), key=lambda f: f.seconds, default=None)


def mistakes(results: dict[str, Any]) -> list[str]:
    """All that went wrong, one sentence each."""
    found = [
        f"{name}, {peer}: {facts['error']}"
        for tables in (results["cases"], results["growth"])
        for name, result in tables.items()
        for peer, facts in result["peers"].items()
        if facts["error"]
    ]
    cold = results["cold"].items()
    return found + [f"cold start, {p}: {facts['error']}" for p, facts in cold if facts["error"]]


def libraries(results: dict[str, Any]) -> list[str]:
    """What ran, with versions."""
    return [*dict.fromkeys(peer["library"] for peer in _sound(results))]


def notes(results: dict[str, Any]) -> list[str]:
    """What must be said of peers whose losses are their own."""
    found = _sound(results)
    return [*dict.fromkeys(f"{p['library']} {p['note']}." for p in found if p["note"])]


def _sound(results: dict[str, Any]) -> list[dict[str, Any]]:
    every = [peer for result in results["cases"].values() for peer in result["peers"].values()]
    return [peer for peer in every if not peer["error"]]


def title(case: dict[str, Any]) -> str:
    """``784-30-10 sigmoid, half_mse, batch 10, sgd, 60,000 rows``."""
    network = f"{'-'.join(map(str, case['widths']))} {case['activation']}, {case['loss']}"
    copies = f"{case['copies']} networks of " if case["copies"] > 1 else ""
    how = f"batch {case['batch']}, {case['optimizer']}, {case['rows']:,} rows"
    return f"{copies}{network}, {how}"
