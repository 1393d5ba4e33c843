from __future__ import annotations

import pytest

from extractor.reading.names import given_first, split_glued, split_names, surnames_first

GLUED = [
    ("Deep Learning in the Cloud|Aakash Sharma", "lower case, one author"),
    ("Attention for NLP|Aakash Sharma, B. Li", "acronym"),
    ("A Study of BERT|J. Smith, Ann Lee", "acronym before an initial"),
    ("Models on GPUs|Yann LeCun, Angus McDonald", "capitals inside surnames"),
    ("Llama 2|Hugo Touvron, Louis Martin", "digit"),
    ("F1 Racing in 3D|Max Müller", "digit and capital"),
    ("Fast C++|Bjarne Stroustrup", "symbol"),
    ("Solving $O(n)$|Ada Lovelace", "formula"),
    ("Is Attention All?|Özlem Uzuner", "question mark, capital with a diacritic"),
    ("Trees (Extended Version)|Seán O'Brien, Łukasz Kaiser", "bracket, apostrophe"),
    ('Play to "Win"|Maria de la Cruz', "closing quote, particles"),
    ("LayerSkip: Early Exit|Mostafa Elhoushi, Akshat Shrivastava", "capital inside the title"),
    ("PyTorch FSDP|Yanli Zhao, Andrew Gu", "capital inside the title, all in capitals"),
    (
        "LayerSkip, Early Exit Learning|John Smith, JiaWei Zhang",
        "comma in the title, capital inside a given name",
    ),
    ("Yes, You Really Can|Hongyi Wang", "comma in the title"),
    ("Low-Rank Training|Hongyi Wang, Pongsakorn U-chupala", "small letter after a hyphen"),
    ("Placement Policies|Song Bian, Md. Tareq Mahmood", "abbreviated given name"),
    ("Video|Ran Xu, Chen-lin Zhang, Pengcheng Wang", "short names"),
    ("On Graphs|Jean-Baptiste d'Alché-Buc, J.-P. Sartre, Ludwig von der Leyen", "initials with a hyphen"),
    ("GPT-4 Technical Report|OpenAI, Josh Achiam, Steven Adler", "organisation first"),
    ("Technical Report|DeepSeek-AI, Aixin Liu", "organisation with a hyphen first"),
    ("Trust, but Verify|Abdul (Alex) Karim Jr.", "nickname and generation"),
    ("FooBar Learning.|John Smith", "full stop"),
    ("Bandits|D. E. Knuth, K. V. Arya", "initials first"),
]


@pytest.mark.parametrize(("line", "_why"), GLUED, ids=[why for _, why in GLUED])
def test_glued_names_come_off_the_title(line: str, _why: str) -> None:
    title, names = line.split("|")
    assert split_glued(title + names) == (title, names.split(", "))


@pytest.mark.parametrize("line", ["A title alone", "Speculative decoding for LLMs at scale", ""])
def test_a_line_without_names_is_all_title(line: str) -> None:
    assert split_glued(line) == (line, [])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Lee, Ann", ["Ann Lee"]),
        (
            "Xiong, Zheyang, Chrysos, Grigorios G, Arya, K. V.",
            ["Zheyang Xiong", "Grigorios G Chrysos", "K. V. Arya"],
        ),
        ("Lee, Ann, OpenAI", ["Lee, Ann, OpenAI"]),
    ],
)
def test_surnames_first(text: str, names: list[str]) -> None:
    assert surnames_first(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("Plato", ["Plato"]),
        ("Ann Lee; Bob van Dyk", ["Ann Lee", "Bob van Dyk"]),
        ("Lee, Ann; van Dyk, Bob", ["Ann Lee", "Bob van Dyk"]),
        ("Lee, Ann and van Dyk, Bob", ["Ann Lee", "Bob van Dyk"]),
        ("Ann Lee, Bob van Dyk, and Cem Ada", ["Ann Lee", "Bob van Dyk", "Cem Ada"]),
        (r"C. Bal\'azs, E. L. Berger, C.-P. Yuan", [r"C. Bal\'azs", "E. L. Berger", "C.-P. Yuan"]),
    ],
)
def test_names_in_one_string(text: str, names: list[str]) -> None:
    assert split_names(text) == names


def test_generation_follows_the_surname() -> None:
    assert given_first("Lee, Jr.,  Ann\n Marie") == "Ann Marie Lee Jr."
