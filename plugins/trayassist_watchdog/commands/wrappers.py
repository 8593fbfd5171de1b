"""Takes programs that run another program off its front: `sudo -u x nice -n 5 rm` is `rm`."""

from __future__ import annotations

from collections.abc import Callable

from .model import UNKNOWN, Call, Danger
from .options import word_set
from .scanner import plain
from .wrapper_table import PARALLEL_VALUED, RUNS_AFTER, SSH_VALUED, WRAPPERS, XARGS_VALUED, Wrapper


def unwrapped(call: Call) -> list[Danger] | None:
    """Return the dangers of what this program runs, or None when it is no wrapper."""
    if special := _SPECIAL.get(call.name):
        return special(call)
    if wrapper := WRAPPERS.get(call.name):
        return _plain_wrapper(call, wrapper)
    if call.name in RUNS_AFTER:
        return _runs_after(call)
    return None


def _plain_wrapper(call: Call, wrapper: Wrapper) -> list[Danger]:
    if call.name == "command" and call.args[:1] and call.args[0] in {"-v", "-V"}:
        return []
    dangers: list[Danger] = []
    at, skip, args = 0, wrapper.skip, call.args
    while at < len(args):
        word = args[at]
        name, sign, value = word.partition("=")
        short, glued = word[:2], word[2:]
        if word == "--":
            at += 1
            break
        if word.startswith("-") and word != "-":
            at += 1
            if name in wrapper.valued and not sign:
                value = args[at] if at < len(args) else ""
                at += 1
            elif short in wrapper.valued and not word.startswith("--"):
                name, value = short, glued
            elif len(word) > 2 and not word.startswith("--") and f"-{word[-1]}" in wrapper.valued:
                name, value = f"-{word[-1]}", args[at] if at < len(args) else ""  # a cluster: sudo -nu root
                at += 1
            if name in wrapper.code:
                dangers += call.script(plain(value) + " " + " ".join(args[at:] if call.name == "env" else ()))
        elif (wrapper.assigns and sign and name.isidentifier()) or word == "-":
            at += 1
        elif skip:
            skip -= 1
            at += 1
        else:
            break
    rest = args[at + skip :] if skip and wrapper.skip and at < len(args) and args[at - 1] == "--" else args[at:]
    if call.name in {"watch", "hyperfine", "su", "sg"} and len(rest) == 1:
        return dangers + call.script(plain(rest[0]))
    return dangers + (call.again(rest) if rest else [])


def _runs_after(call: Call) -> list[Danger] | None:
    """Judge what `docker exec box rm -rf /` or `doppler run -- rm` runs; None when it runs nothing."""
    args = call.args
    for sub, (skip, valued) in RUNS_AFTER[call.name].items():
        if sub in args[:4]:
            rest = args[args.index(sub) + 1 :]
            found = _after_options(rest, frozenset(valued.split()), skip)
            return call.again(found) if found else []
    if "--" in args and args.index("--") + 1 < len(args):
        return call.again(args[args.index("--") + 1 :])
    if call.name in {"npx", "bunx", "wsl", "screen"}:
        found = _after_options(args, word_set("-p --package -c -d -u -S --distribution --user"), 0)
        return call.again(found) if found else []
    return None


def _after_options(args: list[str], valued: frozenset[str], skip: int) -> list[str]:
    at = 0
    while at < len(args):
        word = args[at]
        if word == "--":
            return args[at + 1 :] if skip == 0 or at else args[at + 1 + skip :]
        if word.startswith("-") and word != "-":
            at += 2 if word in valued else 1
        elif skip:
            skip -= 1
            at += 1
        else:
            return args[at:]
    return []


def _ssh(call: Call) -> list[Danger]:
    found = _after_options(call.args, SSH_VALUED, 1)
    return call.script(plain(" ".join(found))) if found else []


def _xargs(call: Call) -> list[Danger]:
    found = _after_options(call.args, XARGS_VALUED, 0)
    marks = [call.args[at + 1] for at, word in enumerate(call.args[:-1]) if word in {"-I", "-J", "--replace"}]
    marks += [word[2:] for word in call.args if word.startswith(("-I", "-J")) and len(word) > 2]
    if "-i" in call.args or marks == []:
        marks.append("{}")
    words = [word if not any(mark in word for mark in marks if mark) else UNKNOWN for word in found]
    return call.again(words if UNKNOWN in words else [*words, UNKNOWN]) if found else []


def _parallel(call: Call) -> list[Danger]:
    found = _after_options(call.args, PARALLEL_VALUED, 0)
    given: list[str] = []
    for mark in (":::", "::::", ":::+"):
        if mark in found:
            at = found.index(mark)
            found, given = found[:at], given + ([] if mark == "::::" else found[at + 1 :])
    if not found:  # the words themselves are commands
        return [danger for word in given for danger in call.script(plain(word))]
    script = plain(" ".join(found))
    for value in given[:20] or [UNKNOWN]:
        if dangers := call.script(script.replace("{}", value) if "{" in script else f"{script} {value}"):
            return dangers
    return []


def _eval(call: Call) -> list[Danger]:
    return call.script(plain(" ".join(call.args)))


def _alias(call: Call) -> list[Danger]:
    return [danger for word in call.args if "=" in word for danger in call.script(plain(word.partition("=")[2]))]


def _trap(call: Call) -> list[Danger]:
    code = [word for word in call.args if not word.startswith("-")][:1]
    return call.script(plain(code[0])) if len(call.args) > 1 and code else []


def _fd(call: Call) -> list[Danger]:
    for mark in ("-x", "-X", "--exec", "--exec-batch"):
        if mark in call.args:
            rest = call.args[call.args.index(mark) + 1 :]
            words = [UNKNOWN if word.startswith("{") else word for word in rest]
            return call.again(words if UNKNOWN in words else [*words, UNKNOWN])
    return []


def _ansible(call: Call) -> list[Danger]:
    options = call.options(("-m", "-a", "-i", "-u", "-e", "--module-name", "--args", "-f", "-l", "-t", "-B", "-P"))
    code = plain(options.value("-a", "--args") or "")
    if options.has("-C", "--check"):
        return []
    if (options.value("-m", "--module-name") or "command") in {
        "shell",
        "command",
        "raw",
        "script",
        "ansible.builtin.shell",
    }:
        return call.script(code)
    return call.again(["rm", "-rf", code]) if "state=absent" in code else []


def _vagrant(call: Call) -> list[Danger] | None:
    options = call.options(("-c", "--command"))
    code = options.value("-c", "--command")
    return call.script(plain(code)) if code and options.words[:1] == ["ssh"] else None


def _send_keys(call: Call) -> list[Danger] | None:
    if call.args[:1] == ["send-keys"]:
        options = call.options(("-t", "-N"))
        return call.script(plain(" ".join(word for word in options.words[1:] if word not in {"Enter", "C-m"})))
    return _runs_after(call)


_SPECIAL: dict[str, Callable[[Call], list[Danger] | None]] = {
    "ssh": _ssh,
    "mosh": _ssh,
    "xargs": _xargs,
    "gxargs": _xargs,
    "parallel": _parallel,
    "eval": _eval,
    "alias": _alias,
    "trap": _trap,
    "fd": _fd,
    "fdfind": _fd,
    "ansible": _ansible,
    "vagrant": _vagrant,
    "tmux": _send_keys,
}
