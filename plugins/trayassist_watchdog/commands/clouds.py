"""Containers, clusters and clouds: Docker, Kubernetes, and command lines made of nouns and verbs.

Of `gcloud compute instances delete x` or `heroku apps:destroy` the first words are read in order. A deleting verb
makes the command harmful, a reading or making verb ends the search, so that `kubectl get delete` and
`gh pr list --search delete` stay harmless.
"""

from __future__ import annotations

import re

from trayassist.api import Risk

from .model import UNKNOWN, Danger, ProgramCall, Rule, high, medium, read_options, word_set

# ---- Docker, Kubernetes, Helm

_DOCKER_VALUED = (
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


def docker(call: ProgramCall) -> list[Danger]:
    """docker and podman: prune, volumes, and whatever -f forces."""
    if call.args[:1] == ["compose"] or call.name in {"docker-compose", "podman-compose"}:
        return _compose(call)
    options = call.options(_DOCKER_VALUED)
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


def _compose(call: ProgramCall) -> list[Danger]:
    options = call.options(_DOCKER_VALUED)
    words = [word for word in options.words if word != "compose"]
    verb = words[0] if words else ""
    if verb == "down" and options.has("-v", "--volumes", "--rmi"):
        return high("deletes the data of the services")
    return high(_DATA) if verb == "rm" and options.has("-f", "-v", "--force", "-s") else []


_KUBE_VALUED = word_set(
    "-n -l -f -o -c -k --namespace --context --kubeconfig --selector --filename --cluster --as --server --token "
    "--user --grace-period --timeout --field-selector --output --kustomize"
)


def kubectl(call: ProgramCall) -> list[Danger]:
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


def helm(call: ProgramCall) -> list[Danger]:
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


# ---- nouns and verbs

_HIGH = word_set(
    "delete rdelete deleteall destroy purge wipe erase obliterate terminate drop nuke expunge deletefile undeploy "
    "unpublish remove rm rb rmr rmdir del uninstall unregister deregister revoke disable forget prune flush "
    "truncate reset deprovision decommission evict teardown down-volumes clear cleanup empty expire dedupe"
)
_ALWAYS = word_set(  # for programs we know nothing of: verbs that mean one thing
    "delete deleteall destroy purge wipe obliterate nuke expunge undeploy terminate dropall dropdb"
)
_MEDIUM = word_set("archive compact unsubscribe rollback detach disassociate drain deactivate taint unlink demote")
_HARMLESS = word_set(
    "get list ls describe show view info help find create add apply set edit explain lookup whoami print inspect "
    "search plan validate preview diff read head new init install login logout config-get copy cp put upload "
    "download cat du"
)
_PART = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z0-9]+")
_WORD = re.compile(r"^[A-Za-z][\w-]{0,50}(?::[A-Za-z][\w-]{0,40}){0,2}$")
_VALUED = word_set(
    "--profile --region --output -o --query --project --zone --namespace -n --context --kubeconfig -f --file "
    "--cluster --account --server -s --token --org --organization --repo -R --bootstrap-server --config -c --app "
    "-a --resource-group -g --subscription --endpoint-url --endpoint --host -h --user -u --password --environment "
    "-e --team -t --format --filter --location --url -H --state --workspace -w --vault --remote -p --port --id "
    "--secret-id --bucket --key --limit --cli-input-json --color"
)
_SWITCHES = word_set(  # long options that take no value
    "--yes --force --confirm --quiet --verbose --debug --all --auto-approve --approve --async --wait --recursive "
    "--json --help --interactive --non-interactive --assume-yes --skip-confirmation --now --global --system --purge"
)
KNOWN = word_set(
    "aws awslocal gcloud az azcopy gsutil bq oci ibmcloud doctl linode-cli hcloud scw vultr-cli exo civo openstack "
    "nova glance cinder neutron s3cmd s5cmd mc b2 rclone terraform tofu terragrunt pulumi cdk cdktf sam serverless "
    "sls copilot eb ecs-cli eksctl kops argocd flux velero istioctl linkerd kind k3d minikube microk8s rancher "
    "nomad consul vault boundary waypoint packer vagrant multipass virsh lxc incus limactl qm pct pvesh VBoxManage "
    "vboxmanage esxcli govc xe crictl ctr skopeo crane regctl oras heroku fly flyctl vercel netlify railway render "
    "firebase supabase wrangler amplify surge now dokku cf gh glab tea bb circleci gitlab-runner jenkins-cli tkn "
    "drone buildkite-agent travis op doppler bw lpass pass gopass chamber infisical keybase restic borg borgmatic "
    "duplicity duplicati kopia tarsnap rustic rabbitmqctl rabbitmqadmin nats pulsar-admin stripe twilio sendgrid "
    "ldcli flipt unleash datadog-ci dog dogshell newrelic pd splunk promtool amtool grafana-cli logcli fastly "
    "cloudflared cfcli flarectl kong deck apigeecli tyk nginxctl couchbase-cli influx etcdctl curator es "
    "elasticdump meilisearch algolia eas expo shopify wp drush composer-cli okta auth0 ory hydra keycloak kcadm.sh "
    "tailscale wg zerotier-cli ngrok snyk sentry-cli confluent ccloud kafkactl kcat rpk temporal prefect airflow "
    "dagster dbt databricks snow wandb mlflow huggingface-cli hf kaggle ollama lms modal runpodctl vastai pscale "
    "neonctl turso atlas mongocli realm redis-enterprise rladmin cockroach yugabyted tiup planetscale hasura fauna "
    "convex xata step certbot acme.sh timew task todoist jira acli linear notion-cli slack"
)
_QUIET = word_set(  # programs whose words are data, names or patterns, never verbs
    "echo printf cat less more head tail grep egrep fgrep rg ag ack sed awk gawk mawk man info which type whereis "
    "hash help apropos whatis tldr ls dir cd pushd mkdir touch cp mv rm ln test [ [[ say espeak figlet cowsay "
    "banner dict look spell expr let export declare local alias unalias set read wc sort uniq cut tr tee diff cmp "
    "file stat du df basename dirname date cal seq vim vi nvim nano emacs code subl open xdg-open python python3 "
    "python2 node ruby perl php lua bash sh zsh fish dash make gmake ninja npm yarn pnpm npx pytest cargo go java "
    "javac gcc cc g++ clang rustc dotnet mvn gradle notify-send zenity dialog translate trans git hg svn curl wget "
    "ssh scp ping host dig nslookup whois for in case function return exit true false : . source tmux screen watch "
    "xdotool jq yq locate mlocate plocate pgrep rename xargs find fzf history trap zip tar"
)


def judge_verbs(call: ProgramCall) -> list[Danger]:
    """Return what the verbs of a command line made of nouns and verbs do."""
    known = call.name in KNOWN or call.name.startswith(("kafka-", "kubectl-", "aws-", "az-"))
    if call.name in _QUIET:
        return []
    options = read_options(
        call.args, _VALUED, one_dash=call.name in {"terraform", "tofu", "terragrunt", "vault", "nomad", "consul"}
    )
    if options.dry or options.flags & {"--help", "-help", "--check", "--list-only"} or "help" in options.words[:1]:
        return []
    if known and (found := _by_option(call, options.flags)):
        return found
    if call.name.startswith("kafka-") and "delete" in call.name:
        return [Danger(Risk.HIGH, "deletes messages")]
    words = _sure_words(call.args, nouns_first=known) if options.words else []
    first = 6 if call.name in {"az", "gcloud"} else 4 if known else 2
    if known:
        return _judge_known(call, words[:first])
    return _judge_unknown(words[:first], words)


def _sure_words(args: list[str], *, nouns_first: bool) -> list[str]:
    """Return the words that are no values of options: what follows an option we do not know is one, most likely.

    Where that leaves no verb, with `nouns_first` after the first noun, all words are returned.
    """
    sure = [
        word
        for before, word in zip(["", *args], args, strict=False)
        if word.startswith("-") or not before.startswith("--") or "=" in before or _is_switch(before)
    ]
    words = read_options(sure, _VALUED).words
    enough = 1 if not nouns_first or words[:1] in (["up"], ["start"], ["run"], ["launch"], ["deploy"]) else 2
    return words if len(words) >= enough else read_options(args, _VALUED).words


def _is_switch(option: str) -> bool:
    return option in _SWITCHES or option in _VALUED or option.startswith("--no-")


def _judge_known(call: ProgramCall, words: list[str]) -> list[Danger]:
    if found := _special(call, words):
        return found
    for part in (part for word in words for part in _ends(word)):
        if part in _HARMLESS:
            return []
        if part in _HIGH:
            return [Danger(Risk.HIGH, "deletes something or takes it away")]
        if part in _MEDIUM:
            return [Danger(Risk.MEDIUM, "stops something or puts it away")]
    return []


def _judge_unknown(words: list[str], all_words: list[str]) -> list[Danger]:
    for at, word in enumerate(words):
        ends = _ends(word)
        if not _HARMLESS.isdisjoint(ends):
            return []
        if not _ALWAYS.isdisjoint(ends) and (at + 1 < len(all_words) or at > 0):
            return [Danger(Risk.HIGH, "deletes something")]
    return []


def _ends(word: str) -> list[str]:
    """Return the first and the last part of a word: `delete-bucket`, `apps:destroy`, `clear_permissions`, `dropAll`."""
    if not _WORD.match(word):
        return []
    parts = [part.lower() for part in _PART.findall(word)]
    parts = parts[1:] if len(parts) > 1 and parts[0] in {"batch", "bulk", "force", "admin"} else parts
    return [word.lower(), parts[0], parts[-1]] if parts else []


def _by_option(call: ProgramCall, flags: set[str]) -> list[Danger]:
    """Judge what some command lines say with options instead of verbs."""
    mirrors = {"--delete", "--delete-destination", "--delete-removed", "--remove", "--delete-before", "--delete-after"}
    if flags & mirrors or any(flag.startswith("--delete-") for flag in flags):
        return [Danger(Risk.HIGH, "deletes what it finds or what the source lacks")]
    if call.name in {"terraform", "tofu", "terragrunt"} and flags & {
        "-auto-approve",
        "--auto-approve",
        "-destroy",
        "--terragrunt-non-interactive",
    }:
        return [] if "plan" in call.args else [Danger(Risk.HIGH, "changes or destroys infrastructure unasked")]
    if flags & {
        "-purge",
        "--purge",
        "--skip-final-snapshot",
        "--no-deletion-protection",
        "--force-delete-without-recovery",
    }:
        return [Danger(Risk.HIGH, "deletes without a way back")]
    if call.name.startswith("kafka-") and flags & {"--reset-offsets"} and "--execute" in flags:
        return [Danger(Risk.HIGH, "changes what consumers read")]
    if call.name == "gsutil" and call.args[:1] != ["cp"] and "rsync" in call.args and "-d" in flags:
        return [Danger(Risk.HIGH, "deletes at the target whatever the source lacks")]
    return []


_SPECIALS: dict[str, tuple[tuple[str, Risk, str], ...]] = {
    "aws": (
        ("update-secret", Risk.HIGH, "overwrites a secret"),
        ("put-secret-value", Risk.HIGH, "overwrites a secret"),
        ("schedule-key-deletion", Risk.HIGH, "deletes a key"),
        ("put-bucket-policy", Risk.MEDIUM, "changes who may read a bucket"),
        ("reboot-instances", Risk.MEDIUM, "restarts machines"),
        ("leave-organization", Risk.HIGH, "leaves an organization"),
        ("close-account", Risk.HIGH, "closes an account"),
        ("release-address", Risk.HIGH, "gives an address away"),
        ("create-invalidation", Risk.MEDIUM, "empties a cache"),
    ),
    "rclone": (
        ("sync", Risk.HIGH, "deletes at the target whatever the source lacks"),
        ("move", Risk.HIGH, "deletes the sources after copying"),
        ("moveto", Risk.HIGH, "deletes the sources after copying"),
        ("rmdirs", Risk.HIGH, "removes folders"),
        ("bisync", Risk.MEDIUM, "deletes on both sides what one side lacks"),
    ),
    "mc": (("mirror", Risk.MEDIUM, "overwrites what is at the target"),),
    "virsh": (("undefine", Risk.HIGH, "deletes a virtual machine"),),
    "VBoxManage": (
        ("unregistervm", Risk.HIGH, "deletes a virtual machine"),
        ("poweroff", Risk.MEDIUM, "stops a machine"),
    ),
    "doctl": (("power-off", Risk.MEDIUM, "stops a machine"),),
    "gh": (("rename", Risk.MEDIUM, "renames a repository"),),
    "terraform": (("force-unlock", Risk.MEDIUM, "takes a lock away"), ("push", Risk.HIGH, "overwrites the state")),
    "vault": (
        ("rekey", Risk.MEDIUM, "changes the master keys"),
        ("seal", Risk.HIGH, "locks the vault"),
        ("step-down", Risk.MEDIUM, ""),
    ),
    "certbot": (("unregister", Risk.MEDIUM, "closes an account"),),
    "nomad": (("gc", Risk.MEDIUM, "removes finished jobs"),),
    "firebase": (("hosting:disable", Risk.HIGH, "takes a site away"),),
    "tailscale": (("down", Risk.MEDIUM, "cuts the network"),),
    "consul": (("leave", Risk.MEDIUM, "leaves the cluster"), ("force-leave", Risk.MEDIUM, "puts a node out")),
}
_SPECIALS |= dict.fromkeys(("tofu", "terragrunt"), _SPECIALS["terraform"])
_SPECIALS |= {"awslocal": _SPECIALS["aws"], "vboxmanage": _SPECIALS["VBoxManage"]}


def _special(call: ProgramCall, words: list[str]) -> list[Danger]:
    if (
        call.name == "aws"
        and "change-resource-record-sets" in words
        and re.search(r'Action"?\s{0,3}[:=]\s{0,3}"?DELETE', " ".join(call.args))
    ):
        return [Danger(Risk.HIGH, "deletes names of a domain")]
    for word, risk, why in _SPECIALS.get(call.name, ()):
        if word in words:
            return [Danger(risk, why or "changes who leads the cluster")]
    return []
