"""arXiv identifiers and DOIs, without the prefixes that they travel with."""

from __future__ import annotations

import re

_ARXIV = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html)/|arxiv:\s*)(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})",
    re.IGNORECASE,
)
_DOI = re.compile(r"10\.\d{4,9}/\S+")


def arxiv_id(text: str) -> str | None:
    """The identifier in an address or after `arXiv:`, without version: `2404.16710`, `hep-th/9901001`."""
    match = _ARXIV.search(text)
    return match["id"] if match else None


def arxiv_url(identifier: str) -> str:
    """The address of the abstract page."""
    return f"https://arxiv.org/abs/{identifier}"


def doi(text: str) -> str | None:
    """The first DOI in `text`, without `doi:` or `https://doi.org/`."""
    match = _DOI.search(text)
    return match[0] if match else None
