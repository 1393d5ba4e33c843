"""Train the claim model on labelled documents; measure it, and calibrate its confidence, on others.

python -m training.train GOLD... --encoder encoder.pt --validation FILE -o MODEL
python -m training.train GOLD... --encoder encoder.pt --validation FILE --without pretraining

The second prints scores only: what the model is worth without a part of it. The encoder comes from `training.pretrain`.
The same input gives the same model on the same machine, in five minutes on two cores. Needs `pip install
--group training`.
"""

import argparse
import json
import math
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from sklearn.isotonic import IsotonicRegression
from torch.nn import functional

from extractor import pipeline as pipelines
from extractor.claims import Claim, Document
from extractor.encoding import Encoder as Encoding
from extractor.encoding import Vocabulary, Window
from extractor.evaluation import Scores, evaluate
from extractor.gold import load
from extractor.matching import align, slot_mentions
from extractor.network import FIELDS, LABELS, NO_CLAIM, Network, apart
from extractor.pipeline import Pipeline
from extractor.records import to_claim
from extractor.words import WORD
from training.model import ClaimModel, Encoder, Exported, hide
from training.pretrain import CONFIG

# Numbers without a label of their own count for nothing.
IGNORED = -100
_ROLE = list(FIELDS).index("role")
WITHOUT = ("pretraining", "rules")


@dataclass(slots=True)
class Example:
    """What the model sees of a number, the label of each word, and the value of each field."""

    window: Window
    labels: list[int]
    fields: list[int]


def examples(document: Document, pipeline: Pipeline, encoding: Encoding) -> Iterator[Example]:
    """The numbers that the rules find in a document, as they are labelled; one without a label is no claim."""
    records, windows = pipeline.windows(document.abstract, document.title, encoding)
    pairs = align(document.claims, [to_claim(record) for record in records]).pairs
    gold = {(pair.predicted.start, pair.predicted.end): pair.gold for pair in pairs}
    for window in windows:
        claim = gold.get((window.record.start, window.record.end))
        if claim is None:
            fields = [IGNORED] * len(FIELDS)
            fields[_ROLE] = FIELDS["role"].index(NO_CLAIM)
            yield Example(window, [IGNORED] * len(window), fields)
            continue
        labels = [LABELS.index(label) for label in labelled(window, claim)]
        yield Example(window, labels, [v.index(getattr(claim, name) or "") for name, v in FIELDS.items()])


def labelled(window: Window, claim: Claim) -> list[str]:
    """The label of each word: of phrases that overlap the longer one wins, a condition last."""
    places = [window.word(k) for k in range(len(window))]
    is_number = [words.quantities[k] >= 0 for words, k in places]
    labels = [""] * len(window)
    for slot, mention in sorted(slot_mentions(claim), key=lambda p: (p[0] == "condition", p[1].start - p[1].end)):
        inside = [
            k
            for k, (words, at) in enumerate(places)
            if (k < window.titled) == (mention.field == "title")
            and words.starts[at] < mention.end
            and mention.start < words.ends[at]
            and not labels[k]
            and (not is_number[k] or slot == "condition")
        ]
        for order, k in enumerate(inside):
            if k != inside[0] + order:
                break
            labels[k] = f"{'I' if order else 'B'}-{slot}"
    if claim.system is not None:
        name = [word.lower() for word in WORD.findall(claim.system.text)]
        low = [words.low[at] for words, at in places]
        for k in range(len(low) - len(name) + 1):
            if low[k : k + len(name)] == name and not any(labels[k : k + len(name)]):
                labels[k : k + len(name)] = ["B-system", *["I-system"] * (len(name) - 1)]
    return labels


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples as tensors, shorter ones filled up."""

    rows: torch.Tensor
    marks: torch.Tensor
    target: torch.Tensor
    readings: torch.Tensor
    mask: torch.Tensor
    labels: torch.Tensor
    fields: torch.Tensor


def batched(chosen: Sequence[Example]) -> Batch:
    """One batch."""
    longest = max(len(example.window) for example in chosen)
    shape = len(chosen), longest
    rows = np.zeros((*shape, chosen[0].window.rows.shape[1]), np.int64)
    marks = np.zeros((*shape, chosen[0].window.marks.shape[1]), np.int64)
    mask, labels = np.zeros(shape, bool), np.full(shape, IGNORED)
    for k, example in enumerate(chosen):
        length = len(example.window)
        rows[k, :length], marks[k, :length] = example.window.rows, example.window.marks
        mask[k, :length], labels[k, :length] = True, example.labels
    return Batch(
        torch.from_numpy(rows),
        torch.from_numpy(marks),
        torch.tensor([example.window.target for example in chosen]),
        torch.from_numpy(np.stack([example.window.readings for example in chosen])),
        torch.from_numpy(mask),
        torch.from_numpy(labels),
        torch.tensor([example.fields for example in chosen]),
    )


def train(data: Sequence[Example], vocabulary: Vocabulary, encoder: Path | None, *, without: str = "") -> ClaimModel:
    """A model trained on examples, from a pre-trained encoder unless there is none."""
    settings = CONFIG["training"]
    torch.manual_seed(settings["seed"])
    shuffled = random.Random(settings["seed"])
    words = Encoder(len(vocabulary), **CONFIG["encoder"], dropout=settings["dropout"])
    if encoder is not None:
        words.load_state_dict(torch.load(encoder, weights_only=True)["encoder"])
    unread = 1.0 if without == "rules" else settings["unread"]
    model = ClaimModel(words, dropout=settings["dropout"], unread=unread)
    known = {id(weight) for weight in words.parameters()}
    new = [weight for weight in model.parameters() if id(weight) not in known]
    rates = settings["encoder_rate" if encoder else "rate"], settings["rate"]
    groups = [{"params": list(words.parameters()), "lr": rates[0]}, {"params": new, "lr": rates[1]}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    steps, step = settings["epochs"] * math.ceil(len(data) / settings["batch"]), 0
    for _ in range(settings["epochs"]):
        for chosen in _batches(data, settings["batch"], shuffled):
            step += 1
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * min(1, step / 100) * (1 + math.cos(math.pi * step / steps)) / 2
            loss = _loss(model, batched(chosen), settings)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    return model.eval()


def _batches(data: Sequence[Example], size: int, shuffled: random.Random) -> list[list[Example]]:
    """Batches of about equally long windows, in any order."""
    order = sorted(range(len(data)), key=lambda k: len(data[k].window) + 12 * shuffled.random())
    batches = [[data[k] for k in order[start : start + size]] for start in range(0, len(order), size)]
    shuffled.shuffle(batches)
    return batches


def _loss(model: ClaimModel, batch: Batch, settings: dict[str, float]) -> torch.Tensor:
    is_word = batch.marks[..., 1] == 1
    rows = hide(batch.rows, (torch.rand(batch.mask.shape) < settings["hidden"]) & is_word)
    distances = torch.from_numpy(apart(batch.rows.shape[1]))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        labels, fields = model(rows, batch.marks, batch.target, batch.readings, distances, batch.mask)
    loss = settings["label_weight"] * functional.cross_entropy(labels.float().flatten(0, 1), batch.labels.flatten())
    for k, logits in enumerate(fields):
        loss = loss + functional.cross_entropy(logits.float(), batch.fields[:, k], ignore_index=IGNORED)
    return loss


def export(model: ClaimModel, vocabulary: Vocabulary, calibration: Sequence[Sequence[float]], path: Path) -> None:
    """Write the model for ONNX Runtime, with its vocabulary and its calibration."""
    words, marks, readings = (torch.zeros(k, dtype=torch.long) for k in (5, len(model.marks), 14))
    window = words.expand(7, -1), marks.expand(7, -1), torch.tensor([3]), readings, torch.from_numpy(apart(7))
    names = ["rows", "marks", "target", "readings", "apart"]
    axes = {"rows": {0: "words"}, "marks": {0: "words"}, "apart": {0: "words", 1: "words"}, "labels": {0: "words"}}
    torch.onnx.export(
        Exported(model), window, str(path), input_names=names, output_names=["labels", *FIELDS], dynamic_axes=axes,
        dynamo=False, opset_version=17,
    )  # fmt: skip
    written = onnx.load(str(path))
    for key, value in (("vocabulary", vocabulary.words), ("calibration", calibration)):
        written.metadata_props.add(key=key, value=json.dumps(value, ensure_ascii=False))
    onnx.save(written, str(path))


def predicted(documents: Sequence[Document], pipeline: Pipeline) -> list[Document]:
    """The documents with the claims of a pipeline."""
    return [
        document.model_copy(
            update={"claims": [to_claim(r) for r in pipeline.records(document.abstract, document.title)]}
        )
        for document in documents
    ]


def calibrated(gold: Sequence[Document], guessed: Sequence[Document]) -> list[tuple[float, float]]:
    """Confidence as the model scores it, and how often records of that score were right."""
    right = {}
    for document, guess in zip(gold, guessed, strict=True):
        right.update({id(pair.predicted): pair.recorded for pair in align(document.claims, guess.claims).pairs})
    claims = [claim for document in guessed for claim in document.claims if claim.confidence is not None]
    fitted = IsotonicRegression(y_min=0.01, y_max=0.99).fit(
        [claim.confidence for claim in claims], [float(right.get(id(claim), False)) for claim in claims]
    )
    return [(float(x), round(float(y), 4)) for x, y in zip(fitted.X_thresholds_, fitted.y_thresholds_, strict=True)]


def line(name: str, scores: Scores) -> str:
    """The scores over one role as a line."""
    slots = ", ".join(f"{slot} {score.f1:.3f}" for slot, score in scores.slots.items())
    return (
        f"{name}: detection {scores.detection.f1:.3f}, record {scores.record.f1:.3f}, context {scores.context.f1:.3f} "
        f"(precision {scores.context.precision:.3f}, recall {scores.context.recall:.3f}), full {scores.full.f1:.3f}; "
        f"{slots}"
    )


def written(model: ClaimModel, vocabulary: Vocabulary, validation: Sequence[Document], path: Path) -> None:
    """Write a model that is calibrated on documents that it has not seen, and print its scores on them."""
    rules = pipelines.default().rules_only()
    export(model, vocabulary, [(0.0, 0.0), (1.0, 1.0)], path)
    guessed = predicted(validation, rules.with_network(Network(path)))
    print(line("rules only", evaluate(validation, predicted(validation, rules), resamples=0)))
    print(line("with the claim model", evaluate(validation, guessed, resamples=0)))
    export(model, vocabulary, calibrated(validation, guessed), path)


def main() -> None:
    """Train, measure, calibrate, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="+", help="labelled documents to train on")
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder that training.pretrain wrote")
    parser.add_argument("--validation", type=Path, required=True, help="labelled documents to measure on")
    parser.add_argument("--without", choices=WITHOUT, default="", help="leave out, to see what it is worth")
    parser.add_argument("-o", "--output", type=Path, help="the model to write")
    options = parser.parse_args()
    vocabulary = Vocabulary(torch.load(options.encoder, weights_only=True)["vocabulary"])
    encoder = None if options.without == "pretraining" else options.encoder
    documents = [document for path in options.gold for document in load(path)]
    rules, encoding = pipelines.default().rules_only(), Encoding(vocabulary)
    data = [example for document in documents for example in examples(document, rules, encoding)]
    print(f"{len(data)} numbers of {len(documents)} documents", flush=True)
    model = train(data, vocabulary, encoder, without=options.without)
    with tempfile.TemporaryDirectory() as folder:
        written(model, vocabulary, load(options.validation), options.output or Path(folder) / "claims.onnx")


if __name__ == "__main__":
    main()
