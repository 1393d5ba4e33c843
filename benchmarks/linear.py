"""Time of extraction on hostile input of growing size: it must grow in step with the text.

    python benchmarks/linear.py [--sizes 1000 10000 100000 1000000] [--only NAME ...] [--limit SECONDS]

Every input is measured three times: as an abstract, as an abstract with the caps `MAX_TEXT` and
`MAX_NUMBERS` lifted, so that a cap hides nothing, and as the title of a short abstract. The exit status is 1
when an input grows clearly faster than its size, fails, or runs past the limit.
"""

from __future__ import annotations

import argparse
import multiprocessing as mp
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf, nan
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

SIZES = (1_000, 10_000, 100_000, 1_000_000)
# Ten times the text may take ten times as long; twice that leaves room for caches and noise.
MAX_GROWTH = 20.0
# CPU seconds below which growth is start-up effects and clock noise.
FLOOR = 0.25
# CPU seconds below which the best of three runs counts.
_REPEATS_BELOW = 0.1
MODES = ("abstract", "uncapped", "title")
# Both caps far above the largest input.
_NO_CAP = 10**9
_SHORT = "Our method is 3x faster than before."


def _filled(piece: str, *, before: str = "", after: str = "") -> Callable[[int], str]:
    """A maker of texts of a size: `piece` as often as it fits between `before` and `after`."""
    return lambda size: before + piece * max(1, (size - len(before) - len(after)) // len(piece)) + after


def _nested(opening: str, inside: str, closing: str) -> Callable[[int], str]:
    """A maker of texts of a size: `opening` and `closing` nested as deep as they fit around `inside`."""

    def make(size: int) -> str:
        depth = max(1, (size - len(inside)) // (len(opening) + len(closing)))
        return opening * depth + inside + closing * depth

    return make


def _numbers(size: int) -> str:
    """Different numbers in one sentence: 10,000 of them in about 60 KB."""
    parts: list[str] = []
    length = 0
    while length < size:
        parts.append(str(10_007 * (len(parts) + 1) % 99_991))
        length += len(parts[-1]) + 2
    return "We measure " + ", ".join(parts) + " ms."


INPUTS: dict[str, Callable[[int], str]] = {
    "digits": _filled("9"),
    "digits spaced": _filled("9 "),
    "digits grouped": _filled("999,"),
    "digits dotted": _filled("9."),
    "dollars": _filled("$"),
    "dollars nested": _nested("$a ", "3", " b$"),
    "dollars priced": _filled("$3 and "),
    "braces nested": _nested("{", "3", "}"),
    "braces open": _filled("{"),
    "brackets open": _filled("("),
    "brackets mixed": _filled("([{"),
    "times": _filled("\\times"),
    "times numbered": _filled("3\\times "),
    "backslashes": _filled("\\"),
    "modifiers": _filled("up to about over ", after="3x."),
    "modifiers numbered": _filled("up to about 3x "),
    "numbers listed": _numbers,
    "percents listed": _filled("3%, ", before="It improves accuracy by "),
    "counts listed": _filled("3 cats and "),
    "ranges chained": _filled("1-", after="1"),
    "ranges spelled": _filled("from 1 to "),
    "ranges between": _filled("between 1 and "),
    "ratios": _filled("3x "),
    "ratios opposed": _filled("3% vs. "),
    "units unknown": _filled("3 zorkmids "),
    "rates": _filled("3 GB/s/s/s"),
    "powers": _filled("10^"),
    "powers braced": _filled("10^{", after="5"),
    "spreads": _filled("±"),
    "spreads numbered": _filled("3±"),
    "letters": _filled("a"),
    "capitals": _filled("A"),
    "hyphenated": _filled("very-", after="long 3x"),
    "sentences": _filled("A. "),
    "sentences numbered": _filled("It is 3x faster. "),
    "ends": _filled("."),
    "of": _filled("of ", after="3"),
    "commas": _filled(","),
    "metrics": _filled("throughput and latency ", before="We improve ", after="by 3x"),
    "verbs": _filled("we improve accuracy by ", after="3%"),
    "own method": _filled("our method achieves 3% and "),
    "spaces": _filled(" ", before="3", after="x"),
    "newlines": _filled("\n", before="3", after="x"),
    "tabs": _filled("\t", before="3.", after="x"),
    "spaces at sentence ends": _filled("3. \n\n"),
    "combining marks": _filled("\u0301", before="3x e"),
    "right to left": _filled("٣ مرات أسرع "),
    "emoji": _filled("🚀3x"),
    "zero width": _filled("3\u200bx\u200d"),
    "dotted capital I": _filled("İ3x İ "),
    "long s": _filled("3 thouſandſ "),
}


@dataclass(frozen=True, slots=True)
class Times:
    """CPU seconds of one input for each size, up to the first that failed; inf past the limit."""

    name: str
    mode: str
    seconds: tuple[float, ...]
    error: str = ""

    def growth(self) -> float:
        """The growth from the last size but one to the last; nan without two times."""
        return self.seconds[-1] / self.seconds[-2] if len(self.seconds) > 1 and self.seconds[-2] > 0 else nan

    def too_much(self, sizes: Sequence[int]) -> bool:
        """Whether any step took clearly more than the text grew, above the floor of what can be measured."""
        allowed = MAX_GROWTH / 10
        steps = zip(self.seconds, self.seconds[1:], sizes, sizes[1:], strict=False)
        return bool(self.error) or any(b > FLOOR and b > a * allowed * (t / s) for a, b, s, t in steps)


class Worker:
    """A process that extracts, so that an input that runs away can be ended; its mode is one of `MODES`."""

    def __init__(self, *, mode: str) -> None:
        self.mode = mode
        self._start()

    def _start(self) -> None:
        self._pipe, other = mp.Pipe()
        self._process = mp.Process(target=_serve, args=(other, self.mode), daemon=True)
        self._process.start()
        other.close()  # so that a worker that does not start is an error, not a wait
        self._pipe.recv()  # ready, with the rules loaded

    def seconds(self, text: str, limit: float) -> float | str:
        """CPU seconds that `text` took, inf past the limit (in seconds of the clock), or the error's text."""
        self._pipe.send(text)
        if self._pipe.poll(limit):
            answer: float | str = self._pipe.recv()
            return answer
        self.close()
        self._start()
        return inf

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()


def _serve(pipe: Connection, mode: str) -> None:
    from extractor import pipeline

    if mode == "uncapped":
        _lift_caps()
    records = pipeline.default().records
    run = (lambda text: records(_SHORT, text)) if mode == "title" else records
    run(_SHORT)
    pipe.send("ready")
    while True:
        pipe.send(_timed(run, pipe.recv()))


def _lift_caps() -> None:
    from extractor import pipeline, quantities

    for module in (pipeline, quantities):
        for cap in ("MAX_TEXT", "MAX_NUMBERS"):
            if hasattr(module, cap):
                setattr(module, cap, _NO_CAP)


def _timed(run: Callable[[str], object], text: str) -> float | str:
    best = inf
    for _ in range(3):
        began = time.process_time()
        try:
            run(text)
        except Exception as error:  # what fails is a finding of this benchmark, not its end
            return f"{type(error).__name__}: {error}"
        best = min(best, time.process_time() - began)
        if best > _REPEATS_BELOW:
            break
    return best


def measure(name: str, worker: Worker, *, sizes: Sequence[int], limit: float) -> Times:
    """The times of one input, size by size, up to the first size that fails or runs past the limit."""
    seconds: list[float] = []
    for size in sizes:
        answer = worker.seconds(INPUTS[name](size), limit)
        if isinstance(answer, str):
            return Times(name, worker.mode, tuple(seconds), f"{size:,} characters: {answer[:100]}")
        seconds.append(answer)
        if answer == inf:
            return Times(name, worker.mode, tuple(seconds), f"{size:,} characters: more than {limit:g} s")
    return Times(name, worker.mode, tuple(seconds))


def measure_all(names: Sequence[str], *, sizes: Sequence[int], limit: float) -> Iterator[Times]:
    """The times of the named inputs in each mode."""
    for mode in MODES:
        worker = Worker(mode=mode)
        for name in names:
            yield measure(name, worker, sizes=sizes, limit=limit)
        worker.close()


def line(times: Times, sizes: Sequence[int]) -> str:
    """One row of the table."""
    missing = len(sizes) - len(times.seconds)
    cells = [f"{s:>11.4f}" for s in times.seconds] + [f"{'-':>11}"] * missing
    growth = "" if missing else f"{times.growth():.1f}"
    verdict = times.error or ("superlinear" if times.too_much(sizes) else "")
    return f"{times.name:<24} {times.mode:<8} {' '.join(cells)} {growth:>6}  {verdict}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say by the exit status whether all inputs are linear."""
    parser = argparse.ArgumentParser(description="time of extraction on hostile input of growing size")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="characters, ascending")
    parser.add_argument("--only", nargs="+", choices=INPUTS, default=tuple(INPUTS), metavar="NAME")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds that one text may take")
    options = parser.parse_args(arguments)
    sizes = " ".join(f"{size:>11,}" for size in options.sizes)
    print(f"{'input':<24} {'as':<8} {sizes} growth  (CPU seconds)")
    bad = 0
    for times in measure_all(options.only, sizes=options.sizes, limit=options.limit):
        print(line(times, options.sizes), flush=True)
        bad += times.too_much(options.sizes)
    print(f"{bad} of {len(MODES) * len(options.only)} measurements are superlinear or failed")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
