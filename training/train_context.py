"""Train the models of context and of property types on labelled documents, and measure them by cross-validation.

python training/train_context.py GOLD... [-o FOLDER]        train on all documents and write the models
python training/train_context.py GOLD... --folds 4          cross-validate: context F1 on documents left out
python training/train_context.py GOLD... --test FILE        train, and score on another file, without writing

The same input gives the same model. Training takes a minute or two on one core.
"""

import argparse
import random
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pycrfsuite

from extractor import pipeline as pipelines
from extractor import propertytypes
from extractor.claims import Claim, Document
from extractor.context import MODEL, ContextModel
from extractor.evaluation import Scores, evaluate
from extractor.gold import load
from extractor.matching import align, slot_mentions
from extractor.records import Record, to_claim
from extractor.wordfeatures import Words

# Elastic-net weights, iterations and the least count of a feature, chosen by cross-validation on train.
SETTINGS = {"c1": 0.1, "c2": 0.5, "max_iterations": 120, "feature.minfreq": 2}
TYPE_SETTINGS = {"c1": 0.0, "c2": 1.5, "max_iterations": 200}
SEED = 20261120

Sequences = list[tuple[list[list[str]], list[str]]]


def sequences(document: Document, pipeline: pipelines.Pipeline) -> Sequences:
    """Features and labels of the words around every number that the extractor finds and the labels have."""
    records, windows = pipeline.windows(document.abstract, document.title)
    pairs = align(document.claims, [to_claim(record) for record in records]).pairs
    gold = {(pair.predicted.start, pair.predicted.end): pair.gold for pair in pairs}
    return [
        (features, labels(words, gold[record.start, record.end]))
        for record, words, features in windows
        if (record.start, record.end) in gold
    ]


def labels(words: Words, claim: Claim) -> list[str]:
    """Begin, inside or O for each word; of phrases that overlap the longer one wins, a condition last."""
    found = ["O"] * len(words.low)
    phrases = [(slot, mention) for slot, mention in slot_mentions(claim) if mention.field == "abstract"]
    for slot, mention in sorted(phrases, key=lambda p: (p[0] == "condition", p[1].start - p[1].end)):
        inside = [
            k
            for k, (start, end) in enumerate(zip(words.starts, words.ends, strict=True))
            if start < mention.end and mention.start < end and found[k] == "O"
        ]
        inside = [k for k in inside if words.quantities[k] < 0 or slot == "condition"]
        for place, k in enumerate(inside):
            if k != inside[0] + place:
                break
            found[k] = f"{'I' if place else 'B'}-{slot}"
    return found


def properties(document: Document) -> Sequences:
    """Features and type of every labelled claim that is no mere count."""
    found: Sequences = []
    for claim in document.claims:
        if claim.form == "level" and claim.type == "scale":
            continue
        features = propertytypes.features_of(
            document.abstract,
            (claim.start, claim.end),
            claim.metric.text if claim.metric else "",
            unit=claim.unit,
            form=claim.form,
            direction=claim.direction,
        )
        found.append(([features], [claim.type]))
    return found


def train(data: Sequence[Sequences], path: Path, settings: Mapping[str, float]) -> None:
    """Write a model trained on the sequences of some documents."""
    trainer = pycrfsuite.Trainer(verbose=False)
    for document in data:
        for features, tags in document:
            trainer.append(pycrfsuite.ItemSequence(features), tags)
    trainer.set_params(dict(settings))
    trainer.train(str(path))


def train_both(documents: Sequence[Document], data: Sequence[Sequences], folder: Path) -> None:
    """Write both models, of the context and of the types of properties, into a folder."""
    train(data, folder / MODEL.name, SETTINGS)
    train([properties(document) for document in documents], folder / propertytypes.MODEL.name, TYPE_SETTINGS)


def predicted(documents: Sequence[Document], folder: Path) -> list[Document]:
    """The documents with the claims of the extractor with the models of a folder."""
    types = propertytypes.PropertyTypes(folder / propertytypes.MODEL.name)
    pipeline = pipelines.default().with_models(ContextModel(folder / MODEL.name), types)
    found: list[list[Record]] = [pipeline.records(d.abstract, d.title) for d in documents]
    return [
        document.model_copy(update={"claims": [to_claim(record) for record in records]})
        for document, records in zip(documents, found, strict=True)
    ]


def line(name: str, scores: Scores) -> str:
    """The scores over one role as a line."""
    slots = ", ".join(f"{slot} {score.f1:.3f}" for slot, score in scores.slots.items())
    return (
        f"{name}: detection {scores.detection.f1:.3f}, record {scores.record.f1:.3f}, context {scores.context.f1:.3f} "
        f"(precision {scores.context.precision:.3f}, recall {scores.context.recall:.3f}), full {scores.full.f1:.3f}; "
        f"{slots}"
    )


def cross_validated(documents: Sequence[Document], data: Sequence[Sequences], folds: int) -> Scores:
    """Scores over role result, each document with a model that has not seen it."""
    order = random.Random(SEED).sample(range(len(documents)), len(documents))
    guessed: list[Document] = []
    for fold in range(folds):
        out = set(order[fold::folds])
        with tempfile.TemporaryDirectory() as folder:
            kept = [k for k in order if k not in out]
            train_both([documents[k] for k in kept], [data[k] for k in kept], Path(folder))
            guessed += predicted([documents[k] for k in sorted(out)], Path(folder))
    return evaluate(documents, guessed, resamples=0)


def main() -> None:
    """Train, cross-validate or score, as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="+", help="labelled documents to train on")
    parser.add_argument("-o", "--output", type=Path, default=MODEL.parent, help="folder of the models")
    parser.add_argument("--folds", type=int, help="cross-validate instead of writing a model")
    parser.add_argument("--test", type=Path, help="score on this file instead of writing a model")
    options = parser.parse_args()
    documents = [document for path in options.gold for document in load(path)]
    pipeline = pipelines.default()
    data = [sequences(document, pipeline) for document in documents]
    if options.folds:
        print(line(f"{options.folds} folds", cross_validated(documents, data, options.folds)))
        return
    if options.test:
        unseen = load(options.test)
        with tempfile.TemporaryDirectory() as folder:
            train_both(documents, data, Path(folder))
            print(line(options.test.name, evaluate(unseen, predicted(unseen, Path(folder)), resamples=0)))
        return
    train_both(documents, data, options.output)
    print(f"{options.output}: trained on {sum(map(len, data))} claims of {len(documents)} documents")


if __name__ == "__main__":
    main()
