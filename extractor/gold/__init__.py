"""Labelled documents: load and check them, count them, split them, compare two labellings, keep a split unseen.

`loading` reads the labelled-document format and says what is wrong in a file; `statistics`, `splitting` and
`agreement` are the commands `extractor gold stats|split|agree`; `sealed` keeps the documents of a split unseen and
logs each look at it.
"""

from extractor.gold.loading import Fault, GoldError, check, load, locate, occurrences, resolve, to_line

__all__ = ["Fault", "GoldError", "check", "load", "locate", "occurrences", "resolve", "to_line"]
