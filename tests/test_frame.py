"""Data frames in, data frames out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from extractor.frame import extract_frame
from extractor.pipeline import extract
from extractor.tables import COLUMNS

FAST = "We present Foo. Foo is 2.5x faster than Bar and reaches 97.2% accuracy on MNIST."
SMALL = "We cut memory by 30% over Baz."


def test_columns_and_order_are_those_of_the_input() -> None:
    df = pd.DataFrame({"id": ["b", "a"], "title": ["Foo: x", "Qux"], "abstract": [FAST, SMALL]}, index=[7, 3])
    found = extract_frame(df)
    assert list(found.columns) == list(COLUMNS)
    assert found["id"].tolist() == ["b", "b", "a"]
    assert found["quantity"].tolist() == ["2.5x", "97.2%", "30%"]
    assert found.index.tolist() == [0, 1, 2]


def test_fields_are_those_of_the_library() -> None:
    found = extract_frame(pd.DataFrame({"abstract": [FAST], "title": ["Foo: x"]}))
    claims = extract(FAST, "Foo: x")
    for name in ("quantity", "value", "unit", "bound", "form", "direction", "type", "role", "start", "end"):
        assert found[name].tolist() == [getattr(claim, name) for claim in claims]
    assert found["sentence"][0] == FAST[16:]
    assert found["factor"][0] == 2.5


def test_input_stays_as_it_is() -> None:
    df = pd.DataFrame({"abstract": [FAST]})
    before = df.copy(deep=True)
    extract_frame(df)
    pd.testing.assert_frame_equal(df, before)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT], ids=["None", "nan", "NA", "NaT"])
def test_missing_abstracts_give_no_claims_and_missing_titles_are_empty(missing: Any) -> None:
    df = pd.DataFrame({"abstract": [missing, SMALL], "title": ["x", missing], "id": [missing, missing]}, dtype=object)
    found = extract_frame(df)
    assert found[["id", "title", "quantity"]].to_numpy().tolist() == [["2", "", "30%"]]


@pytest.mark.parametrize(
    "df",
    [
        pd.DataFrame({"abstract": []}),
        pd.DataFrame({"abstract": ["No number."]}),
        pd.DataFrame({"abstract": [None]}),
    ],
    ids=["no rows", "no claims", "no abstract"],
)
def test_no_claims_give_the_same_columns_and_types(df: pd.DataFrame) -> None:
    empty, full = extract_frame(df), extract_frame(pd.DataFrame({"abstract": [FAST]}))
    assert len(empty) == 0
    assert empty.dtypes.tolist() == full.dtypes.tolist()
    assert (full.dtypes["value"], full.dtypes["start"]) == (np.float64, np.int64)


def test_other_column_names_and_document_columns() -> None:
    df = pd.DataFrame(
        {
            "Summary": [SMALL, SMALL],
            "Key": [12, 13],
            "authors": [["Ann", "Bo"], np.array(["Cy"])],
            "date": pd.to_datetime(["2024-04-25", "2024-04-26"]),
            "url": ["https://x.org", None],
        }
    )
    found = extract_frame(df, text="Summary", id="Key")
    assert found["id"].tolist() == ["12", "13"]
    assert found["authors"].tolist() == [["Ann", "Bo"], ["Cy"]]
    assert found["date"].tolist() == ["2024-04-25", "2024-04-26"]
    assert found["url"].tolist() == ["https://x.org", None]


def test_one_author_as_text_is_a_list_of_one() -> None:
    found = extract_frame(pd.DataFrame({"abstract": [SMALL], "authors": ["Ann Bo"]}))
    assert found["authors"].tolist() == [["Ann Bo"]]


REFUSED = [
    ("no abstract column", {"summary": ["x"]}, {}, "expected one column 'abstract', found: summary"),
    (
        "no column of that name",
        {"abstract": ["x"]},
        {"title": "Name"},
        "expected one column 'Name', found: abstract",
    ),
    (
        "a number as abstract",
        {"abstract": ["x", 5]},
        {},
        "expected text in column 'abstract', found in row 2: 5",
    ),
]


@pytest.mark.parametrize(("data", "options", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_refused(data: dict[str, list[Any]], options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        extract_frame(pd.DataFrame(data), **options)


def test_column_that_stands_twice_is_refused() -> None:
    df = pd.DataFrame([["x", "y"]], columns=["abstract", "abstract"])
    with pytest.raises(ValueError, match="found: 2 of them"):
        extract_frame(df)
