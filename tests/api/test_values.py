"""Numbers, dates and names in canonical form: every spelling of a value is that value, and no other."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from trayassist.api.numbers import Number, table_scales
from trayassist.api.values import Date, Name, covers, dates, names, numbers, same, values


def number(text: str) -> Number:
    found = [one for one in numbers(text) if not one.doubtful]
    assert len(found) == 1, (text, found)
    return found[0]


def date(text: str) -> Date:
    found = dates(text)
    assert len(found) == 1, (text, found)
    return found[0]


GROUPINGS = (",.", ".,", " .", " ,", "’.", "'.", "\u00a0,", "\u202f.")  # the mark of groups, the decimal mark


def grouped(digits: str, mark: str) -> str:
    return f"{int(digits):,}".replace(",", mark)


@pytest.mark.parametrize("marks", GROUPINGS)
def test_any_grouping_of_a_number_is_that_number(marks: str) -> None:
    random.seed(marks)
    for _ in range(200):
        whole, part = str(random.randrange(1_000, 10**12)), random.choice(("", "5", "25", "1234"))
        written = grouped(whole, marks[0]) + (marks[1] + part if part else "")
        wanted = Decimal(f"{whole}.{part}" if part else whole)
        found = next(one for one in numbers(f"Es waren {written} im Jahr.") if not one.doubtful)
        assert wanted in found.readings, (written, found)
        assert f"Es waren {written} im Jahr."[found.start : found.end] == written


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("$14.7 billion", 14_700_000_000, "$"),
        ("EUR 3 million", 3_000_000, "EUR"),
        ("3 Mio. €", 3_000_000, "EUR"),
        ("3 Mrd. Euro", 3_000_000_000, "EUR"),
        ("2,5 millions d’euros", 2_500_000, "EUR"),
        ("US$1.2m", 1_200_000, "USD"),
        ("5 pour cent", 5, "%"),
        ("12.5 %", Decimal("12.5"), "%"),
        ("1,04,713", 104_713, ""),
        ("10k", 10_000, ""),
        ("two hundred and five", 205, ""),
        ("twenty-five percent", 25, "%"),
        ("three million dollars", 3_000_000, "$"),
        ("dreiundzwanzig", 23, ""),
        ("quatre-vingt-deux", 82, ""),
        ("21st", 21, ""),
        ("the seventh", 7, ""),
        (".5", Decimal("0.5"), ""),
        ("25 basis points", 25, "bp"),
    ],
)
def test_units_scales_and_words_are_read(text: str, value: Decimal | int, unit: str) -> None:
    found = number(text)
    assert found.readings[0] == value
    assert found.unit == unit


@pytest.mark.parametrize(("text", "value"), [("(560)", -560), ("-5", -5), ("−3.5", Decimal("-3.5")), ("$(12)", -12)])
def test_brackets_and_signs_are_negative(text: str, value: Decimal | int) -> None:
    assert number(text).readings[0] == value


def test_a_range_is_two_positive_numbers_that_share_their_unit() -> None:
    one, other = numbers("10–15 %")
    assert (one.readings, other.readings, one.unit) == ((Decimal(10),), (Decimal(15),), "%")
    one, other = numbers("between $5 and $7 million")
    assert one.readings[0] == 5_000_000


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.2 billion", "1,200 million"),
        ("1.2 billion", "1 200 000 000"),
        ("1.234", "1,234"),
        ("12 %", "12"),
        ("$5", "5 USD"),
        ("a dozen eggs", "12"),
        ("thirty-two", "32"),
        ("about 1,200", "1,187"),
        ("(101)", "101"),
        ("3rd", "3"),
    ],
)
def test_two_spellings_of_a_value_are_the_same(one: str, other: str) -> None:
    assert same(numbers(one)[0], numbers(other)[0])
    assert same(numbers(other)[0], numbers(one)[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,200", "1,187"),  # rounded, and nothing says so
        ("about 1,200", "1,260"),
        ("1.2 billion", "1.2 million"),
        ("$5", "€5"),
        ("5 %", "$5"),
        ("12", "21"),
        ("1.5", "15"),
    ],
)
def test_other_values_are_not_the_same(one: str, other: str) -> None:
    assert not same(numbers(one)[0], numbers(other)[0])


def test_words_that_may_be_no_numbers_are_doubtful() -> None:
    assert [(one.text, one.doubtful) for one in numbers("one of them, once, six people")] == [
        ("one", True),
        ("once", True),
        ("six", True),
    ]
    assert [one.doubtful for one in numbers("18 104 713")] == [False, True, True, True]
    assert all(one.doubtful for one in numbers("M32x1"))


MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
FORMS = {
    "en": ("{m} {d}, {y}", "{d} {m} {y}", "{m} {d}th, {y}", "{d}th of {m} {y}"),
    "de": ("{d}. {m} {y}",),
    "fr": ("{d} {m} {y}",),
    "es": ("{d} de {m} de {y}",),
}


@pytest.mark.parametrize("language", MONTHS)
def test_written_dates_of_every_month_are_read(language: str) -> None:
    for month, name in enumerate(MONTHS[language].split(), 1):
        for form in FORMS[language]:
            text = form.format(d=14, m=name, y=2023)
            assert date(f"x {text}.").readings == ((2023, month, 14, None),), text
        if language != "es":
            assert date(f"x {name} 2023 y").readings == ((2023, month, None, None),)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("2024-11-03", {(2024, 11, 3, None)}),
        ("03/11/2024", {(2024, 11, 3, None), (2024, 3, 11, None)}),
        ("25/11/2024", {(2024, 11, 25, None)}),
        ("3.11.24", {(2024, 11, 3, None)}),
        ("Q3 2023", {(2023, None, None, 3)}),
        ("3Q23", {(2023, None, None, 3)}),
        ("third quarter of 2023", {(2023, None, None, 3)}),
        ("3. Quartal 2023", {(2023, None, None, 3)}),
        ("troisième trimestre 2023", {(2023, None, None, 3)}),
        ("FY18", {(2018, None, None, None)}),
        ("fiscal year 2018", {(2018, None, None, None)}),
        ("May 18", {(None, 5, 18, None)}),
    ],
)
def test_dates_quarters_and_fiscal_years_are_read(text: str, readings: set[tuple[int | None, ...]]) -> None:
    assert set(date(text).readings) == readings


def test_may_is_a_month_only_where_it_is_one() -> None:
    assert dates("it may 5 times") == []
    assert date("On May 5 it rained").readings == ((None, 5, 5, None),)


def test_both_years_of_a_season_are_read() -> None:
    assert [one.readings[0][0] for one in dates("2022/23 and 2019-2021")] == [2022, 2023, 2019, 2021]


def test_a_date_covers_what_it_says_and_no_more() -> None:
    whole = date("18 May 2022")
    assert covers(whole, date("May 2022"))
    assert covers(whole, date("Q2 2022"))
    assert covers(whole, date("2022"))
    assert not covers(whole, date("May 2023"))
    assert not covers(date("May 2022"), whole)
    assert covers(date("03/11/2024"), date("11 March 2024"))


def test_a_year_is_the_same_as_its_number() -> None:
    assert same(date("2000"), number("2,000"))
    assert not same(date("2000"), number("$2,000"))


def test_digits_of_a_date_and_of_an_identifier_are_no_numbers_of_their_own() -> None:
    assert numbers("18 May 2022, 2022-05-18") == []
    found = values("AB-123/6 of 18 May 2022")
    assert [(type(one), one.doubtful) for one in found if not isinstance(one, Number)] == [(Name, False), (Date, False)]
    assert all(one.doubtful for one in found if isinstance(one, Number))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("It was Corie Barry who said so.", [("Corie Barry", "name")]),
        ("the CEO of Best Buy", [("CEO", "acronym"), ("Best Buy", "name")]),
        ("at the Bank of America.", [("Bank of America", "name")]),
        ("by J. P. Morgan. Who said so?", [("J. P. Morgan", "name")]),
        ("see AB-123/6 and M32x1.5", [("AB-123/6", "identifier"), ("M32x1.5", "identifier")]),
        ("write to a.b@example.com", [("a.b@example.com", "email")]),
        ("see https://example.org/a.", [("https://example.org/a", "url")]),
        ("since v2.1.0 it works", [("v2.1.0", "version")]),
        ("over a 12-month period on Monday in May", []),
        ("they paid US$5 and 3 Mio. Euro", []),
    ],
)
def test_names_are_read(text: str, wanted: list[tuple[str, str]]) -> None:
    assert [(one.text, one.kind) for one in names(text)] == wanted


def test_a_capital_that_the_place_explains_is_doubtful() -> None:
    assert [one.doubtful for one in names("Canberra is far.")] == [True]
    assert [one.doubtful for one in names("He lives in Canberra.")] == [False]
    german = names("Der Vermieter hat die Miete im Haus erhöht, und Anna Berger war nicht da.")
    assert [(one.text, one.doubtful) for one in german if not one.doubtful] == [("Anna Berger", False)]


def test_names_are_the_same_in_other_dress() -> None:
    assert same(names("by Zoë’s")[0], names("by ZOE")[0])
    assert same(names("see AB-12/3")[0], names("see ab‑12/3")[0])
    assert not same(names("see AB-12/3")[0], names("see AB-12/4")[0])


@pytest.mark.parametrize(
    ("text", "scales"),
    [
        ("(in millions, except per share)", [10**6]),
        ("in thousands of euros", [10**3]),
        ("in Mio. EUR", [10**6]),
        ("TEUR", [10**3]),
        ("a million people live there", []),
    ],
)
def test_scales_in_the_heads_of_tables_are_read(text: str, scales: list[int]) -> None:
    assert list(table_scales(text)) == scales


def test_places_are_those_of_the_text() -> None:
    text = "On 18 May 2022 Best Buy paid about $1.25 billion (5 %) for AB-1/2, see v1.2.3."
    for value in values(text):
        assert text[value.start : value.end] == value.text
    assert {value.text for value in values(text) if not value.doubtful} == {
        "18 May 2022", "Best Buy", "$1.25 billion", "5 %", "AB-1/2", "v1.2.3",
    }  # fmt: skip


HARD = (
    "1,234 ",  # groups without end
    "A.B-",
    "two and ",
    "9",
    "$ (",
    "May ",
    "a-",
    "1.",
    "Q1 ",
    " ",
    "A",
    "of De ",
    "x@",
    "1/",
    "(1",
    "20 ",
)


@pytest.mark.parametrize("piece", HARD)
def test_reading_ends_whatever_the_text(piece: str) -> None:
    """With a quadratic pattern 40,000 characters would take minutes; the suite's time limit would say so."""
    values(piece * (40_000 // len(piece)))
