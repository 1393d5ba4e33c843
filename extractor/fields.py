"""The fields of a record that the claim model decides: type, form, direction, role, statistic, and how sure all is.

The model is told what the rules read. Their reading stands, with its evidence, unless the model finds another one
clearly more probable; then that wins, with `model-…` as evidence and the rule's cue as the place.
"""

from __future__ import annotations

from collections.abc import Mapping

from extractor.network import FIELDS, NO_CLAIM, Floats
from extractor.quantities import Evidence
from extractor.records import Record

# A number is turned away only where the model is this sure that it is no claim.
_NO_CLAIM_FROM = 0.7
# By how much another reading must be more probable than that of the rules; chosen on gold/validation.jsonl.
_AHEAD = 0.3
# Units and counts that say all there is to say of the type.
_FIRM_TYPES = frozenset(("money-units", "bits"))
# A statistic that no cue says must be this probable, and one that a cue says this improbable to go.
_STATISTIC_FROM = 0.8
# Fields of the record that the confidence speaks for.
_SCORED = ("form", "direction", "type", "role")


def is_no_claim(fields: Mapping[str, Floats]) -> bool:
    """Whether the model turns the number away."""
    return float(fields["role"][FIELDS["role"].index(NO_CLAIM)]) > _NO_CLAIM_FROM


def settle(record: Record, fields: Mapping[str, Floats]) -> float:
    """Set the fields as the model reads them; returns how probable it takes all of them together to be."""
    score = 1.0
    for name in _SCORED:
        values = FIELDS[name][:-1] if name == "role" else FIELDS[name]
        probabilities = fields[name][: len(values)]
        value = getattr(record, name)
        if not _is_firm(record, name):
            best = int(probabilities.argmax())
            value = values[best] if probabilities[best] > probabilities[values.index(value)] + _AHEAD else value
        score *= float(probabilities[values.index(value)])
        _set(record, name, value)
    _settle_statistic(record, fields["statistic"])
    return score


def _is_firm(record: Record, name: str) -> bool:
    """Whether the rules' reading of a field stands whatever the model says."""
    # A level that moved from another is one, and its direction is arithmetic.
    if record.from_ is not None and name in ("form", "direction"):
        return True
    if name != "type":
        return False
    # `while retaining 99.7% of the performance`: how good the output is.
    kept = record.canonical == "performance" and record.evidence["form"].rule == "retained-share"
    return kept or record.evidence["type"].rule in _FIRM_TYPES


def _settle_statistic(record: Record, probabilities: Floats) -> None:
    said = FIELDS["statistic"].index(record.statistic or "")
    best = int(probabilities.argmax())
    if best != said and probabilities[best] > _STATISTIC_FROM:
        _set(record, "statistic", FIELDS["statistic"][best] or None)


def _set(record: Record, name: str, value: str | None) -> None:
    if getattr(record, name) == value:
        return
    setattr(record, name, value)
    known = record.evidence.get(name)
    place = (known.start, known.end) if known else (record.start, record.end)
    record.evidence[name] = Evidence(f"model-{name}", *place)
