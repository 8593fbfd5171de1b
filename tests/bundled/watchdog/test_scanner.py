"""The shell scanner: what bash would run is what the rules see."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trayassist_watchdog.commands.scanner import plain, scan
from trayassist_watchdog.commands.windows import scan_windows


def argvs(text: str) -> list[list[str]]:
    return [[plain(word) for word in command.argv] for command in scan(text) if command.argv]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("echo 'a b' \"c d\" e\\ f", [["echo", "a b", "c d", "e f"]]),
        ("echo $'a\\tb' $'\\x41'", [["echo", "a\tb", "A"]]),
        ("a | b |& c && d; e & f", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]),
        ("echo a#b # comment", [["echo", "a#b"]]),
        ("echo one \\\ntwo", [["echo", "one", "two"]]),
        ("if true; then ls; else pwd; fi", [["true"], ["ls"], ["pwd"]]),
        ("case $x in a|b) ls;; *) pwd;; esac", [["ls"], ["pwd"]]),
        ("f() { ls; }; f", [["ls"], ["f"]]),
        ("(cd /; ls)", [["cd", "/"], ["ls"]]),
        ("x=$((1+2)) ls", [["ls"]]),
        ("[[ $a > $b ]] && ls", [["ls"]]),
        ("{ls,-l,/}", [["ls", "-l", "/"]]),
        ("ls${IFS}-l", [["ls", "-l"]]),
        ("echo ${x:-a b}", [["echo", "${x:-a b}"]]),
        ("cat <<'A' <<B\nx\nA\ny\nB\nls", [["cat"], ["ls"]]),
    ],
)
def test_words_and_operators(text: str, expected: list[list[str]]) -> None:
    assert argvs(text) == expected


def test_redirects_here_documents_and_pipes() -> None:
    (command,) = scan("cat > out.txt 2>&1 < in.txt")
    assert command.redirects == [(">", "out.txt"), (">&", "1"), ("<", "in.txt")]
    here = scan("sh <<-END\n\techo hi\n\tEND\nls")
    assert (here[0].here, here[1].argv) == ("\techo hi", ["ls"])
    assert scan("cat <<< 'some text'")[0].here == "some text"
    first, second = scan("a | b")
    assert second.feeds_from is first


def test_substitutions_hang_on_their_command() -> None:
    (command,) = scan('diff <(sort a) "$(sort `ls b`)"')
    assert [sort for sort, _ in command.inner] == ["<(", "$("]
    inside = command.inner[1][1][0]
    assert inside.argv[0] == "sort"
    assert inside.inner[0][1][0].argv == ["ls", "b"]


def test_a_quoted_dollar_is_no_variable() -> None:
    (command,) = scan("echo '$HOME' \\$HOME \"$HOME\"")
    assert [("$" in word, plain(word)) for word in command.argv[1:]] == [
        (False, "$HOME"),
        (False, "$HOME"),
        (True, "$HOME"),
    ]


def test_a_here_document_runs_its_substitutions_unless_quoted() -> None:
    assert scan("cat <<A\n$(ls)\nA")[0].inner
    assert not scan("cat <<'A'\n$(ls)\nA")[0].inner


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize(
    "text",
    [
        r"""a 'b c' "d \" e" f\ g h""",
        r"""a$'\n'b "x"'y'z""",
        r"""'' "" a""",
        r"""a "b\c" 'd\e' f\\g""",
        r"""a"b c"d'e f' -x=1""",
        r"""x\
y z""",
    ],
)
def test_words_are_what_a_real_shell_makes_of_them(text: str) -> None:
    script = f"printf '%s\\0' {text}"
    real = subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout.decode().split("\0")[:-1]
    (command,) = scan(script)
    assert [plain(word) for word in command.argv[2:]] == real


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]), max_size=12), min_size=1))
def test_quoted_words_come_back_whole(words: list[str]) -> None:
    (command,) = scan("run " + shlex.join(words))
    assert [plain(word) for word in command.argv[1:]] == words


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab $`'\"\\(){}<>|&;#\n=[]*!-", max_size=60))
def test_nothing_raises_on_broken_shell(text: str) -> None:
    for command in [*scan(text), *scan_windows(text)]:
        assert all(isinstance(word, str) for word in command.argv)


def test_windows_backslashes_belong_to_paths() -> None:
    first, second = scan_windows('del /q "C:\\a b\\*" & copy C:\\x D:\\y')
    assert first.argv == ["del", "/q", "C:\\a b\\*"]
    assert second.argv == ["copy", "C:\\x", "D:\\y"]
