"""Code given to an interpreter: shells, Python, Node, Perl, Ruby, PHP, awk, and what is piped into them."""

from __future__ import annotations

import re

from .model import Danger, ProgramCall, Rule, high, word_set
from .scanner import ShellCommand, output_of, plain, program_of

_SHELLS = word_set("sh bash zsh dash ksh mksh ash fish csh tcsh rbash pwsh powershell source .")
_DOWNLOADERS = word_set(
    "curl wget fetch aria2c http https lynx w3m links httpie xh iwr irm invoke-webrequest invoke-restmethod "
    "certutil ftp tftp nc ncat axel lwp-request get"
)
_DECODERS = word_set("base64 base32 xxd openssl uudecode gpg rev gunzip zcat hex unhex")

DELETES = "deletes files from a piece of code"
_DOWNLOADED = "runs a program straight from the network, unread"
_DECODED = "runs a program that was hidden in encoded text"

# Calls that destroy, by language. Each is tried on the code with its comments left in: an echo of a comment is rare.
_DESTROYS: dict[str, re.Pattern[str]] = {
    "python": re.compile(
        r"\brmtree\s{0,5}\(|\bos\.(?:remove|unlink|rmdir|removedirs|truncate)\s{0,5}\(|\.(?:unlink|"
        r"rmdir)\s{0,5}\(\s{0,5}(?:missing_ok|\))|\bsend2trash\s{0,5}\(|\bopen\s{0,5}\(\s{0,5}['\"](?:/dev/(?:sd|"
        r"nvme|hd|vd|mem)|/etc/)[^'\"]{0,80}['\"]\s{0,5},\s{0,5}['\"]w|\bimport\s{1,5}rmtree\b|"
        r"\bos\.kill\s{0,5}\(\s{0,5}(?:1|-1)\s{0,5},|\bdrop_all\s{0,5}\(|\bwhile\s{1,5}(?:True|"
        r"1)\s{0,5}:\s{0,20}os\.fork"
    ),
    "node": re.compile(
        r"\b(?:rmSync|rmdirSync|unlinkSync|rimraf(?:Sync)?|removeSync|emptyDirSync|truncateSync)\b|"
        r"\bfs(?:\.promises|Promises)?\.(?:rm|rmdir|unlink|truncate|remove|emptyDir)\s{0,5}\(|\)\.(?:rm|rmdir|"
        r"unlink|rmSync)\s{0,5}\(|\bDeno\.remove(?:Sync)?\s{0,5}\(|\{\s{0,5}(?:rm|unlink|rmSync|"
        r"unlinkSync)\b[^}]{0,60}\}\s{0,5}=\s{0,5}require|\bBun\.\$`\s{0,5}rm\b"
    ),
    "perl": re.compile(
        r"\bunlink\b|\brmtree\b|\bremove_tree\b|\brmdir\b|\btruncate\b|\bfork\s{1,5}while\b|"
        r"\bwhile\s{0,5}\(?1?\)?\s{0,5}\{?\s{0,5}fork"
    ),
    "ruby": re.compile(
        r"\bFileUtils\.(?:rm\w{0,12}|remove\w{0,20})|\bFile\.(?:delete|unlink|truncate)\b|\bDir\.(?:rmdir|delete|"
        r"unlink)\b|\brm_rf?\b|\bPathname\b.{0,80}\.(?:rmtree|delete|unlink)\b|\bloop\s{0,5}\{\s{0,5}fork"
    ),
    "php": re.compile(
        r"\b(?:unlink|rmdir|ftruncate)\s{0,5}\(|\barray_map\s{0,5}\(\s{0,5}['\"]unlink['\"]|\bFile::(?:delete|"
        r"cleanDirectory)"
    ),
    "lua": re.compile(r"\bos\.remove\s{0,5}\("),
    "groovy": re.compile(r"\.(?:deleteDir|delete)\s{0,5}\("),
    "r": re.compile(r"\b(?:unlink|file\.remove)\s{0,5}\("),
    "applescript": re.compile(r"(?i)\bempty\s{1,3}(?:the\s{1,3})?trash\b|\bdelete\s{1,3}\w|\bto\s{1,3}erase\b"),
}
_PRINTED = re.compile(  # text that is only printed, and patterns that are only looked for
    r"\b(?:print|puts|say|printf|console\.(?:log|info|warn|error))\s{0,3}\(?\s{0,3}"
    r"(?:'(?:[^'\\]|\\.){0,300}'|\"(?:(?![#@$]\{|@\[|`)(?:[^\"\\]|\\.)){0,300}\")"
    r"|(?:=~|!~|\bif|\bunless|\band|\bor|\bnot|\bgrep|&&|\|\||[({,!])\s{0,3}(?:m|qr)?/(?:[^/\\\n]|\\.){1,200}/"
)
_RUNS = re.compile(
    r"(?:\bos\.(?:system|popen|exec[lv]p?e?|spawn\w{1,4})|\b(?:subprocess|commands|sp)\.\w{1,20}|\bpty\.spawn|"
    r"\bexec(?:Sync|File|FileSync)?|\bspawn(?:Sync)?|\bsystem|\bshell_exec|\bpassthru|\bpopen|\bproc_open|"
    r"\bos\.execute|\bio\.popen|\bqx|%x|\bpopen3|\bcapture[23]e?|\bdo shell script|\bexecute|\bcheck_output|"
    r"\bcheck_call|\bRun|\bgetoutput|\brunCommand)\s{0,5}[({\[/|!]?\s{0,5}(?P<list>\[?)(?P<rest>.{0,600})",
    re.DOTALL,
)
_STRING = re.compile(r"(?P<q>['\"`])(?P<text>(?:[^'\"`\\]|\\.|(?!(?P=q))['\"`]){0,400})(?P=q)", re.DOTALL)
_TICKS = re.compile(r"`([^`\n]{1,400})`")
_HIDDEN = re.compile(
    r"\b(?:exec|eval)\s{0,5}\(.{0,80}?(?:b64decode|base64|fromhex|decompress|atob|codecs\.decode|Buffer\.from)",
    re.DOTALL,
)
_FETCHED = re.compile(r"\b(?:exec|eval)\s{0,5}\(.{0,120}?(?:urlopen|requests\.get|urllib|https?://|fetch\()", re.DOTALL)

# interpreter -> (options whose value is code, the language)
_CODE: dict[str, tuple[str, str]] = {
    "node": ("-e -p --eval --print -pe", "node"),
    "nodejs": ("-e -p --eval --print", "node"),
    "bun": ("-e --eval", "node"),
    "deno": ("", "node"),
    "tsx": ("-e --eval", "node"),
    "perl": ("-e -E", "perl"),
    "ruby": ("-e", "ruby"),
    "php": ("-r -B -R -E", "php"),
    "lua": ("-e", "lua"),
    "luajit": ("-e", "lua"),
    "groovy": ("-e", "groovy"),
    "rscript": ("-e", "r"),
    "osascript": ("-e", "applescript"),
    "tclsh": ("", "tcl"),
    "awk": ("", "awk"),
    "gawk": ("-e --source", "awk"),
    "mawk": ("", "awk"),
    "nawk": ("", "awk"),
    "vim": ("-c --cmd", "vim"),
    "vi": ("-c", "vim"),
    "nvim": ("-c --cmd", "vim"),
    "ex": ("-c", "vim"),
    "emacs": ("--eval", "emacs"),
}
_PYTHON = re.compile(r"^(?:python|pypy|ipython|python[23](?:\.\d{1,2})?t?|py|micropython)$")


def shell(call: ProgramCall) -> list[Danger]:
    """A shell: its -c code, its here-document, what is piped into it, or a file from the network."""
    dangers = [Danger(danger.risk, danger.why, danger.text, danger.tag) for danger in _from_outside(call)]
    options = call.options(("-o", "-O", "--rcfile", "--init-file"))
    if call.name in {"sh", "bash", "zsh", "dash", "ksh", "mksh", "ash", "fish", "rbash"} and (
        options.has("-c") or "--command" in options.flags
    ):
        at = (
            next((at for at, word in enumerate(call.args) if re.match(r"^-\w*c$|^--command$", word)), len(call.args))
            + 1
        )
        return dangers + call.script(_with_arguments(plain(" ".join(call.args[at : at + 1])), call.args[at + 1 :]))
    if call.command.here is not None and not options.words:
        dangers += call.script(plain(call.command.here))
    return dangers


def _with_arguments(script: str, args: list[str]) -> str:
    """Put the words after `sh -c CODE` where the code says $0, $1 or $@."""

    def value(match: re.Match[str]) -> str:
        number = match[1] or match[2]
        if number in {"@", "*"}:
            return " ".join(args[1:]) or match[0]
        return args[int(number)] if int(number) < len(args) else match[0]

    return re.sub(r"\$(?:\{([0-9@*])\}|([0-9@*]))", value, script) if args else script


def python(call: ProgramCall) -> list[Danger]:
    """Python: -c code, code on its input, and Django's manage.py."""
    args = call.args
    for at, word in enumerate(args):
        if re.match(r"^-[bBdEhiIOPqsSuvx]*c$", word):
            return _from_outside(call) + code("python", plain(" ".join(args[at + 1 : at + 2])), call)
        if not word.startswith("-"):
            return call.again(args[at:]) if word.endswith("manage.py") else []
        if word == "-m":
            return call.again(args[at + 1 :]) if args[at + 1 : at + 2] and "." not in args[at + 1] else []
    return _on_input("python", call)


def other(call: ProgramCall) -> list[Danger]:
    """Node, Perl, Ruby, PHP, awk and the rest."""
    names, language = _CODE[call.name]
    found: list[str] = []
    for at, word in enumerate(call.args):
        glued = next((name for name in names.split() if word.startswith(name + "=")), None)
        if glued:
            found.append(word.partition("=")[2])
        elif word in names.split() or (language in {"perl", "ruby"} and re.match(r"^-[\w.]{0,8}[eE]$", word)):
            found += call.args[at + 1 : at + 2]
    if language == "awk" and not found:
        found = [word for word in call.args if "{" in word or "system(" in word][:1]
    if language == "vim":
        return [
            danger for text in found for danger in call.script(plain(text).lstrip(":").removeprefix("!")) if "!" in text
        ]
    if call.name == "php" and call.args[:1] == ["artisan"]:
        return call.again(call.args)
    if call.name == "deno" and call.args[:1] == ["eval"]:
        found = call.args[1:2]
    dangers = [danger for text in found for danger in code(language, plain(text), call)]
    return dangers or (_from_outside(call) if found else _on_input(language, call))


def java(call: ProgramCall) -> list[Danger]:
    """`java -jar jenkins-cli.jar delete-job x` is the program jenkins-cli."""
    if "-jar" in call.args[:-1]:
        at = call.args.index("-jar") + 1
        return call.again([call.args[at].rsplit("/", 1)[-1].removesuffix(".jar"), *call.args[at + 1 :]])
    return []


def code(language: str, text: str, call: ProgramCall) -> list[Danger]:
    """Return the dangers of a piece of code: its own destroying calls, and the commands it hands to a shell."""
    pattern = _DESTROYS.get(language)
    if pattern is not None and pattern.search(_PRINTED.sub(" ", text)):
        return high(DELETES)
    if _HIDDEN.search(text):
        return high(_DECODED)
    if _FETCHED.search(text):
        return high(_DOWNLOADED)
    dangers: list[Danger] = []
    for match in _RUNS.finditer(text):
        strings = [plain(_unescape(found["text"])) for found in _STRING.finditer(match["rest"].split(")")[0] + ")")][
            :12
        ]
        strings = strings or [plain(_unescape(found["text"])) for found in _STRING.finditer(match["rest"])][:1]
        listed = match["list"] or (len(strings) > 1 and not any(" " in text for text in strings))
        if listed:
            dangers += call.again(strings) if strings else []
        elif strings:
            dangers += call.script(strings[0])
        elif language in {"perl", "ruby"}:
            dangers += call.script(match["rest"].strip(" {}()/|!;"))
    if language in {"perl", "ruby", "php"}:
        dangers += [danger for match in _TICKS.finditer(text) for danger in call.script(match[1])]
    return dangers


def _unescape(text: str) -> str:
    return text.replace("\\'", "'").replace('\\"', '"').replace("\\\\", "\\")


def _on_input(language: str, call: ProgramCall) -> list[Danger]:
    dangers = _from_outside(call)
    return dangers + (code(language, plain(call.command.here), call) if call.command.here else [])


def _from_outside(call: ProgramCall) -> list[Danger]:
    """Judge what reaches an interpreter through a pipe or a substitution."""
    dangers: list[Danger] = []
    source = call.command.feeds_from
    words = [word for word in call.args if not word.startswith("-")]
    runs_module = any(word.startswith("-m") for word in call.args)  # python -mjson.tool reads data
    if source is not None and not runs_module and (not words or "-s" in call.args or "/dev/stdin" in words):
        dangers += _from_pipe(source, call)
    for sort, commands in call.command.inner:
        names = {program_of(one) for one in commands}
        as_file = sort == "<(" and words[:1] != [] and words[0].startswith("<(")
        as_code = sort == "$(" and (call.name == "eval" or any(word.startswith(("$(", "`")) for word in call.args))
        runs = as_file or as_code
        if runs and names & _DOWNLOADERS:
            dangers += high(_DOWNLOADED)
        elif runs and names & _DECODERS:
            known = commands and output_of(commands[-1])
            dangers += call.script(known) if known else high(_DECODED)
    return dangers


def _from_pipe(source: ShellCommand, call: ProgramCall) -> list[Danger]:
    chain: list[ShellCommand] = []
    at: ShellCommand | None = source
    while at is not None and len(chain) < 8:
        chain.append(at)
        at = at.feeds_from
    names = [program_of(one) for one in chain]
    if set(names) & _DOWNLOADERS:
        return high(_DOWNLOADED)
    known = output_of(source)
    if known is not None:
        if call.name in _SHELLS:
            return call.script(known)
        language = "python" if _PYTHON.match(call.name) else _CODE.get(call.name, ("", ""))[1]
        return code(language, known, call)
    hidden = [name for name in names if name in _DECODERS and name not in {"gunzip", "zcat", "gpg"}]
    return high(_DECODED) if hidden else []


def evaluate(call: ProgramCall) -> list[Danger]:
    """`eval` and `source` of what a substitution brings."""
    return _from_outside(call)


RULES: dict[str, Rule] = {
    **dict.fromkeys(_SHELLS - {"source", "."}, shell),
    **dict.fromkeys(_CODE, other),
    **dict.fromkeys(("eval", "source", "."), evaluate),
    **dict.fromkeys(
        word_set(
            "python python2 python3 pypy pypy3 ipython py micropython python3.10 python3.11 python3.12 "
            "python3.13 python3.14 python3.9 python3.8 python2.7"
        ),
        python,
    ),
    "java": java,
}
