"""The text of an answer as it grows: whole characters only, and nothing of a stop string."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trayassist.workers.model.stop_filter import StopFilter

WORDS = st.text(alphabet="ab⛵é\n", max_size=40)


def feed_all(text: StopFilter, data: bytes, size: int) -> list[str]:
    pieces = []
    for at in range(0, len(data), size):
        pieces.append(text.feed(data[at : at + size]))
        if text.stopped:
            break
    return [*pieces, text.rest()]


@given(WORDS, st.integers(1, 5), st.lists(st.text(alphabet="ab⛵\n", min_size=1, max_size=4), max_size=3))
def test_any_bytes_in_any_pieces_give_the_text_before_the_first_stop(whole: str, size: int, stop: list[str]) -> None:
    pieces = feed_all(StopFilter(stop), whole.encode(), size)
    begun = whole.lstrip()
    cut = min((at for word in stop if (at := begun.find(word)) >= 0), default=len(begun))
    # of two stop strings the one that is complete first counts, so the text may be longer by what was shown before it
    shown = "".join(pieces)
    assert begun.startswith(shown)
    assert len(shown) >= cut
    assert not any(word in shown for word in stop)
    assert "\ufffd" not in shown


def test_a_character_is_never_split() -> None:
    assert feed_all(StopFilter(()), "a⛵b".encode(), 1) == ["a", "", "", "⛵", "b", ""]


def test_half_a_character_at_the_end_is_marked_and_not_lost_silently() -> None:
    assert "".join(feed_all(StopFilter(()), "ok⛵".encode()[:-1], 1)) == "ok\ufffd"


def test_what_may_begin_a_stop_string_is_held_back_and_given_when_it_does_not() -> None:
    text = StopFilter(("\nUser:",))
    assert text.feed(b"yes\nUs") == "yes"
    assert text.feed(b"ual") == "\nUsual"
    assert text.feed(b"\nUser: and then") == ""
    assert text.stopped
    assert text.rest() == ""
