#!/usr/bin/env bash
# Installs what the window needs of the system, on Debian and its kin, as root; elsewhere it says what is needed.
# The engine and the command line need none of it.
set -euo pipefail
packages=(libegl1 libgl1 libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-xkb1 libxcb-shape0
    libdbus-1-3 libfontconfig1 libglib2.0-0 libx11-xcb1 libgssapi-krb5-2 libbrotli1 fonts-wqy-microhei)
if command -v dpkg-query >/dev/null 2>&1 && dpkg-query -W "${packages[@]}" >/dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The window needs of the system: ${packages[*]}" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install -y --no-install-recommends "${packages[@]}" >/dev/null
