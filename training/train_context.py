"""Train the context model on labelled documents, and measure it by cross-validation.

python training/train_context.py GOLD... [-o MODEL]         train on all documents and write the model
python training/train_context.py GOLD... --folds 4          cross-validate: scores on documents left out
python training/train_context.py GOLD... --test FILE        train, and score on another file, without writing

The same input gives the same model. Training takes a minute or two on one core.
"""

import argparse
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pycrfsuite

from extractor import pipeline as pipelines
from extractor.claims import Claim, Document
from extractor.context import MODEL, ContextModel
from extractor.evaluation import Scores, evaluate
from extractor.gold import load
from extractor.matching import align, slot_mentions
from extractor.records import to_claim
from extractor.wordfeatures import Words

# Elastic-net weights, iterations and the least count of a feature, chosen by cross-validation on train.
SETTINGS = {"c1": 0.1, "c2": 0.5, "max_iterations": 120, "feature.minfreq": 2}
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


def train(data: Sequence[Sequences], path: Path) -> None:
    """Write a model trained on the sequences of some documents."""
    trainer = pycrfsuite.Trainer(verbose=False)
    for document in data:
        for features, tags in document:
            trainer.append(pycrfsuite.ItemSequence(features), tags)
    trainer.set_params(SETTINGS)
    trainer.train(str(path))


def variants(path: Path) -> dict[str, pipelines.Pipeline]:
    """The extractor by rules alone, and with a context model."""
    rules = pipelines.default().rules_only()
    return {"rules only": rules, "with the context model": rules.with_context(ContextModel(path))}


def predicted(documents: Sequence[Document], pipeline: pipelines.Pipeline) -> list[Document]:
    """The documents with the claims of a pipeline."""
    return [
        document.model_copy(
            update={"claims": [to_claim(r) for r in pipeline.records(document.abstract, document.title)]}
        )
        for document in documents
    ]


def line(name: str, scores: Scores) -> str:
    """The scores over one role as a line."""
    slots = ", ".join(f"{slot} {score.f1:.3f}" for slot, score in scores.slots.items())
    return (
        f"{name}: detection {scores.detection.f1:.3f}, record {scores.record.f1:.3f}, context {scores.context.f1:.3f} "
        f"(precision {scores.context.precision:.3f}, recall {scores.context.recall:.3f}), full {scores.full.f1:.3f}; "
        f"{slots}"
    )


def cross_validated(documents: Sequence[Document], data: Sequence[Sequences], folds: int) -> dict[str, Scores]:
    """Scores of each variant over role result, every document with a model that has not seen it."""
    order = random.Random(SEED).sample(range(len(documents)), len(documents))
    guessed: dict[str, list[Document]] = {}
    for fold in range(folds):
        out = set(order[fold::folds])
        kept = [k for k in order if k not in out]
        with tempfile.TemporaryDirectory() as folder:
            train([data[k] for k in kept], Path(folder) / "model")
            for name, pipeline in variants(Path(folder) / "model").items():
                guessed.setdefault(name, []).extend(predicted([documents[k] for k in sorted(out)], pipeline))
    return {name: evaluate(documents, found, resamples=0) for name, found in guessed.items()}


def main() -> None:
    """Train, cross-validate or score, as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="+", help="labelled documents to train on")
    parser.add_argument("-o", "--output", type=Path, default=MODEL)
    parser.add_argument("--folds", type=int, help="cross-validate instead of writing a model")
    parser.add_argument("--test", type=Path, help="score on this file instead of writing a model")
    options = parser.parse_args()
    documents = [document for path in options.gold for document in load(path)]
    pipeline = pipelines.default()
    data = [sequences(document, pipeline) for document in documents]
    if options.folds:
        for name, scores in cross_validated(documents, data, options.folds).items():
            print(line(name, scores))
        return
    if options.test:
        unseen = load(options.test)
        with tempfile.TemporaryDirectory() as folder:
            train(data, Path(folder) / "model")
            for name, variant in variants(Path(folder) / "model").items():
                print(line(name, evaluate(unseen, predicted(unseen, variant), resamples=0)))
        return
    train(data, options.output)
    print(f"{options.output}: trained on {sum(map(len, data))} claims of {len(documents)} documents")


if __name__ == "__main__":
    main()
