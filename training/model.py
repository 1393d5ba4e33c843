"""The claim model: words around a number → a label for each word, and readings of the number. In PyTorch, for training.

The words of a title and a sentence pass through blocks of a gated convolution (Dauphin et al., ICML 2017) and
self-attention with relative positions (Shaw et al., NAACL 2018; buckets as in T5). Heads on the number's own vector
read its form, direction, type, role and statistic; a head on each word labels it with the slot that it fills.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from extractor.encoding import HIDDEN, MARKS, PREFIXES, RULE_ROWS, SHAPES, SUFFIXES
from extractor.network import FIELDS, LABELS

DISTANCES = 32
_METRIC_MARK = len(MARKS) - 1


class Block(nn.Module):
    """Gated convolution, then self-attention, each added to its input."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.before_convolution = nn.LayerNorm(width)
        self.convolution = nn.Conv1d(width, 2 * width, 3, padding=1)
        self.before_attention = nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.distance = nn.Embedding(DISTANCES, heads)
        nn.init.zeros_(self.distance.weight)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None, apart: Tensor) -> Tensor:
        """x: (batch, words, width); mask: true where a word is; apart: rows of the distances of all pairs."""
        batch, width = x.shape[0] if mask is not None else 1, self.out.in_features
        normed = self.before_convolution(x)
        convolved = self.convolution((normed if mask is None else normed * mask[..., None]).transpose(1, 2))
        x = x + self.dropout(functional.glu(convolved, dim=1).transpose(1, 2))
        mixed = self.queries_keys_values(self.before_attention(x))
        mixed = mixed.view(batch, -1, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        queries, keys, values = mixed[0], mixed[1], mixed[2]
        bias = self.distance(apart).permute(2, 0, 1)[None]
        if mask is not None:
            bias = bias + torch.where(mask, 0.0, -1e4)[:, None, None, :]
        scores = queries @ keys.transpose(-1, -2) / (width // self.heads) ** 0.5 + bias.to(queries.dtype)
        attended = (scores.softmax(-1) @ values).transpose(1, 2).reshape(batch, -1, width)
        return x + self.dropout(self.out(attended))


class Encoder(nn.Module):
    """Words as vectors, each in the light of the others."""

    def __init__(self, vocabulary: int, width: int, layers: int, heads: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.word = nn.Embedding(vocabulary, width)
        self.prefix = nn.Embedding(PREFIXES + 1, width)
        self.suffix = nn.Embedding(SUFFIXES + 1, width)
        self.shape = nn.Embedding(SHAPES, width)
        for table in (self.word, self.prefix, self.suffix, self.shape):
            nn.init.normal_(table.weight, std=0.05)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))
        self.last_norm = nn.LayerNorm(width)

    def embedded(self, rows: Tensor) -> Tensor:
        """The sum of the vectors of a word and its parts."""
        last = rows[..., 4]
        parts = self.word(rows[..., 0]), self.prefix(rows[..., 1]), self.suffix(rows[..., 2]), self.shape(rows[..., 3])
        return parts[0] + parts[1] + parts[2] + parts[3] + self.word(last) * (last > 0)[..., None]

    def forward(self, x: Tensor, mask: Tensor | None, apart: Tensor) -> Tensor:
        """x: what `embedded` gives, and what is added to it; mask: None where no window is filled up."""
        x = self.dropout(self.norm(x))
        for block in self.blocks:
            x = block(x, mask, apart)
        return self.last_norm(x)


class ClaimModel(nn.Module):
    """The encoder with the heads for claims."""

    def __init__(self, encoder: Encoder, *, dropout: float, unread: float) -> None:
        super().__init__()
        width = encoder.norm.normalized_shape[0]
        self.encoder, self.unread = encoder, unread
        self.marks = nn.ModuleList(nn.Embedding(size, width) for size in MARKS)
        for table in self.marks:
            nn.init.normal_(table.weight, std=0.02)
        self.readings = nn.Embedding(RULE_ROWS, width)
        nn.init.normal_(self.readings.weight, std=0.05)
        self.label = nn.Sequential(
            nn.Linear(2 * width, width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, len(LABELS))
        )
        self.number = nn.Sequential(nn.Linear(4 * width, width), nn.GELU(), nn.Dropout(dropout))
        self.fields = nn.ModuleList(nn.Linear(width, len(values)) for values in FIELDS.values())

    def forward(
        self, rows: Tensor, marks: Tensor, target: Tensor, readings: Tensor, apart: Tensor, mask: Tensor
    ) -> tuple[Tensor, list[Tensor]]:
        """Logits of the words' labels, and of each field's values."""
        added = sum(table(marks[..., k]) for k, table in enumerate(self.marks))
        return self.read(self.encoder.embedded(rows) + added, marks, target, readings, apart, mask)

    def read(
        self, words: Tensor, marks: Tensor, target: Tensor, readings: Tensor, apart: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, list[Tensor]]:
        """The same from the words' vectors."""
        x = self.encoder(words, mask, apart)
        number = x.index_select(1, target)[:, 0] if mask is None else x[torch.arange(len(x)), target]
        of_word, of_number = self.label[0].weight.split(x.shape[-1], dim=1)
        labels = self.label[1:](x @ of_word.T + (number @ of_number.T + self.label[0].bias)[:, None])
        metric = _mean(x, marks[..., _METRIC_MARK] == 1)
        read = self.readings(readings)
        if self.training:
            read = read * (torch.rand(read.shape[:2]) > self.unread)[..., None]
        everything = x.mean(1) if mask is None else _mean(x, mask)
        hidden = self.number(torch.cat([number, metric, everything, read.sum(1)], -1))
        return labels, [head(hidden) for head in self.fields]


def _mean(x: Tensor, of: Tensor) -> Tensor:
    weight = of.float()[..., None]
    return (x * weight).sum(1) / weight.sum(1).clamp(min=1)


def hide(rows: Tensor, where: Tensor) -> Tensor:
    """The rows with some words hidden."""
    return torch.where(where[..., None], torch.tensor(HIDDEN), rows)


class Exported(nn.Module):
    """One window as ONNX Runtime runs it: no batch, all tables of words in one and in half precision."""

    def __init__(self, model: ClaimModel) -> None:
        super().__init__()
        encoder = model.encoder
        words = [table.weight for table in (encoder.word, encoder.prefix, encoder.suffix, encoder.shape)]
        width = words[0].shape[1]
        starts = torch.tensor([0, *(len(table) for table in words)]).cumsum(0)
        self.model = model.eval()
        # The last row is that of a word that is no compound.
        self.words = torch.cat([*words, torch.zeros(1, width)]).detach().half()
        self.first_rows = torch.tensor([*starts[:4], 0])
        self.no_compound = torch.tensor([-1, -1, -1, -1, 0]), starts[4]
        self.marks = torch.cat([table.weight for table in model.marks]).detach()
        self.first_marks = torch.tensor([0, *MARKS[:-1]]).cumsum(0)

    def forward(self, rows: Tensor, marks: Tensor, target: Tensor, readings: Tensor, apart: Tensor) -> Sequence[Tensor]:
        """The probabilities of the words' labels, and of each field's values."""
        nothing, last = self.no_compound
        x = self.words[torch.where(rows == nothing, last, rows + self.first_rows)].float().sum(1)
        x = x + self.marks[marks + self.first_marks].sum(1)
        labels, fields = self.model.read(x[None], marks[None], target, readings[None], apart, None)
        return labels[0].softmax(-1), *(field[0].softmax(-1) for field in fields)
