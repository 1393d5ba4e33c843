"""Sentence boundaries of raw abstracts, as offsets.

Abstracts lose the space after a full stop ("semi-metric data.Error analyses"), break lines inside quantities and
are full of "e.g.", "et al." and decimals, so a boundary needs an end mark, no abbreviation before it, and what looks
like a new sentence after it.
"""

from functools import lru_cache

import regex

# Words after which a full stop does not end the sentence.
_ABBREVIATIONS = (
    "e.g i.e et al cf vs viz resp approx ca Fig Figs Sec Sect Eq Eqs Eqn Ref Refs Tab No Nos Vol Dr Prof Mr Mrs Ms St "
    "w.r.t a.k.a aka min max avg incl excl est Inc Corp Ltd Jr Sr Nat Phys Proc"
).split()

_BOUNDARY = regex.compile(
    r"""
      (?<!\b(?:\L<abbreviations>))(?<!\b\p{Lu})   # no abbreviation and no initial before the mark
      [.!?]["')\]}’”]*\s+(?=["'(\[$\\“‘]*[\p{Lu}\d]|["'(\[“‘]*[$\\]|[a-z][\w-]*[A-Z0-9])
    | (?<=\b(?:etc|al))\.\s+(?=(?:We|In|The|This|Our|It|To|However|These|Results|Experiments)\b)
    | (?<=\p{Ll}{2}|\)|\d%|\}\$)\.(?=\p{Lu}\p{Ll}+\s)  # lost space: "data.Error analyses"
    | [.!?]["')\]]*\s*\n\s*\n\s*
    """,
    regex.VERBOSE,
    abbreviations=_ABBREVIATIONS,
)


@lru_cache(maxsize=64)
def split(text: str) -> tuple[tuple[int, int], ...]:
    """The [start, end) of every sentence of `text`, in order; white space between them belongs to none."""
    bounds = []
    start = 0
    for mark in _BOUNDARY.finditer(text):
        end = mark.start() + len(mark.group().rstrip())
        bounds.append((start, end))
        start = mark.end()
    bounds.append((start, len(text.rstrip())))
    return tuple((s + _indent(text, s, e), e) for s, e in bounds if text[s:e].strip())


def sentence_at(text: str, offset: int) -> tuple[int, int]:
    """The sentence that holds `offset`, or the last one that begins before it."""
    found = (0, len(text))
    for start, end in split(text):
        if start > offset:
            break
        found = (start, end)
    return found


def _indent(text: str, start: int, end: int) -> int:
    part = text[start:end]
    return len(part) - len(part.lstrip())
