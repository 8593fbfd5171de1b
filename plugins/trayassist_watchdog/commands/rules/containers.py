"""Containers and clusters: Docker and its kin, Compose, Kubernetes, Helm."""

from __future__ import annotations

from trayassist_watchdog.commands.model import UNKNOWN, Call, Danger, Rule, high, medium
from trayassist_watchdog.commands.options import word_set

_VALUED = (
    "-f",
    "-p",
    "-H",
    "-c",
    "-l",
    "--file",
    "--project-name",
    "--host",
    "--context",
    "--config",
    "--log-level",
    "--filter",
)
_GROUPS = word_set(
    "system volume container image network builder buildx swarm stack service node secret config pod machine"
)
_DATA = "deletes containers, images or their data"


def docker(call: Call) -> list[Danger]:
    """docker and podman: prune, volumes, and whatever -f forces."""
    if call.args[:1] == ["compose"] or call.name in {"docker-compose", "podman-compose"}:
        return _compose(call)
    options = call.options(_VALUED)
    words, forced = options.words, options.has("-f", "--force")
    group, verb = (words[0], words[1] if len(words) > 1 else "") if words else ("", "")
    names = words[2:] if group in _GROUPS else words[1:]
    if group not in _GROUPS:
        verb, group = group, {"rm": "container", "rmi": "image"}.get(group, "")
        verb = "rm" if verb == "rmi" else verb
    if verb in {"prune", "reset"} and group:
        return high(_DATA)
    if group in {"volume", "stack", "service", "secret", "config", "node", "pod", "machine", "network"}:
        return high(_DATA) if verb in {"rm", "remove"} else []
    if group == "swarm":
        return high("breaks a swarm apart") if verb == "leave" and forced else []
    many = options.has("-v", "--volumes", "-a", "--all") or any(word.startswith(("$(", "`", UNKNOWN)) for word in names)
    if verb in {"rm", "remove"} and (forced or many):
        return high(_DATA)
    return medium("stops containers") if verb == "kill" or (verb == "stop" and many) else []


def _compose(call: Call) -> list[Danger]:
    options = call.options(_VALUED)
    words = [word for word in options.words if word != "compose"]
    verb = words[0] if words else ""
    if verb == "down" and options.has("-v", "--volumes", "--rmi"):
        return high("deletes the data of the services")
    return high(_DATA) if verb == "rm" and options.has("-f", "-v", "--force", "-s") else []


_KUBE_VALUED = word_set(
    "-n -l -f -o -c -k --namespace --context --kubeconfig --selector --filename --cluster --as --server --token "
    "--user --grace-period --timeout --field-selector --output --kustomize"
)


def kubectl(call: Call) -> list[Danger]:
    """kubectl: delete, drain, forced replacing, pruning, and scaling to nothing."""
    options = call.options(_KUBE_VALUED)
    words = options.words
    verb = words[0] if words else ""
    if options.dry or options.value("--dry-run") in {"client", "server"}:
        return []
    if verb == "delete":
        return high("deletes what runs in the cluster")
    if verb == "drain" or (verb == "taint" and any(word.endswith(":NoExecute") for word in words)):
        return high("moves everything off a node")
    if verb == "replace" and options.has("--force"):
        return high("deletes and makes again what runs in the cluster")
    if verb == "apply" and options.has("--prune"):
        return high("deletes what the files no longer name")
    if (verb == "scale" and "--replicas=0" in call.args) or ("--replicas" in call.args and "0" in words):
        return high("stops what runs in the cluster")
    undone = verb in {"cordon", "taint"} or (verb == "rollout" and words[1:2] == ["undo"])
    return medium("changes where and what the cluster runs") if undone else []


def helm(call: Call) -> list[Danger]:
    """Helm releases removed or set back."""
    options = call.options(("-n", "--namespace", "--kube-context", "-f", "--values", "--set", "--timeout"))
    verb = options.words[0] if options.words else ""
    if options.dry:
        return []
    if verb in {"uninstall", "delete", "del", "un", "destroy"}:
        return high("removes a release from the cluster")
    return medium("sets a release back") if verb == "rollback" or (verb == "upgrade" and options.has("--force")) else []


RULES: dict[str, Rule] = {
    **dict.fromkeys(("docker", "podman", "nerdctl", "docker-compose", "podman-compose"), docker),
    **dict.fromkeys(("kubectl", "oc", "k", "microk8s.kubectl", "k3s"), kubectl),
    **dict.fromkeys(("helm", "helmfile"), helm),
}
