"""The running system: power, users, timers, firewall, services, processes, logs, protections, installed programs."""

from __future__ import annotations

import re

from .model import HIGH, MEDIUM, Danger, Line, ProgramCall, Rule, high, medium, table_rules

_POWER = "switches the machine off or restarts it"
_SERVICE = "stops services"
_VITAL = re.compile(
    r"^(?:sshd?|network(?:ing|d)?|NetworkManager|systemd-|dbus|firewalld|ufw|auditd|fail2ban|apparmor)(?:\W|$)"
)
_SERVER = re.compile(  # what others depend on: stopping one is noticed at once
    r"(?i)^(?:nginx|apache2?|httpd|haproxy|traefik|caddy|envoy|varnish|mysqld?|mariadb|postgres\w*|mongod?|"
    r"redis\w*|memcached|elasticsearch|opensearch|rabbitmq\w*|kafka|zookeeper|etcd|consul|vault|docker|containerd|"
    r"kubelet|k3s|crond?|rsyslogd?|journald|named|bind9|dnsmasq|postfix|dovecot|slapd|sssd|libvirtd|prometheus|"
    r"grafana\S*|jenkins|gitlab\S*|keepalived|bluetooth|display-manager)(?:\W|$)"
)

_SYSTEM_GONE = "deletes a whole system with its files"
_TABLE = (
    Line("halt poweroff reboot", "!", MEDIUM, _POWER),
    Line("telinit init", "0 1 6 s S", MEDIUM, _POWER),
    Line("deluser delgroup userdel groupdel luserdel", "", HIGH, "deletes a user or a group"),
    Line("usermod", "-L --lock -e --expiredate", MEDIUM, "locks a user out"),
    Line("passwd", "-d --delete -l --lock -e --expire", HIGH, "takes a user's password away"),
    Line("crontab", "-r", HIGH, "removes all timed jobs"),
    Line("iptables ip6tables ebtables arptables", "-F --flush -X --delete-chain", HIGH, "removes the firewall's rules"),
    Line("iptables ip6tables", "-D --delete DROP", MEDIUM, "changes what the firewall lets through"),
    Line("nft", "flush delete destroy", HIGH, "removes the firewall's rules"),
    Line("ufw", "disable reset", HIGH, "switches the firewall off"),
    Line("pfctl", "-d -F", HIGH, "switches the firewall off"),
    Line("firewall-cmd", "--panic-on --reset-to-defaults", HIGH, "changes the whole firewall"),
    Line("ipset", "flush destroy", MEDIUM, "removes the firewall's lists"),
    Line("wsl", "--unregister", HIGH, _SYSTEM_GONE),
    Line("wslconfig lxrun", "/u /unregister /uninstall", HIGH, _SYSTEM_GONE),
    Line("colima orb orbctl lima rdctl", "delete reset factory-reset", HIGH, _SYSTEM_GONE),
    Line("tccutil", "reset", MEDIUM, "takes rights of programs back"),
    Line("keytool", "-delete", HIGH, "deletes a key"),
    Line("killall5", "!", HIGH, "ends every process"),
    Line("history", "-c -d", MEDIUM, "removes the record of what was typed"),
    Line("journalctl", "--vacuum-time --vacuum-size --vacuum-files", MEDIUM, "deletes logs"),
    Line("auditctl", "-D", MEDIUM, "removes the rules of the audit log"),
    Line("dmesg", "-C --clear -c", MEDIUM, "clears the kernel's log"),
    Line("setenforce", "0 Permissive permissive", MEDIUM, "switches a protection off"),
    Line("csrutil", "disable clear", HIGH, "switches a protection off"),
    Line("spctl", "--master-disable --global-disable", HIGH, "switches a protection off"),
    Line("aa-teardown", "!", MEDIUM, "switches a protection off"),
    Line("nvram", "-c -d", MEDIUM, "clears the machine's start-up settings"),
    Line("defaults", "delete remove", MEDIUM, "deletes settings"),
    Line("gsettings dconf", "reset reset-recursively", MEDIUM, "resets settings"),
    Line(
        "security", "delete-keychain delete-certificate delete-generic-password delete-identity", HIGH, "deletes keys"
    ),
    Line("dscl", "-delete delete", HIGH, "deletes from the user directory"),
    Line("gpg gpg2", "--delete-secret-keys --delete-secret-key --delete-secret-and-public-key", HIGH, "deletes keys"),
    Line("gpg gpg2", "--delete-keys --delete-key", MEDIUM, "deletes keys"),
    Line("ssh-keygen", "-R", MEDIUM, "forgets a host's key"),
    Line("ssh-add", "-D", MEDIUM, "forgets all keys"),
    Line("umount", "-l -f --force --lazy -a --all", MEDIUM, "takes file systems away that may be in use"),
    Line("rmmod", "", MEDIUM, "takes a driver away that may be in use"),
    Line("modprobe", "-r --remove", MEDIUM, "takes a driver away that may be in use"),
    Line("swapoff", "-a --all", MEDIUM, "takes memory away from what runs"),
    Line("update-rc.d", "remove disable", MEDIUM, "switches a service off for good"),
    Line("rc-update", "del delete", MEDIUM, "switches a service off for good"),
    Line("chkconfig", "off --del", MEDIUM, "switches a service off for good"),
    Line("launchctl", "remove unload bootout disable", MEDIUM, _SERVICE),
    Line("mailq postsuper", "-d", HIGH, "deletes waiting mail"),
    Line("nginx", "stop quit", MEDIUM, _SERVICE),
    Line("pm2", "delete kill", MEDIUM, _SERVICE),
    Line("visudo vipw", "-f", MEDIUM, "changes who may do what"),
)


def shutdown(call: ProgramCall) -> list[Danger]:
    """`shutdown`, but not its cancelling or a mere warning."""
    if {"-c", "-k", "/a", "--show", "-a"} & set(call.args):
        return []
    return medium(_POWER)


def services(call: ProgramCall) -> list[Danger]:
    """systemctl and service: power, and services that are stopped or switched off."""
    words = call.options(("-H", "-M", "-t", "-p", "-n", "-s", "--host", "--machine", "--type", "--signal")).words
    verb, names = (words[0], words[1:]) if words else ("", [])
    if call.name in {"service", "rc-service", "invoke-rc.d"}:
        verb, names = (words[1], words[:1]) if words[1:] else ("", [])
    if verb in {"poweroff", "reboot", "halt", "kexec", "rescue", "emergency", "suspend", "hibernate", "soft-reboot"}:
        return medium(_POWER) if verb not in {"suspend", "hibernate"} else []
    if verb in {"stop", "disable", "mask", "kill"} and any(map(_VITAL.match, names)):
        return high("cuts off access to the machine or its guard")
    if verb in {"disable", "mask"} or (verb in {"stop", "kill"} and any(map(_SERVER.match, names))):
        return medium(_SERVICE)
    return []


def kill(call: ProgramCall) -> list[Danger]:
    """Signals to every process, or to process 1."""
    words = [word for word in call.args if word in {"-1", "1", "--"}]
    signal_first = call.args[:1] == ["-1"] and len(call.args) > 1
    everyone = "-1" in (call.args[1:] if signal_first else call.args) and len(call.args) > 1
    if call.name == "kill":
        return high("ends every process") if everyone or (words and call.args[-1] == "1") else []
    pattern = [word for word in call.args if not word.startswith("-")]
    wide = call.name == "pkill" and pattern[-1:] in (["."], [".*"])
    user = {"-u", "--user", "-U", "--euid"} & set(call.args) and "-9" in " ".join(call.args)
    return high("ends every process") if wide else medium("ends all processes of a user") if user else []


def ip(call: ProgramCall) -> list[Danger]:
    """Network links taken down, addresses and routes removed."""
    given = set(call.args)
    if call.name in {"ifconfig", "ip"} and "down" in given:
        return medium("cuts the network")
    gone = given & {"del", "delete", "flush"} and given & {
        "link",
        "addr",
        "address",
        "route",
        "netns",
        "a",
        "r",
        "-net",
        "default",
    }
    return medium("cuts the network") if gone or (call.name == "route" and given & {"del", "delete", "flush"}) else []


def unset(call: ProgramCall) -> list[Danger]:
    """Hiding what is typed from the shell's history."""
    hides = any(word.startswith("HISTFILE") for word in call.args)
    return medium("hides what is typed from the history") if hides else []


def sysctl(call: ProgramCall) -> list[Danger]:
    """Kernel switches that end or open the machine."""
    text = " ".join(call.args)
    risky = re.search(r"kernel\.(?:panic|sysrq|randomize_va_space|yama)|\bprotected_|suid_dumpable", text)
    return medium("changes a protection of the kernel") if risky and "=" in text else []


def chattr(call: ProgramCall) -> list[Danger]:
    """Taking the protection of files away."""
    return (
        medium("takes the write protection of files away")
        if any(re.match(r"-R?i|-ia?$", word) for word in call.args)
        else []
    )


RULES: dict[str, Rule] = {
    **table_rules(_TABLE, unless="--help --version"),
    **dict.fromkeys(("systemctl", "service", "rc-service", "invoke-rc.d"), services),
    **dict.fromkeys(("kill", "pkill", "killall", "skill"), kill),
    **dict.fromkeys(("ip", "ifconfig", "route"), ip),
    "shutdown": shutdown,
    "unset": unset,
    "sysctl": sysctl,
    "chattr": chattr,
}


# ---- installed programs: removed, or a published package taken back

_REMOVES = "removes installed programs"
_UNPUBLISHES = "takes a published package back"

_PACKAGES = (
    Line("apt apt-get aptitude nala", "remove purge autoremove autopurge", MEDIUM, _REMOVES),
    Line("dnf yum microdnf tdnf", "remove erase autoremove", MEDIUM, _REMOVES),
    Line("zypper", "remove rm", MEDIUM, _REMOVES),
    Line("apk", "del", MEDIUM, _REMOVES),
    Line("pacman yay paru", "-R -Rs -Rns -Rsc -Rdd -Rn -Rc -Rnsc --remove -Scc", MEDIUM, _REMOVES),
    Line("snap flatpak", "remove uninstall", MEDIUM, _REMOVES),
    Line("brew", "uninstall remove rm untap", MEDIUM, _REMOVES),
    Line("port", "uninstall", MEDIUM, _REMOVES),
    Line("dpkg", "-r -P --remove --purge --force-all", MEDIUM, _REMOVES),
    Line("rpm", "-e --erase", MEDIUM, _REMOVES),
    Line("choco winget scoop", "uninstall remove", MEDIUM, _REMOVES),
    Line("emerge", "--unmerge -C --depclean -c", MEDIUM, _REMOVES),
    Line("pkg pkg_delete pkgutil xbps-remove eopkg equo", "delete remove autoremove --forget", MEDIUM, _REMOVES),
    Line("nix-collect-garbage", "-d --delete-old --delete-older-than", MEDIUM, "removes what the last versions need"),
    Line("nix-store", "--delete --gc", MEDIUM, "removes what the last versions need"),
    Line("nix-env", "-e --uninstall --delete-generations", MEDIUM, _REMOVES),
    Line("conda mamba micromamba", "remove uninstall", MEDIUM, _REMOVES),
    Line("npm yarn pnpm", "unpublish", HIGH, _UNPUBLISHES),
    Line("npm", "deprecate", MEDIUM, _UNPUBLISHES),
    Line("cargo gem", "yank", HIGH, _UNPUBLISHES),
)

RULES |= table_rules(
    _PACKAGES, unless="-s --simulate --dry-run --just-print --no-act --undo --help -n -h search show list"
)
