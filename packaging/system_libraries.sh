#!/bin/sh
# Sees to the system libraries that Qt needs. Usage: system_libraries.sh base|window|test
#   base    what a headless Qt needs; window adds a real window, test adds Xvfb.
# Everything there: says nothing. Missing, as root on Debian: installs them. Otherwise: prints the
# exact command and changes nothing.
set -eu

base="libglib2.0-0 libgl1 libegl1 libxkbcommon0 libfontconfig1 libdbus-1-3"
window="libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
 libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0"
test="xvfb xauth fonts-dejavu-core"

case "${1:-window}" in
    base) wanted="$base" ;;
    window) wanted="$base $window" ;;
    test) wanted="$base $window $test" ;;
    *) echo "usage: $0 base|window|test" >&2; exit 2 ;;
esac

[ "$(uname -s)" = Linux ] || exit 0

# The file that shows that a package is there, so that other distributions are served too.
witness() {
    case "$1" in
        libglib2.0-0) echo libglib-2.0.so.0 ;;
        libgl1) echo libGL.so.1 ;;
        libegl1) echo libEGL.so.1 ;;
        libxkbcommon0) echo libxkbcommon.so.0 ;;
        libfontconfig1) echo libfontconfig.so.1 ;;
        libdbus-1-3) echo libdbus-1.so.3 ;;
        libxcb-cursor0) echo libxcb-cursor.so.0 ;;
        libxcb-icccm4) echo libxcb-icccm.so.4 ;;
        libxcb-image0) echo libxcb-image.so.0 ;;
        libxcb-keysyms1) echo libxcb-keysyms.so.1 ;;
        libxcb-randr0) echo libxcb-randr.so.0 ;;
        libxcb-render-util0) echo libxcb-render-util.so.0 ;;
        libxcb-shape0) echo libxcb-shape.so.0 ;;
        libxcb-xkb1) echo libxcb-xkb.so.1 ;;
        libxkbcommon-x11-0) echo libxkbcommon-x11.so.0 ;;
    esac
}

libraries=$( (ldconfig -p || /sbin/ldconfig -p) 2>/dev/null || true)
there() {
    case "$1" in
        xvfb) command -v Xvfb >/dev/null ;;
        xauth) command -v xauth >/dev/null ;;
        fonts-dejavu-core) [ -n "$(find /usr/share/fonts /usr/local/share/fonts -name '*.[to]tf' 2>/dev/null | head -n 1)" ] ;;
        *) printf '%s' "$libraries" | grep -qF "$(witness "$1")" ;;
    esac
}

missing=""
for package in $wanted; do
    there "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing system libraries:$missing"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    { apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1; } || {
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends $missing >/dev/null
    }
else
    echo "Qt needs system libraries that are not here. Install them, then try again:" >&2
    echo "    sudo apt-get install$missing" >&2
    exit 1
fi
