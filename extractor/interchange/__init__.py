"""Labelled documents in the formats of other tools: Label Studio, brat, spaCy DocBin and MeasEval.

`graph` turns a document's claims into spans and links and back, which is what annotation tools know; `label_studio` and
`brat` write and read them in their own way. `docbin` only writes, `measeval` only reads.
"""

from extractor.interchange.graph import InterchangeError

__all__ = ["InterchangeError"]
