"""Math in raw text: which `$…$` hold a quantity and which a formula."""

from __future__ import annotations

import regex

_MATH = regex.compile(r"(?<!\\)\$(?P<body>[^$]{1,240}?)(?<!\\)\$|\\\((?P<body>.{1,240}?)\\\)")
# What may stand in math beside the number and its unit without making it a formula.
_PLAIN_MATH = regex.compile(
    r"\\(?:times|sim|approx|geq?|leq?|pm|mp|%|,|;|!|:|\ |mathrm|text|rm|textrm|mathbf|boldsymbol|bf|ll|gg|gtrsim|"
    r"lesssim|simeq|mu|"
    r"circ|degree|gt|lt|cdot|mathit|it|mbox|textbf|emph|operatorname|to|rightarrow|ldots|dots|sim|geqslant|leqslant|quad|"
    r"xspace|left|right|thinspace|Omega|AA|infty|uparrow|downarrow|big)(?![a-zA-Z])|"
    r"[\s{}()\[\],.;:~<>=+\-–−^*/×≈≤≥±%x\\_|'&@]"
    r"|\d|(?<![a-zA-Z])(?:ms|ns|us|s|kg|g|m|cm|mm|nm|km|GHz|MHz|kHz|Hz|GB|MB|KB|TB|Gb|Mb|W|mW|kW|J|mJ|pJ|eV|keV|MeV|GeV|TeV|"
    r"K|M|B|T|k|"
    r"dB|dBm|V|A|mA|mV|h|d|yr|pc|kpc|Mpc|fps|FPS|min|Gbps|Mbps|Kbps|FLOPS|TFLOPS|GFLOPS|pp|pts|and|to|or|fold|times|percent|deg|rad|hours|X"
    r")(?![a-zA-Z])"
)
# `VARIABLE =` alone before the number is an assignment, which is a quantity of that variable.
_ASSIGNED = regex.compile(
    r"(?:\\?\p{L}+(?:[_^]\{?[\w\\]+\}?)?(?:\([\w\\]+\))?|\\(?:text|mathrm)\{[^}]*\})\s*[=<>≈~]?\s*$"
)


def math_spans(text: str) -> list[tuple[int, int, bool]]:
    """Each `$…$` of the text and whether it is plain: only numbers, units, relations, or one assignment."""
    spans = []
    position = 0
    while (match := _MATH.search(text, position)) is not None:
        body = match.group("body")
        if len(regex.findall(r"(?<![\\\p{L}])\p{L}{3,}\s+\p{L}{2,}\s+\p{L}{2,}", body)) > 0:
            position = match.start() + 1  # prose between two dollar amounts
            continue
        spans.append((*match.span(), is_plain_math(body)))
        position = match.end()
    return spans


def is_plain_math(body: str) -> bool:
    """Whether math is a quantity with its relation, `x = 3` included, and no formula."""
    relation = regex.match(
        r"(.{1,40}?)(?:=|<|>|\\(?:approx|sim|leq?|geq?|simeq|lesssim|gtrsim)(?![a-z])|≈|≤|≥|~)(?=\s*\\?[<>=~]?\s*[\d.+\-−])",
        body,
    )
    if relation and _ASSIGNED.fullmatch(relation.group(1).strip()):
        body = body[relation.end() :]
    rest = _PLAIN_MATH.sub("", body)
    return not rest and not regex.search(r"[_]|\d\s*[+*/]\s*\d|\^\s*\{?\s*-?\d+\s*/", body)
