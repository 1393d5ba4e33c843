"""Units after numbers in raw text: the table's examples, real strings, and what pint makes of the units."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pint
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from extractor import units
from extractor.rules import RuleError
from extractor.units import Entry, UnitMatch, convert, match_currency_before, match_unit, to_pint, unit_key

ENTRIES = units.table()


def number_of(text: str) -> tuple[str, int, int]:
    """The text without its marks, and where the number between « » (else the first one) starts and ends."""
    marked = re.search("«(.*)»", text)
    if marked:
        return text.replace("«", "").replace("»", ""), marked.start(), marked.end() - 2
    number = re.search(r"\d[\d,.]*(?<=\d)", text)
    assert number, text
    return text, number.start(), number.end()


def unit_in(text: str, entry: Entry) -> str | None:
    """The unit that an example's number has, before it for a currency, else after it."""
    plain, start, end = number_of(text)
    found = match_currency_before(plain, start) if entry.section == "currencies" else match_unit(plain, end)
    return found.unit if found else None


@pytest.mark.parametrize(
    ("entry", "text", "unit"),
    [pytest.param(e, t, u, id=f"{e.unit}: {t}") for e in ENTRIES for t, u in e.examples.items()],
)
def test_examples_of_the_table(entry: Entry, text: str, unit: str | None) -> None:
    assert unit_in(text, entry) == unit


@pytest.mark.parametrize(
    ("entry", "text"), [pytest.param(e, t, id=f"{e.unit}: {t}") for e in ENTRIES for t in e.counter]
)
def test_counter_examples_of_the_table(entry: Entry, text: str) -> None:
    assert unit_in(text, entry) not in {*entry.symbols.values(), *entry.words.values()} - {"None"}


# text, unit after the first number, text from the number's start to the unit's end
REAL_STRINGS = [
    # ratios
    ("speedups of up to 2.16x on summarization", "x", "2.16x"),
    ("10X times faster", "x", "10X times"),
    ("3times", "x", "3times"),
    ("by 13.7times over", "x", "13.7times"),
    ("5.6 times smaller", "x", "5.6 times"),
    ("a 2.3-fold increase", "x", "2.3-fold"),
    ("achieves 3$\\times$, 2.4$\\times$ and 1.6$\\times$", "x", "3$\\times"),
    ("$>2.5\\times$ faster", "x", "2.5\\times"),
    ("$\\sim 4 \\times$ less", "x", "4 \\times"),
    ("$2.4\\times$", "x", "2.4\\times"),
    ("${2.19\\times}$", "x", "2.19\\times"),
    ("1.3{\\times} higher", "x", "1.3{\\times}"),
    ("7$x$ faster", "x", "7$x"),
    ("4× lower", "x", "4×"),
    ("2.2 X lower delays than BBR", "x", "2.2 X"),
    ("100 times larger", "x", "100 times"),
    ("12.7\ntimes compared to", "x", "12.7\ntimes"),
    ("6 times across models", "x", "6 times"),
    ("10x+ speedups", "x", "10x"),
    ("5x-10x", "x", "5x"),
    ("2x, 3x and 4x", "x", "2x"),
    # not ratios
    ("4x4 mesh", None, ""),
    ("224 x 224 pixels", None, ""),
    ("16 × 16 array", None, ""),
    ("3 \\times 3 kernels", None, ""),
    ("3.1 \\times 10^{5}", None, ""),
    ("x86 processors", None, ""),
    ("8x A100 GPUs", None, ""),
    ("8×H100", None, ""),
    ("2x+1", None, ""),
    ("7 X-ray scans", None, ""),
    ("5-fold cross-validation", None, ""),
    ("in 10-fold stratified cross-validation", None, ""),
    ("3 times per day", None, ""),
    ("repeated 5 times", None, ""),
    ("20 timesteps", None, ""),
    # percent and points
    ("accuracy of 97.21% and", "%", "97.21%"),
    ("85\\% of", "%", "85\\%"),
    ("$68.4\\%$ on", "%", "68.4\\%"),
    ("$12$% of", "%", "12$%"),
    ("28.6$\\%$", "%", "28.6$\\%"),
    ("4.5\\,\\% less", "%", "4.5\\,\\%"),
    ("17 percent higher", "%", "17 percent"),
    ("10 per cent", "%", "10 per cent"),
    ("5\npercent", "%", "5\npercent"),
    ("95\\%ile latency", None, ""),
    ("99%-ile", None, ""),
    ("90th percentile", None, ""),
    ("95 percentile", None, ""),
    ("3.1 percentage points", "pp", "3.1 percentage points"),
    ("a 4.2-percentage-point gain", "pp", "4.2-percentage-point"),
    ("2.5 pp", "pp", "2.5 pp"),
    ("7.44pp.", "pp", "7.44pp"),
    ("9% points", "pp", "9% points"),
    ("2%p higher", "pp", "2%p"),
    ("1.5 p.p.", "pp", "1.5 p.p."),
    ("6.2 points on AlpacaEval", "pp", "6.2 points"),
    ("3.5 BLEU points", "pp", "3.5 BLEU points"),
    ("6.7 absolute points", "pp", "6.7 absolute points"),
    ("by $2.8$ points", "pp", "2.8$ points"),
    ("an 18-point gap", "pp", "18-point"),
    ("a 5-point Likert scale", None, ""),
    ("an 8-point DCT", None, ""),
    ("1 billion points", None, ""),
    ("the «1 billion» points", None, ""),
    ("20 data points", None, ""),
    # time
    ("from 51 to 21 minutes", None, ""),
    ("in «21» minutes", "min", "21 minutes"),
    ("a 21-minute delay", "min", "21-minute"),
    ("12 ms", "ms", "12 ms"),
    ("3.5milliseconds", "ms", "3.5milliseconds"),
    ("$5\\,\\mathrm{ms}$", "ms", "5\\,\\mathrm{ms}"),
    ("$10$ ms", "ms", "10$ ms"),
    ("10 $\\mu$s", "us", "10 $\\mu$s"),
    ("10 $\\mu s$", "us", "10 $\\mu s"),
    ("$7.5\\mu$s", "us", "7.5\\mu$s"),
    ("3 {\\mu}s per", "us", "3 {\\mu}s"),
    ("4 $μ$s", "us", "4 $μ$s"),
    ("100 µs", "us", "100 µs"),
    ("7.3 us", "us", "7.3 us"),
    ("17~s", "s", "17~s"),
    ("375 seconds", "s", "375 seconds"),
    ("0.165s per test", "s", "0.165s"),
    ("a 30-second clip", "s", "30-second"),
    ("54 h 43 min", "h", "54 h"),
    ("~881h (36.7 days)", "h", "881h"),
    ("3 years", "year", "3 years"),
    ("in the 1980s", None, ""),
    ("20 samples", None, ""),
    ("20 msgs", None, ""),
    ("12 years old", None, ""),
    # data and rates
    ("from 57Gb to 8.2Gb", "Gbit", "57Gb"),
    ("16 GB of memory", "GB", "16 GB"),
    ("16GB", "GB", "16GB"),
    ("512 KB", "kB", "512 KB"),
    ("64-byte lines", "B", "64-byte"),
    ("4 Mbytes", "MB", "4 Mbytes"),
    ("2.5 Gigabytes", "GB", "2.5 Gigabytes"),
    ("12\\,\\text{MB}$", "MB", "12\\,\\text{MB}"),
    ("8 GiB", "GiB", "8 GiB"),
    ("4-bit formats", "bit", "4-bit"),
    ("100 Gbps", "Gbit/s", "100 Gbps"),
    ("100 Gb/s", "Gbit/s", "100 Gb/s"),
    ("12 GBps", "GB/s", "12 GBps"),
    ("900 MB s$^{-1}$", "MB/s", "900 MB s$^{-1}"),
    ("2.4 GB per second", "GB/s", "2.4 GB per second"),
    ("4.2 bps/Hz", "bit/s/Hz", "4.2 bps/Hz"),
    ("30 frames per second", "frame/s", "30 frames per second"),
    ("60-fps video", "frame/s", "60-fps"),
    ("1,338 tokens/s", "token/s", "1,338 tokens/s"),
    ("4,039 tokens per second per GPU", "token/s", "4,039 tokens per second"),
    ("12 tok/s", "token/s", "12 tok/s"),
    ("300 QPS", "query/s", "300 QPS"),
    ("«1.6M» TPS at 256 shards", "transaction/s", "1.6M TPS"),
    ("decodes tokens at «1,338» TPS", "token/s", "1,338 TPS"),
    ("14.8 Mpps", "Mpacket/s", "14.8 Mpps"),
    ("5 Mops/s", "MOP/s", "5 Mops/s"),
    ("7.2 pJ/bit", "pJ/bit", "7.2 pJ/bit"),
    ("10 ms/frame", "ms/frame", "10 ms/frame"),
    ("54 TFLOPS/GPU", "TFLOP/s", "54 TFLOPS"),
    ("128 tokens", None, ""),
    ("8 images per class", None, ""),
    ("8 GB200 nodes", None, ""),
    ("10 GbE", None, ""),
    ("8 bit-serial units", None, ""),
    # compute, energy, physics
    ("1.2 TFLOP/s", "TFLOP/s", "1.2 TFLOP/s"),
    ("40 TFLOPS", "TFLOP/s", "40 TFLOPS"),
    ("5.5 GFLOPs", "GFLOP", "5.5 GFLOPs"),
    ("513.1 PFLOPs peak", "PFLOP/s", "513.1 PFLOPs"),
    ("2.5 petaflops", "PFLOP/s", "2.5 petaflops"),
    ("35 TOPS/W", "TOP/s/W", "35 TOPS/W"),
    ("2.1 TOPS/mm$^2$", "TOP/s/mm^2", "2.1 TOPS/mm$^2"),
    ("300 MMACs", "MMAC", "300 MMACs"),
    ("12 mW", "mW", "12 mW"),
    ("3.2 kWh", "kWh", "3.2 kWh"),
    ("0.66~\\text{mm}^2$", "mm^2", "0.66~\\text{mm}^2"),
    ("1.33 mm2", "mm^2", "1.33 mm2"),
    ("28nm CMOS", "nm", "28nm"),
    ("2.8m under", "m", "2.8m"),
    ("15.60 m/s at", "m/s", "15.60 m/s"),
    ("9.8 m/s$^2$", "m/s^2", "9.8 m/s$^2"),
    ("3 W m$^{-2}$ K$^{-1}$", "W/m^2/K", "3 W m$^{-2}$ K$^{-1}"),
    ("0.4 cm$^{-3}$", "cm^-3", "0.4 cm$^{-3}"),
    ("25 °C", "degC", "25 °C"),
    ("60$^\\circ$C", "degC", "60$^\\circ$C"),
    ("30$^{\\circ}$ rotation", "deg", "30$^{\\circ}"),
    ("360-degree video", "deg", "360-degree"),
    ("6 degrees of freedom", None, ""),
    ("-90 dBm", "dBm", "90 dBm"),
    ("30 $M_\\odot$", "M_sun", "30 $M_\\odot"),
    ("300 K and", "K", "300 K"),
    ("36 K pull requests", None, ""),
    ("at 1.2 V", "V", "1.2 V"),
    ("24 meV/Å", "meV/angstrom", "24 meV/Å"),
    # money behind the number
    ("5 US dollars", "USD", "5 US dollars"),
    ("39.06 EUR", "EUR", "39.06 EUR"),
    # names, scales, words
    ("5G networks", None, ""),
    ("3D point clouds", None, ""),
    ("4K video", None, ""),
    ("16T", None, ""),
    ("7B models", None, ""),
    ("14 B parameters", None, ""),
    ("100 in total", None, ""),
    ("3 a day", None, ""),
    ("10 A100 GPUs", None, ""),
    ("8 B200", None, ""),
    ("2 m-dimensional", None, ""),
    ("2m-1 sensors", None, ""),
    ("64 GPUs", None, ""),
    ("128 image-text pairs", None, ""),
    ("802.11g", None, ""),
    ("GPT-4's", None, ""),
    ("d^{8/3}}{m^{1/3}}", None, ""),
]


@pytest.mark.parametrize(("text", "unit", "covered"), REAL_STRINGS)
def test_real_strings(text: str, unit: str | None, covered: str) -> None:
    plain, start, end = number_of(text)
    found = match_unit(plain, end)
    assert (found.unit if found else None) == unit
    assert plain[start : found.end if found else start] == covered


def test_the_unit_has_its_own_span_and_rule() -> None:
    assert match_unit("$5\\,\\mathrm{ms}$", 2) == UnitMatch("ms", 12, 15, "unit:s")


MONEY = [
    ("costs only $«3» per hour", "USD"),
    ("from $«3» to $5 per month", "USD"),
    ("between $3 and $«5»", "USD"),
    ("$«24»-$27 a day", "USD"),
    ("$24-$«27» a day", "USD"),
    ("prices of $3, $«4», and $5", "USD"),
    ("costs $«5» (vs. $10)", "USD"),
    ("about $\\sim$$«5» each", "USD"),
    ("saves \\$«459,715» monthly", "USD"),
    ("approximately USD «4,000».", "USD"),
    ("over US$«2.8» billion", "USD"),
    ("for €«5»", "EUR"),
    ("£«20» vouchers", "GBP"),
    ("$«3»M over the $n$ users", "USD"),
    ("of $«3»$ nodes", None),
    ("achieves $«3»\\times$ speedup", None),
    ("takes $«3.2»$ ms", None),
    ("$n$ nodes and $«6»$ links", None),
    ("of $x=«3»$", None),
    ("about $\\sim$«20» ms", None),
    ("$>$«5» times", None),
    ("on $«256» \\times 256$ images", None),
    ("$«1»-2$ bits", None),
    ("$«4»$, $5$ and $6$", None),
    ("$4$, $«5»$ and $6$", None),
    ("in «5» days", None),
]


@pytest.mark.parametrize(("text", "unit"), MONEY)
def test_a_dollar_is_money_or_mathematics(text: str, unit: str | None) -> None:
    plain, start, _ = number_of(text)
    found = match_currency_before(plain, start)
    assert (found.unit if found else None) == unit
    assert found is None or (found.start < found.end <= start)


# --- pint ---

CONTRACT_UNITS = """
    s ms us ns min h day year B kB MB GB TB PB KiB MiB GiB bit kbit Mbit Gbit GB/s Gbit/s token/s frame/s
    query/s step/s FLOP FLOP/s TFLOP/s OP/s TOP/s/W J kJ Wh kWh W mW kW Hz kHz MHz GHz m cm mm um nm mm^2
    degC deg dB USD
"""


@pytest.mark.parametrize("unit", CONTRACT_UNITS.split())
def test_the_contracts_units_parse(unit: str) -> None:
    assert str(to_pint(2, unit).units) not in ("count", "dimensionless")


def test_every_unit_of_the_table_parses() -> None:
    written = {u for e in ENTRIES if e.unit for u in (*e.symbols.values(), *e.words.values())}
    for unit in written - {"x", "%", "pp", "base pair"}:
        assert str(to_pint(1, unit).units) not in ("count", "dimensionless"), unit


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (2.16, "x", "dimensionless"),
        (28.4, "", "dimensionless"),
        (5.0, "%", "percent"),
        (3.2, "pp", "percentage_point"),
        (64, "gpu", "count"),
        (128e6, "image-text pair", "count"),
        (7, "task set", "count"),
        (25, "degC", "degree_Celsius"),
        (35, "TOP/s/W", "teraOP / second / watt"),
    ],
)
def test_to_pint(value: float, unit: str, expected: str) -> None:
    quantity = to_pint(value, unit)
    assert str(quantity.units) == expected
    assert quantity.magnitude == value


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        (3, "h", "min", 180),
        (57, "Gbit", "GB", 7.125),
        (5, "%", "pp", 5),
        (0.05, "x", "%", 5),
        (25, "degC", "K", 298.15),
        (2, "TOP/s/W", "GOP/s/W", 2000),
        (30, "dBm", "W", 1),
        (1, "KiB", "B", 1024),
    ],
)
def test_convert(value: float, unit: str, to: str, expected: float) -> None:
    assert convert(value, unit, to) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("unit", "to"), [("token/s", "frame/s"), ("ms", "GB"), ("USD", "EUR"), ("gpu", "s"), ("FLOP", "OP")]
)
def test_convert_refuses_other_dimensions(unit: str, to: str) -> None:
    with pytest.raises(pint.DimensionalityError):
        convert(1, unit, to)


# What the reference scorer makes of the same units: equal keys within a row, different keys between rows.
SAME_KEYS = [
    ["ms", "millisecond", " ms"],
    ["s", "second", "seconds"],
    ["GB/s", "gigabyte/second"],
    ["GB"],
    ["Gbit"],
    ["Gbit/s"],
    ["token", "tokens"],
    ["token/s", "tokens/s", "token/second"],
    ["frame/s"],
    ["TFLOP/s"],
    ["mm^2", "mm**2"],
    ["cm^-3", "1/cm^3"],
    ["gpu", "GPU", "GPUs", "NVIDIA gpu"],
    ["pair", "image-text pair", "image-text pairs"],
    ["task", "downstream task"],
    ["language model", "model"],
    ["test set", "set"],
    ["x"],
    ["%"],
    ["pp"],
    [""],
]


def test_unit_keys() -> None:
    keys = [{unit_key(unit) for unit in row} for row in SAME_KEYS]
    assert [len(key) for key in keys] == [1] * len(SAME_KEYS)
    assert len(set.union(*keys)) == len(SAME_KEYS)


@given(st.text(alphabet=st.sampled_from("abks/ *^()-1\n%µ_.,[\"'"), max_size=12))
def test_unit_key_takes_any_text(unit: str) -> None:
    assert isinstance(unit_key(unit), str)


# --- any text ---

PIECES = st.lists(
    st.sampled_from(
        [
            "9",
            "3.2",
            "$",
            "\\",
            "{",
            "}",
            "\\times",
            "\\mu",
            "\\mathrm{",
            "ms",
            "ſ",
            "K",
            "GB",
            "/",
            "s",
            " per ",
            "-",
            "^",
            "2",
            "%",
            "x",
            " ",
            "\n",
            "~",
            "points",
            "times",
            "milliſeconds",
            "İ",
            "°",
            "C",
            "frames",
            "²",
            ".",
        ]
    ),
    max_size=15,
).map("".join)


@given(PIECES, st.integers(0, 40))
def test_any_text_gives_spans_inside_it(text: str, pos: int) -> None:
    pos = min(pos, len(text))
    found = match_unit(text, pos)
    if found:
        assert pos <= found.start < found.end <= len(text)
        assert not text[found.start : found.end].endswith("$")
        assert found.rule.startswith("unit:")
    money = match_currency_before(text, pos)
    assert money is None or 0 <= money.start < money.end <= pos


def test_pint_stays_unloaded_until_it_is_needed() -> None:
    code = "import sys; from extractor.units import match_unit as m; m('5 ms', 1); print('pint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# --- the file's own checks ---

MINIMAL: dict[str, Any] = {
    "grammar": "…",
    "kind": "unit",
    "prefixes": [{"prefix": "m", "symbols": ["m"], "words": ["milli"]}],
    "units": [{"unit": "s", "symbols": ["s"], "prefixes": ["", "m"], "examples": {"5 ms": "ms"}, "counter": ["5 m"]}],
    "nouns": [],
    "ambiguous": [],
    "currencies": [],
}


def load(tmp_path: Path, **changes: Any) -> tuple[Entry, ...]:
    """The table of the minimal file with changed sections."""
    path = tmp_path / "units.yaml"
    path.write_text(yaml.safe_dump(json.loads(json.dumps({**MINIMAL, **changes}))), encoding="utf8")
    return units.load_table(path)


def entry(**changes: Any) -> dict[str, Any]:
    """The minimal file's entry with changed keys; a key set to None is left out."""
    return {k: v for k, v in {**MINIMAL["units"][0], **changes}.items() if v is not None}


def test_a_minimal_file_loads(tmp_path: Path) -> None:
    (only,) = load(tmp_path)
    assert dict(only.symbols) == {"s": "s", "ms": "ms"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"extra": []}, r"units\.yaml: unknown section 'extra'"),
        ({"units": [{"symbols": ["s"]}]}, r"units: an entry without `unit`"),
        ({"units": [entry(surface=["s"])]}, r"units: entry 's': unknown key 'surface'; expected .*symbols"),
        ({"units": [entry(examples=None)]}, r"entry 's': `examples` must be a non-empty mapping"),
        ({"units": [entry(counter=[])]}, r"entry 's': `counter` must be a non-empty list"),
        ({"units": [entry(symbols=None)]}, r"entry 's': `symbols` or `words`"),
        ({"units": [entry(prefixes=["q"])]}, r"entry 's': `prefixes`: unknown prefix 'q'"),
        ({"units": [entry(), entry(unit="S")]}, r"surface form 's' stands in the entries 's' and 'S'"),
        ({"nouns": [entry(unit="second")]}, r"surface form 's' stands in the entries 's' and 'second'"),
        ({"ambiguous": [entry(unit="second", says="…")]}, r"surface form 's' stands in"),
        ({"ambiguous": [entry(symbols=["q"])]}, r"ambiguous: entry 's': `says` must tell"),
        ({"units": [entry(unless_after="(")]}, r"entry 's': `unless_after`: .* is no pattern"),
    ],
)
def test_faults_of_the_file_are_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(RuleError, match=message):
        load(tmp_path, **changes)


def test_a_missing_section_is_named(tmp_path: Path) -> None:
    path = tmp_path / "units.yaml"
    path.write_text("grammar: x\nkind: unit\n", encoding="utf8")
    with pytest.raises(RuleError, match="the section `ambiguous` is missing"):
        units.load_table(path)


def test_several_readings_stand_together_among_the_ambiguous(tmp_path: Path) -> None:
    readings = [entry(unit=u, says="…", symbols=["TPS"], prefixes=None) for u in ("token/s", "transaction/s")]
    assert [e.unit for e in load(tmp_path, ambiguous=readings)] == ["s", "token/s", "transaction/s"]
