"""Version control: work that is not committed, and history that others have."""

from __future__ import annotations

import re
from collections.abc import Callable

from .model import CommandOptions, Danger, ProgramCall, Rule, high, medium, read_options, word_set
from .scanner import plain

_GLOBAL_VALUED = word_set(
    "-C -c --git-dir --work-tree --namespace --super-prefix --config-env --attr-source --exec-path"
)
_PATH = re.compile(r"^(?:\.{1,2}$|\.{1,2}/|\*|.*/$|.*\*|.*\.[A-Za-z][A-Za-z0-9]{0,5}$)")
_LOST = "throws away changes that are not committed"


def _reset(options: CommandOptions) -> list[Danger]:
    return high(_LOST) if options.has("--hard", "--merge") else []


def _clean(options: CommandOptions) -> list[Danger]:
    if options.has("-n", "-i", "--interactive") or options.dry:
        return []
    return high("removes files that git does not know") if options.has("-f", "--force") else []


def _push(options: CommandOptions) -> list[Danger]:
    if options.has("-n") or options.dry:
        return []
    forced = bool(options.flags & {"-f", "--force", "--forc", "--mirror"})
    if forced or any(word.startswith("+") for word in options.words[1:]):
        return high("overwrites the history that others have")
    deletes = options.has("-d", "--prune") or "--delete" in options.flags
    if deletes or any(re.match(r"^:[^/\s:]", word) for word in options.words[1:]):
        return high("deletes branches that others have")
    return []


def _branch(options: CommandOptions) -> list[Danger]:
    if options.has("-D") or (options.has("-d", "--delete") and options.has("-f", "--force")):
        return high("deletes a branch whose work may be nowhere else")
    return medium("overwrites a branch") if options.has("-M", "-C", "-f", "--force") and options.words[1:] else []


def _stash(options: CommandOptions) -> list[Danger]:
    return high("throws away stashed work") if options.words[:1] in (["drop"], ["clear"]) else []


def _checkout(options: CommandOptions) -> list[Danger]:
    if options.has("-f", "--force"):
        return high(_LOST)
    if options.has("-p", "--patch"):
        return []
    if options.has("-B"):
        return medium("overwrites a branch")
    paths = options.after_dashes
    if paths is None:
        named = options.has("-b", "--orphan", "--detach", "-t", "--track", "-d")
        paths = [] if named else options.words[1:] or [word for word in options.words if _PATH.match(word)]
    return high(_LOST) if paths or options.has("--pathspec-from-file") else []


def _switch(options: CommandOptions) -> list[Danger]:
    if options.has("-f", "--force", "--discard-changes"):
        return high(_LOST)
    return medium("overwrites a branch") if options.has("-C", "--force-create") else []


def _restore(options: CommandOptions) -> list[Danger]:
    if options.has("-p", "--patch") or (options.has("-S", "--staged") and not options.has("-W", "--worktree")):
        return []
    return high(_LOST) if options.words or options.has("--pathspec-from-file") else []


def _reflog(options: CommandOptions) -> list[Danger]:
    wipes = options.words[:1] in (["expire"], ["delete"]) and not (options.has("-n") or options.dry)
    return high("removes the record that brings lost work back") if wipes else []


def _gc(options: CommandOptions) -> list[Danger]:
    now = options.value("--prune") in {"now", "all", "0"} or options.value("--expire") in {"now", "all"}
    return high("removes lost work for good") if now else []


def _prune(options: CommandOptions) -> list[Danger]:
    return [] if options.has("-n") or options.dry else high("removes lost work for good")


def _history(options: CommandOptions) -> list[Danger]:
    return [] if options.has("--analyze") or options.dry else high("rewrites the whole history")


def _worktree(options: CommandOptions) -> list[Danger]:
    forced = options.words[:1] == ["remove"] and options.has("-f", "--force")
    return high("removes a work tree with its changes") if forced else []


def _update_ref(options: CommandOptions) -> list[Danger]:
    return high("deletes a reference") if options.has("-d", "--delete", "--stdin") else []


def _symbolic_ref(options: CommandOptions) -> list[Danger]:
    return medium("deletes a reference") if options.has("-d", "--delete") else []


def _submodule(options: CommandOptions) -> list[Danger]:
    gone = options.words[:1] == ["deinit"] and options.has("-f", "--force", "--all")
    return high("removes submodules with their changes") if gone else []


def _rm(options: CommandOptions) -> list[Danger]:
    forced = options.has("-f", "--force") and not options.has("--cached", "-n") and not options.dry
    return high("removes files with changes that are not committed") if forced else []


def _read_tree(options: CommandOptions) -> list[Danger]:
    return high(_LOST) if options.has("--reset") and options.has("-u") else []


def _checkout_index(options: CommandOptions) -> list[Danger]:
    return high(_LOST) if options.has("-f", "--force") else []


def _tag(options: CommandOptions) -> list[Danger]:
    return medium("deletes or moves a tag") if options.has("-d", "--delete", "-f", "--force") else []


def _remote(options: CommandOptions) -> list[Danger]:
    return medium("forgets a remote repository") if options.words[:1] in (["remove"], ["rm"]) else []


def _annex(options: CommandOptions) -> list[Danger]:
    forced = options.words[:1] in (["drop"], ["dropunused"]) and options.has("--force")
    return high("deletes content that may be nowhere else") if forced or options.words[:1] == ["uninit"] else []


_SUBCOMMANDS: dict[str, tuple[Callable[[CommandOptions], list[Danger]], str]] = {
    "reset": (_reset, "--pathspec-from-file"),
    "clean": (_clean, "-e --exclude"),
    "push": (_push, "-o --push-option --receive-pack --exec --repo --signed"),
    "branch": (_branch, "-u --set-upstream-to --contains --no-contains --sort --points-at --format"),
    "stash": (_stash, "-m --message"),
    "checkout": (_checkout, "-b -B --orphan --conflict --pathspec-from-file"),
    "switch": (_switch, "-c -C --create --force-create --orphan --conflict"),
    "restore": (_restore, "-s --source --conflict --pathspec-from-file"),
    "reflog": (_reflog, ""),
    "gc": (_gc, ""),
    "prune": (_prune, "--expire"),
    "filter-branch": (_history, "--tree-filter --index-filter --env-filter --msg-filter --commit-filter -d"),
    "filter-repo": (_history, "--path --invert-paths --replace-text"),
    "worktree": (_worktree, "-b -B --reason"),
    "update-ref": (_update_ref, "-m"),
    "symbolic-ref": (_symbolic_ref, "-m"),
    "submodule": (_submodule, "-b --reference --name --depth"),
    "rm": (_rm, "--pathspec-from-file"),
    "read-tree": (_read_tree, "--prefix --index-output"),
    "checkout-index": (_checkout_index, "--prefix --stage"),
    "tag": (_tag, "-m -F -u --message --file --local-user --sort --contains --points-at --format -n"),
    "remote": (_remote, "-t -m"),
    "annex": (_annex, ""),
}


def git(call: ProgramCall) -> list[Danger]:
    """Find git's subcommand behind its own options, and judge it; aliases, hooks and -x run code that is judged too."""
    args, at = call.args, 0
    dangers: list[Danger] = []
    forgiving = False
    while at < len(args) and args[at].startswith("-"):
        name, sign, value = args[at].partition("=")
        at += 1
        if name in _GLOBAL_VALUED and not sign and name != "--exec-path":
            value = args[at] if at < len(args) else ""
            at += 1
        if name == "-c":
            forgiving = forgiving or value.lower().replace(" ", "") == "clean.requireforce=false"
            dangers += _alias(call, value.partition("=")[2])
    if at >= len(args) or args[at] == "help" or "--help" in args[at:] or args[at:][1:] == ["-h"]:
        return []
    sub, rest = args[at].lower(), args[at + 1 :]
    if sub == "clean" and forgiving:
        rest = ["-f", *rest]
    if found := _SUBCOMMANDS.get(sub):
        dangers += found[0](read_options(rest, found[1].split()))
    return dangers + _code(call, sub, rest)


def _alias(call: ProgramCall, value: str) -> list[Danger]:
    text = plain(value).strip()
    if text.startswith("!"):
        return call.script(text[1:])
    return call.script(f"git {text}") if " " in text and text.split(" ")[0] in _SUBCOMMANDS else []


def _code(call: ProgramCall, sub: str, rest: list[str]) -> list[Danger]:
    """Judge the shell code that some subcommands run."""
    if sub == "config":
        return [danger for value in rest[1:] for danger in _alias(call, value)]
    if sub == "rebase":
        options = read_options(rest, ("-x", "--exec", "--onto", "-s", "-X"))
        return [
            d for name in ("-x", "--exec") for code in options.values.get(name, ()) for d in call.script(plain(code))
        ]
    if sub == "bisect" and rest[:1] == ["run"]:
        return call.again(rest[1:]) if rest[1:] else []
    if sub == "submodule" and "foreach" in rest:
        code = [word for word in rest[rest.index("foreach") + 1 :] if word != "--recursive"]
        return call.script(plain(" ".join(code)))
    return []


def mercurial(call: ProgramCall) -> list[Danger]:
    """Mercurial's and Jujutsu's commands that throw changes away."""
    options = call.options(("-r", "--rev", "-R", "--cwd", "--config"))
    sub = options.words[0] if options.words else ""
    lost = sub in {"strip", "purge", "revert", "rollback"} or (sub in {"update", "up"} and options.has("-C", "--clean"))
    return high(_LOST) if lost and not (options.has("-n") or options.dry) else []


def subversion(call: ProgramCall) -> list[Danger]:
    """Subversion's commands that throw changes away, or delete on the server."""
    options = call.options(("-m", "-r", "--username", "--password", "--depth"))
    sub = options.words[0] if options.words else ""
    if sub == "revert" or (sub == "cleanup" and options.has("--remove-unversioned")):
        return high(_LOST)
    remote = any("://" in word for word in options.words)
    return high("deletes on the server") if sub in {"delete", "rm", "del", "remove"} and remote else []


RULES: dict[str, Rule] = {
    "git": git,
    "hub": git,
    "yadm": git,
    "hg": mercurial,
    "svn": subversion,
}
