"""Pre-train the encoder of the claim model on unlabelled abstracts, to guess hidden words (Devlin et al., NAACL 2019).

python -m training.pretrain CORPUS.jsonl.gz --epochs 4 -o encoder.pt [--continue encoder.pt] [--peak 2e-3]

The corpus has a title and an abstract a line. Documents reserved for the test split (whose id's SHA-256 ends in 0) are
left out. Needs PyTorch (`pip install --group training`); an epoch over 90,000 abstracts takes 8 minutes on two cores.
"""

import argparse
import gzip
import hashlib
import json
import math
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from extractor.encoding import FIRST_WORD, Vocabulary, normal
from extractor.network import apart
from extractor.words import WORD
from training.model import Encoder, hide

# The others of the words to guess stay as they are, as words do when claims are read.
_OUT_OF_SIGHT = 0.9
CONFIG = tomllib.loads((Path(__file__).parent / "config.toml").read_text(encoding="utf8"))


def texts(corpus: Path) -> Iterator[list[str]]:
    """The words of each document that is not reserved for the test split."""
    with gzip.open(corpus, "rt", encoding="utf8") as lines:
        for line in lines:
            document = json.loads(line)
            if not hashlib.sha256(document["id"].encode()).hexdigest().endswith("0"):
                yield WORD.findall(f"{document['title'] or ''} . {document['abstract']}")


def read(corpus: Path) -> tuple[Vocabulary, np.ndarray]:
    """The vocabulary of a corpus, and the rows of all its words."""
    settings = CONFIG["pretraining"]
    counts = Counter(normal(word) for words in texts(corpus) for word in words)
    common = counts.most_common(settings["vocabulary"])
    vocabulary = Vocabulary([word for word, count in common if count >= settings["least_count"]])
    rows = [vocabulary.rows(word) for words in texts(corpus) for word in words]
    return vocabulary, np.array(rows, dtype=np.uint16)


class Guesser(nn.Module):
    """The encoder and the guess of hidden words, against some wrong ones."""

    def __init__(self, encoder: Encoder, vocabulary: int) -> None:
        super().__init__()
        width = encoder.norm.normalized_shape[0]
        self.encoder, self.turn, self.bias = encoder, nn.Linear(width, width), nn.Parameter(torch.zeros(vocabulary))

    def forward(self, rows: torch.Tensor, hidden: torch.Tensor, candidates: int) -> torch.Tensor:
        """The loss over the hidden words."""
        words = rows[..., 0][hidden]
        mask = torch.ones(rows.shape[:2], dtype=torch.bool)
        distances = torch.from_numpy(apart(rows.shape[1]))
        seen = hide(rows, hidden & (torch.rand(hidden.shape) < _OUT_OF_SIGHT))
        vectors = self.turn(self.encoder(self.encoder.embedded(seen), mask, distances)[hidden])
        wrong = torch.randint(FIRST_WORD, len(self.bias), (candidates,))
        among, right = torch.unique(torch.cat([words, wrong]), return_inverse=True)
        logits = vectors @ self.encoder.word(among).t() + self.bias[among]
        return functional.cross_entropy(logits.float(), right[: len(words)])


def pretrain(guesser: Guesser, rows: np.ndarray, epochs: float, peak: float) -> None:
    """Train on pieces of the corpus, each epoch cut at other places."""
    settings = CONFIG["pretraining"]
    length, batch = settings["length"], settings["batch"]
    torch.manual_seed(settings["seed"])
    random = np.random.default_rng(settings["seed"])
    optimizer = torch.optim.AdamW(guesser.parameters(), lr=peak, weight_decay=0.01, betas=(0.9, 0.98), fused=True)
    steps = int(epochs * (len(rows) // (batch * length)))
    starts = np.empty(0, dtype=np.int64)
    for step in range(steps):
        if len(starts) < batch:
            starts = random.permutation(np.arange(random.integers(length), len(rows) - length, length))
        chosen, starts = starts[:batch], starts[batch:]
        pieces = torch.from_numpy(np.stack([rows[k : k + length] for k in chosen]).astype(np.int64))
        hidden = (torch.rand(pieces.shape[:2]) < settings["hidden"]) & (pieces[..., 0] >= FIRST_WORD)
        for group in optimizer.param_groups:
            group["lr"] = peak * min(1, (step + 1) / 300) * (1 + math.cos(math.pi * step / steps)) / 2
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = guesser(pieces, hidden, settings["candidates"])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(guesser.parameters(), 1.0)
        optimizer.step()
        if (step + 1) % 100 == 0:
            print(f"step {step + 1} of {steps}: loss {loss.item():.3f}", flush=True)


def main() -> None:
    """Pre-train, or go on with it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--epochs", type=float, default=4)
    parser.add_argument("--peak", type=float, default=2e-3, help="the highest learning rate")
    parser.add_argument("--continue", dest="known", type=Path, help="an encoder to go on with")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    vocabulary, rows = read(options.corpus)
    encoder = Encoder(len(vocabulary), **CONFIG["encoder"])
    if options.known:
        encoder.load_state_dict(torch.load(options.known, weights_only=True)["encoder"])
    pretrain(Guesser(encoder, len(vocabulary)), rows, options.epochs, options.peak)
    torch.save({"encoder": encoder.state_dict(), "vocabulary": list(vocabulary.words)}, options.output)
    print(f"{options.output}: {len(vocabulary.words)} words, {len(rows)} words of text, {options.epochs:g} epochs")


if __name__ == "__main__":
    main()
