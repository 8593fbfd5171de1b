#!/bin/sh
# Puts trayassist into the menus of this user's desktop: application menu, "Open with", Dolphin, Nautilus.
#   installers/linux/install.sh               install
#   installers/linux/install.sh --autostart   ... and start it in the tray at log-in
#   installers/linux/install.sh --remove      take all of it away again
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$(cd "$here/../.." && pwd)/.venv/bin/trayassist
[ -x "$program" ] || program=$(command -v trayassist) || { echo "Run make setup first." >&2; exit 1; }
data=${XDG_DATA_HOME:-$HOME/.local/share}
config=${XDG_CONFIG_HOME:-$HOME/.config}
applications=$data/applications
icon=$data/icons/hicolor/scalable/apps/trayassist.svg
menu=$data/kio/servicemenus/trayassist.desktop
script="$data/nautilus/scripts/Remember with trayassist"
autostart=$config/autostart/trayassist.desktop

if [ "${1:-}" = --remove ]; then
    rm -f "$applications/trayassist.desktop" "$applications/trayassist-ingest.desktop" "$icon" "$menu" "$script" "$autostart"
    echo "trayassist is no longer in the menus."
    exit 0
fi

# Copies $1 to $2 with the program's full path: menus do not know the PATH of a shell.
place() {
    mkdir -p "$(dirname "$2")"
    case $1 in
    *.desktop) sed "s|^Exec=trayassist|Exec=\"$program\"|" "$1" >"$2" ;;
    *) sed "s|^exec trayassist|exec \"$program\"|" "$1" >"$2" ;;
    esac
}
place "$here/trayassist.desktop" "$applications/trayassist.desktop"
place "$here/trayassist-ingest.desktop" "$applications/trayassist-ingest.desktop"
place "$here/dolphin-servicemenu.desktop" "$menu"
place "$here/nautilus-script" "$script"
chmod +x "$menu" "$script" # KDE runs service menus only when they are executable
mkdir -p "$(dirname "$icon")"
cp "$here/../../resources/icons/app.svg" "$icon"
if [ "${1:-}" = --autostart ]; then
    place "$here/trayassist.desktop" "$autostart"
    sed -i "s|^Exec=\(.*trayassist\"\)$|Exec=\1 --hidden|" "$autostart"
fi
command -v update-desktop-database >/dev/null && update-desktop-database -q "$applications" || true
echo "trayassist is in the menus of your desktop, and in “Open with”."
