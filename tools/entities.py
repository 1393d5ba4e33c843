"""Score the phrases of the claim model as entities, apart from which number they belong to.

python tools/entities.py GOLD ENTITIES

GOLD is labelled documents, ENTITIES has for some of them the sentences that hold a claim with every entity in them. A
phrase is found where one of the same kind shares its words (`matching.same_phrase`) at an overlapping place. Printed
are F1 by kind on ENTITIES, and the recall of the slots' phrases of GOLD, whichever number they were given to.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from extractor.claims import Claim
from extractor.gold import load
from extractor.matching import same_phrase, slot_mentions
from extractor.pipeline import default
from extractor.records import to_claim
from extractor.spacy_component import ENTITY_LABELS as KINDS


class Entity(NamedTuple):
    """A phrase of an abstract and its kind."""

    kind: str
    text: str
    start: int
    end: int


def entities(claims: Iterable[Claim]) -> set[Entity]:
    """The phrases of all slots."""
    return {
        Entity(KINDS[slot], mention.text, mention.start, mention.end)
        for claim in claims
        for slot, mention in slot_mentions(claim)
        if slot in KINDS and mention.field == "abstract"
    }


def found(one: Entity, among: Iterable[Entity]) -> bool:
    """Whether an entity is among others."""
    return any(
        one.kind == other.kind and one.start < other.end and other.start < one.end and same_phrase(one.text, other.text)
        for other in among
    )


def exhaustive(path: Path, abstracts: dict[str, str]) -> Iterator[tuple[str, list[tuple[int, int]], list[Entity]]]:
    """Each document of a file of entities: its id, where its sentences are, and their entities."""
    for line in path.open(encoding="utf8"):
        document = json.loads(line)
        places, labelled = [], []
        for sentence in document["sentences"]:
            start = abstracts[document["id"]].index(sentence["text"])
            places.append((start, start + len(sentence["text"])))
            labelled += [
                Entity(one["label"], one["text"], start + one["start"], start + one["end"])
                for one in sentence["entities"]
            ]
        yield document["id"], places, labelled


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("entities", type=Path)
    options = parser.parse_args()
    documents = {document.id: document for document in load(options.gold)}
    predicted = {
        name: entities(to_claim(record) for record in default().records(document.abstract, document.title))
        for name, document in documents.items()
    }
    right, guessed, gold = Counter[str](), Counter[str](), Counter[str]()
    abstracts = {name: document.abstract for name, document in documents.items()}
    for name, places, labelled in exhaustive(options.entities, abstracts):
        inside = [e for e in predicted[name] if any(a <= e.start < b for a, b in places)]
        gold.update(one.kind for one in labelled)
        guessed.update(one.kind for one in inside)
        right.update(one.kind for one in inside if found(one, labelled))
    show("entities of the exhaustively labelled sentences", ("precision", "recall", "F1"), right, guessed, gold)
    right, gold = Counter(), Counter()
    for name, document in documents.items():
        labelled = entities(document.claims)
        gold.update(one.kind for one in labelled)
        right.update(one.kind for one in labelled if found(one, predicted[name]))
    show("recall of the phrases of labelled claims", ("", "recall", ""), right, Counter(), gold)


def show(title: str, names: Sequence[str], right: Counter[str], guessed: Counter[str], gold: Counter[str]) -> None:
    """One table."""
    print(f"{title}: {' '.join(name for name in names if name)}")
    for kind in (*dict.fromkeys(KINDS.values()), ""):
        part, of, among = (counts[kind] if kind else counts.total() for counts in (right, guessed, gold))
        recall = part / among if among else 0.0
        if guessed:
            figures = (
                f"{part / of if of else 0.0:.3f} {recall:.3f} {2 * part / (of + among) if of + among else 0.0:.3f}"
            )
        else:
            figures = f"{recall:.3f}"
        print(f"  {kind or 'all':10} {figures} ({part} right, {of or ''} found, {among} labelled)")


if __name__ == "__main__":
    main()
