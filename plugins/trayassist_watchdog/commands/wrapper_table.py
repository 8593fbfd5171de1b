"""The programs that run other programs, as data."""

from __future__ import annotations

from dataclasses import dataclass

from .options import word_set


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
