"""The exhaustively labelled entities: each stands where it says, in a sentence of its document."""

from __future__ import annotations

import json
from pathlib import Path

from extractor.gold import load
from extractor.spacy_component import ENTITY_LABELS

GOLD = Path(__file__).parent.parent / "gold"


def test_entities_stand_where_they_say() -> None:
    abstracts = {document.id: document.abstract for document in load(GOLD / "dev.jsonl")}
    lines = (GOLD / "entities" / "dev.jsonl").read_text(encoding="utf8").splitlines()
    assert len(lines) == 40
    for document in map(json.loads, lines):
        for sentence in document["sentences"]:
            assert sentence["text"] in abstracts[document["id"]]
            for entity in sentence["entities"]:
                assert sentence["text"][entity["start"] : entity["end"]] == entity["text"]
                assert entity["label"] in ENTITY_LABELS.values()
