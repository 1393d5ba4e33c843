"""The spaCy component: added by name, on its own words, saved and loaded, carried between processes."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from extractor import spacy_component
from extractor.claims import Claim
from extractor.pipeline import extract

TEXT = "We present Foo. Foo is 2.5x faster than Bar and cuts memory from 57Gb to 8.2Gb."


@pytest.fixture
def nlp() -> Language:
    made = spacy.blank("en")
    made.add_pipe("quantitative_claims")
    return made


def test_claims_are_those_of_the_library(nlp: Language) -> None:
    claims = nlp(TEXT)._.claims
    assert claims == extract(TEXT)
    assert [claim.quantity for claim in claims] == ["2.5x", "8.2Gb"]
    assert all(isinstance(claim, Claim) for claim in claims)


def test_document_without_claims_has_an_empty_list(nlp: Language) -> None:
    assert nlp("Nothing here.")._.claims == []
    assert spacy.blank("en")("Never run.")._.claims == []


def test_stream_of_documents(nlp: Language) -> None:
    assert [len(doc._.claims) for doc in nlp.pipe([TEXT, "", TEXT])] == [2, 0, 2]


def test_entities_of_the_claims_are_spans(nlp: Language) -> None:
    doc = nlp("We propose Foo. Foo improves throughput by 2.5x over vLLM.")
    found = [(span.text, span.label_) for span in doc.spans["quantitative_claims"]]
    assert found == [("Foo", "ARTEFACT"), ("throughput", "METRIC"), ("vLLM", "ARTEFACT")]
    assert list(nlp("Nothing here.").spans["quantitative_claims"]) == []


def test_saved_pipeline_gives_the_same_claims(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path)
    assert spacy.load(tmp_path)(TEXT)._.claims == nlp(TEXT)._.claims
    assert spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())(TEXT)._.claims == extract(TEXT)


def test_claims_travel_with_the_document(nlp: Language) -> None:
    doc = nlp(TEXT)
    assert Doc(nlp.vocab).from_bytes(doc.to_bytes())._.claims == doc._.claims
    stored = DocBin(docs=[doc], store_user_data=True).to_bytes()
    (read,) = DocBin().from_bytes(stored).get_docs(nlp.vocab)
    assert read._.claims == doc._.claims


def test_own_rules_are_kept_in_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "grammar: Numbers that are no quantities.\n"
        "kind: reject\n"
        "rules:\n"
        "  - id: own-code\n"
        "    says: Codes of the house.\n"
        "    before: 'code '\n"
        "    examples: [{text: 'code «7%» here'}]\n"
        "    counter: [{text: 'a rate of «7%»'}]\n"
    )
    nlp = spacy.blank("en")
    nlp.add_pipe("quantitative_claims", config={"rules": [str(tmp_path)]})
    nlp.to_disk(tmp_path / "saved")
    text = "Foo has a code 7% and an accuracy of 8%."
    for pipe in (nlp, spacy.load(tmp_path / "saved")):
        assert [claim.quantity for claim in pipe(text)._.claims] == ["8%"]


def test_entry_point_names_the_factory() -> None:
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]
    module, name = project["entry-points"]["spacy_factories"]["quantitative_claims"].split(":")
    assert getattr(import_module(module), name) is spacy_component.quantitative_claims
