from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trayassist.api.normal_text import fold, join_broken_words, normal, skeleton


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Das Bu\u0308ro in Ko\u0308ln", "Das Büro in Köln"),  # NFD
        ("o\ufb03ce \ufb02oor", "office floor"),
        ("\ufeffkey\u200bboard and\u2060 more", "keyboard and more"),
        ("Ｒｏｏｍ　４２", "Room 42"),
        ("ﾃﾞｰﾀ", "データ"),
        ("\U0001d407\U0001d41e\U0001d425\U0001d425\U0001d428", "Hello"),
        ("ا\ufcccفتاح", "المفتاح"),  # one glyph for two letters
        ("\ufe8d\ufedf\ufe92\ufef4\ufe96", "البيت"),  # forms of print
        ("Auf\u200clage", "Auflage"),
        ("می\u200cروم", "می\u200cروم"),  # Persian: the joiner is part of the spelling
        ("\U0001f469\u200d\U0001f680 flies", "\U0001f469\u200d\U0001f680 flies"),
        ("18\xa0euros, 4\u202f812", "18 euros, 4 812"),
        ("non\u2011stop", "non-stop"),
        ("one\u2028two\x0cthree", "one\ntwo\nthree"),
        ("bell\x07 null\x00", "bell null"),
        ("\u202eevil\u202c", "evil"),
        ("Fahr\xadräder stehen", "Fahrräder stehen"),
        ("Die Fahr\xad\nräder, die alten.", "Die Fahrräder,\ndie alten."),
        ("Ver\xad\nwal\xad\ntung hier", "Verwaltung\nhier"),
        ("tab\tand\nline stay: x² is 10⁶, 50 € ½", "tab\tand\nline stay: x² is 10⁶, 50 € ½"),
    ],
)
def test_text_is_in_the_letters_that_people_type(written: str, read: str) -> None:
    assert normal(written) == read


@given(st.text(max_size=80))
def test_normal_text_stays_as_it_is(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        ("a late notifi-\ncation is due", "a late notification\nis due"),
        ("the consti-\ntu-\ntion, he said", "the constitution,\nhe said"),
        ("the NOTI-\nFIED party", "the NOTIFIED\nparty"),
        ("a long-\nterm plan", "a long-term\nplan"),
        ("the self-\nmade man", "the self-made\nman"),
        ("at Lake-\nPlacid", "at Lake-Placid"),
        ("an e-\nmail came", "an e-mail\ncame"),
        ("a sea-blue hull, sea-\nblue again", "a sea-blue hull, sea-blue\nagain"),
        ("Vor-\nund Nachteile", "Vor- und\nNachteile"),
        ("short- or long-term, short-\nor long-term", "short- or long-term, short- or\nlong-term"),
        ("Ver\xac\nwaltung am", "Verwaltung\nam"),
        ("part AB-12-\nfoot", "part AB-12-\nfoot"),  # a code is no word
        ("COVID-\n19 came", "COVID-\n19 came"),
        ("a list -\nwith dashes\n- item", "a list -\nwith dashes\n- item"),
        ("the end-\n\nA new start", "the end-\n\nA new start"),
    ],
)
def test_words_that_a_line_end_parts_are_whole(lines: str, read: str) -> None:
    assert join_broken_words(lines) == read


@given(st.text(alphabet="abC -\xad\n.1", max_size=60))
def test_joining_loses_no_letter(text: str) -> None:
    signs = [sign for sign, _ in skeleton(text)]
    assert [sign for sign, _ in skeleton(join_broken_words(normal(text)))] == signs


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Żółw spółki Młynek", "zolw spolki mlynek"),
        ("Smørrebrød", "smorrebrod"),
        ("Straße", "STRASSE"),
        ("Đorđe", "dorde"),
        ("ılık", "ilik"),
        ("Œuvre", "oeuvre"),
        ("كـــتاب", "كتاب"),
        ("مُدَرِّس", "مدرس"),
    ],
)
def test_names_without_their_strokes_and_accents_are_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_the_skeleton_of_two_spellings_is_the_same_and_knows_the_places() -> None:
    one, other = "o\ufb03ce no-\nti\xadce Bu\u0308ro 10\u2076", "office notice Büro 106"
    assert [sign for sign, _ in skeleton(one)] == [sign for sign, _ in skeleton(other)]
    assert [other[at] for sign, at in skeleton(other)] == list("officenoticeBüro106")


def test_nfc_is_kept() -> None:
    text = "Frühstück für Élise"
    assert normal(unicodedata.normalize("NFD", text)) == text
