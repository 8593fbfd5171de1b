"""Takes programs that run another program off its front: `sudo -u x nice -n 5 rm` is `rm`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .model import UNKNOWN, Danger, ProgramCall, word_set
from .scanner import plain


@dataclass(frozen=True, slots=True)
class Wrapper:
    """How to find the command behind a program that runs one."""

    valued: frozenset[str] = frozenset()  # options that take a value
    skip: int = 0  # own words before the command: a time, a host, a lock file
    code: frozenset[str] = frozenset()  # options whose value is shell code
    assigns: bool = False  # NAME=value may stand before the command


def _wrapper(valued: str = "", *, skip: int = 0, code: str = "", assigns: bool = False) -> Wrapper:
    return Wrapper(frozenset(valued.split()) | frozenset(code.split()), skip, frozenset(code.split()), assigns)


_SUDO = _wrapper(
    "-u -g -h -p -C -D -r -t -T -U -R --user --group --host --prompt --close-from --chdir --role --type "
    "--command-timeout --other-user --chroot",
    assigns=True,
)
WRAPPERS: dict[str, Wrapper] = {
    "sudo": _SUDO,
    "doas": _wrapper("-u -C", assigns=True),
    "pkexec": _wrapper("--user"),
    "env": _wrapper("-u -C --unset --chdir --argv0 -a", code="-S --split-string", assigns=True),
    "nice": _wrapper("-n --adjustment"),
    "ionice": _wrapper("-c -n -p -P -u --class --classdata"),
    "chrt": _wrapper("-T -P -D", skip=1),
    "taskset": _wrapper(skip=1),
    "timeout": _wrapper("-s -k --signal --kill-after", skip=1),
    "gtimeout": _wrapper("-s -k --signal --kill-after", skip=1),
    "stdbuf": _wrapper("-i -o -e --input --output --error"),
    "time": _wrapper("-o -f --output --format"),
    "exec": _wrapper("-a"),
    "watch": _wrapper("-n --interval -q"),
    "strace": _wrapper("-e -o -p -s -u -E -P -S -a -I -O -X"),
    "ltrace": _wrapper("-e -o -p -s -u -n -a -A -D -l -x"),
    "chroot": _wrapper("--userspec --groups", skip=1),
    "nsenter": _wrapper("-t --target -S -G --setuid --setgid"),
    "unshare": _wrapper("--map-user --map-group -R -w -S -G"),
    "systemd-run": _wrapper("-u -p -E -H -M --unit --property --setenv --slice --uid --gid --nice --working-directory"),
    "flock": _wrapper("-w -E --timeout --conflict-exit-code", skip=1, code="-c --command"),
    "script": _wrapper("-I -O -B -T -m -E -o", code="-c --command"),
    "su": _wrapper("-s -g -G -w -u --shell", skip=1, code="-c --command"),
    "runuser": _wrapper("-s -g -G -w -u --shell --user", code="-c --command"),
    "sg": _wrapper(skip=1, code="-c"),
    "gosu": _wrapper(skip=1),
    "su-exec": _wrapper(skip=1),
    "setpriv": _wrapper("--reuid --regid --groups --bounding-set --inh-caps --ambient-caps"),
    "faketime": _wrapper("-f", skip=1),
    "firejail": _wrapper(),
    "xvfb-run": _wrapper("-n -s -f -e -p -w --server-num --server-args"),
    "dotenv": _wrapper("-f -e --file", skip=1),
    "prlimit": _wrapper("-p -o --pid"),
    "numactl": _wrapper("-m -N -C -i -p --membind --cpunodebind --physcpubind"),
    "tsocks": _wrapper(),
    "direnv": _wrapper(skip=2),
    "arch": _wrapper("-e -d"),
    "sshpass": _wrapper("-p -f -d -P"),
    "winpty": _wrapper(),
    "watchexec": _wrapper("-w -e -f -i -d -s --watch --exts --filter --ignore"),
    "entr": _wrapper(),
    "ts-node": _wrapper(),
    "hyperfine": _wrapper("-w -r -m -M --warmup --runs --min-runs -n", code="-p --prepare --cleanup --setup"),
}
for _name in word_set(
    "nohup setsid busybox toybox command builtin unbuffer caffeinate fakeroot proxychains proxychains4 rlwrap"
):
    WRAPPERS[_name] = _wrapper()
for _name in word_set(
    "torsocks torify dbus-run-session linux32 linux64 catchsegv eatmydata chronic softlimit then else"
):
    WRAPPERS[_name] = _wrapper()

_DOCKER_RUN = (
    "-e -u -w -v -p -h -l -m -c -a --env --env-file --user --workdir --volume --publish --name --network "
    "--mount --entrypoint --hostname --label --memory --cpus --platform --device --restart --pid --ipc --net "
    "--gpus --add-host --cap-add --security-opt --ulimit --tmpfs --shm-size --log-driver --log-opt --expose "
    "--link"
)

# Programs that run what follows "--", or what follows these subcommands and N words of their own.
RUNS_AFTER: dict[str, dict[str, tuple[int, str]]] = {
    "docker": {
        "exec": (1, "-e -u -w --env --env-file --user --workdir --detach-keys"),
        "run": (
            1,
            _DOCKER_RUN,
        ),
    },
    "kubectl": {"exec": (1, "-n -c --namespace --container --context --kubeconfig -f --filename")},
    "npm": {"exec": (0, "-p --package -c --call")},
    "uv": {"run": (0, "-p --python --with --directory --project --env-file --extra --group")},
    "poetry": {"run": (0, "-C --directory")},
    "pipenv": {"run": (0, "")},
    "pdm": {"run": (0, "-p")},
    "bundle": {"exec": (0, "")},
    "conda": {"run": (0, "-n -p --name --prefix")},
    "nix": {"run": (1, ""), "shell": (1, "")},
    "adb": {"shell": (0, "-s")},
    "lxc": {"exec": (1, "--env --user")},
    "multipass": {"exec": (1, "")},
    "aws-vault": {"exec": (1, "")},
    "doppler": {"run": (0, "-p -c --project --config")},
    "op": {"run": (0, "--env-file")},
    "perf": {"stat": (0, "-e -r"), "record": (0, "-e -o -F")},
    "tmux": {"new-session": (0, "-s -n -c -t -x -y"), "new-window": (0, "-n -c -t"), "split-window": (0, "-t -c -l")},
    "wsl": {},
    "npx": {},
    "bunx": {},
    "screen": {},
}
RUNS_AFTER |= dict.fromkeys(("podman", "nerdctl"), RUNS_AFTER["docker"])
RUNS_AFTER |= dict.fromkeys(("oc", "k", "microk8s.kubectl"), RUNS_AFTER["kubectl"])
SSH_VALUED = word_set("-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w -B")
XARGS_VALUED = word_set(
    "-I -J -R -S -L -n -P -s -d -E -a --max-args --max-procs --max-lines --max-chars --delimiter --arg-file --replace"
)
PARALLEL_VALUED = word_set(
    "-j -P -a -n -N -L -I -S -C --jobs --arg-file --max-args --colsep --sshlogin --delay --timeout --results "
    "--joblog --retries --tmpdir --workdir --wd --load --memfree --tagstring -d --delimiter"
)


def unwrap(call: ProgramCall) -> list[Danger] | None:
    """Return the dangers of what this program runs, or None when it is no wrapper."""
    if special := _SPECIAL.get(call.name):
        return special(call)
    if wrapper := WRAPPERS.get(call.name):
        return _plain_wrapper(call, wrapper)
    if call.name in RUNS_AFTER:
        return _runs_after(call)
    return None


def _plain_wrapper(call: ProgramCall, wrapper: Wrapper) -> list[Danger]:
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


def _runs_after(call: ProgramCall) -> list[Danger] | None:
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


def _ssh(call: ProgramCall) -> list[Danger]:
    found = _after_options(call.args, SSH_VALUED, 1)
    return call.script(plain(" ".join(found))) if found else []


def _xargs(call: ProgramCall) -> list[Danger]:
    found = _after_options(call.args, XARGS_VALUED, 0)
    marks = [call.args[at + 1] for at, word in enumerate(call.args[:-1]) if word in {"-I", "-J", "--replace"}]
    marks += [word[2:] for word in call.args if word.startswith(("-I", "-J")) and len(word) > 2]
    if "-i" in call.args or marks == []:
        marks.append("{}")
    words = [word if not any(mark in word for mark in marks if mark) else UNKNOWN for word in found]
    return call.again(words if UNKNOWN in words else [*words, UNKNOWN]) if found else []


def _parallel(call: ProgramCall) -> list[Danger]:
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


def _eval(call: ProgramCall) -> list[Danger]:
    return call.script(plain(" ".join(call.args)))


def _alias(call: ProgramCall) -> list[Danger]:
    return [danger for word in call.args if "=" in word for danger in call.script(plain(word.partition("=")[2]))]


def _trap(call: ProgramCall) -> list[Danger]:
    code = [word for word in call.args if not word.startswith("-")][:1]
    return call.script(plain(code[0])) if len(call.args) > 1 and code else []


def _fd(call: ProgramCall) -> list[Danger]:
    for mark in ("-x", "-X", "--exec", "--exec-batch"):
        if mark in call.args:
            rest = call.args[call.args.index(mark) + 1 :]
            words = [UNKNOWN if word.startswith("{") else word for word in rest]
            return call.again(words if UNKNOWN in words else [*words, UNKNOWN])
    return []


def _ansible(call: ProgramCall) -> list[Danger]:
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


def _vagrant(call: ProgramCall) -> list[Danger] | None:
    options = call.options(("-c", "--command"))
    code = options.value("-c", "--command")
    return call.script(plain(code)) if code and options.words[:1] == ["ssh"] else None


def _send_keys(call: ProgramCall) -> list[Danger] | None:
    if call.args[:1] == ["send-keys"]:
        options = call.options(("-t", "-N"))
        return call.script(plain(" ".join(word for word in options.words[1:] if word not in {"Enter", "C-m"})))
    return _runs_after(call)


_SPECIAL: dict[str, Callable[[ProgramCall], list[Danger] | None]] = {
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
