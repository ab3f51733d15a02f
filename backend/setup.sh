#!/bin/sh
# Installs what this machine lacks, or says exactly what to install.
#   setup.sh venv LOCKFILE | ffmpeg | chromium | nginx | npm FOLDER | site | zappa | rehearsal | bench ...
set -eu

say() { printf 'sluice: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# The system's package manager, where we may use it without asking for a password.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo && sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}

# system_package APT_NAMES BREW_NAME: true if it was installed.
system_package() {
    if have apt-get && as_root true; then
        say "installing $1 (apt-get)"
        # shellcheck disable=SC2086
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q $1 >/dev/null 2>&1 ||
            { as_root apt-get update -q >/dev/null && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q $1 >/dev/null; }
    elif have brew && [ -n "$2" ]; then
        say "installing $2 (brew)"
        # shellcheck disable=SC2086
        brew install $2
    else
        return 1
    fi
}

python() {
    for candidate in "${SLUICE_PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] && have "$candidate" || continue
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$candidate"; return; }
    done
    die "Python 3.11 or newer not found; install it (apt-get install python3 python3-venv, or brew install python)"
}

install_venv() {
    py=$(python)
    if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        rm -rf .venv
        "$py" -c 'import ensurepip' 2>/dev/null || system_package python3-venv "" ||
            die "Python's venv module is missing; run: sudo apt-get install python3-venv"
        say "making .venv with $("$py" --version)"
        "$py" -m venv .venv
    fi
    say "installing the locked Python packages of $1"
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r "$1"
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps -e .
}

# Zappa in a venv of its own: what it needs to build is nothing that Sluice runs on.
install_zappa() {
    say "installing Zappa into .package"
    rm -rf .package
    .venv/bin/python -m venv .package
    .package/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-package.lock
}

# The emulator of AWS in a venv of its own: it wants another boto than we do.
install_rehearsal() {
    say "installing the rehearsal's emulator into .rehearsal"
    rm -rf .rehearsal
    .venv/bin/python -m venv .rehearsal
    .rehearsal/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-rehearsal.lock
}

# A free film and an ffmpeg that knows VMAF, out of packages that are only unpacked: the code in them is not run.
install_bench() {
    say "fetching a film and an ffmpeg with VMAF into .bench"
    rm -rf .bench/venv .bench/packages
    .venv/bin/python -m venv .bench/venv
    .bench/venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps --only-binary :all: \
        --target .bench/packages -r requirements-bench.lock ||
        { mkdir -p .bench/packages; say "neither could be fetched; the bench makes up a film, and measures SSIM"; }
}

install_ffmpeg() {
    have "${SLUICE_FFMPEG:-ffmpeg}" && have "${SLUICE_FFPROBE:-ffprobe}" && return
    system_package ffmpeg ffmpeg || die "ffmpeg not found; run: sudo apt-get install ffmpeg (macOS: brew install ffmpeg), then again"
}

install_chromium() {
    for browser in chromium chromium-browser google-chrome google-chrome-stable; do have $browser && return; done
    [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] && return
    [ -x "/Applications/Chromium.app/Contents/MacOS/Chromium" ] && return
    system_package chromium "--cask chromium" ||
        die "the tests need a Chromium; run: sudo apt-get install chromium (macOS: brew install --cask chromium), then again"
}

# For the tests of docs/nginx.conf, which are skipped without it. Only unpacked: an installed nginx would start by itself.
fetch_nginx() {
    have nginx || [ -x /usr/sbin/nginx ] || [ -x .nginx/usr/sbin/nginx ] && return
    if ! have apt-get; then system_package "" nginx || say "no nginx here; the tests of docs/nginx.conf are skipped"; return; fi
    say "fetching nginx into .nginx"
    for package in nginx nginx-light nginx-core; do
        mkdir -p .nginx
        (cd .nginx && apt-get download -q "$package" >/dev/null 2>&1 && dpkg -x ./"$package"_*.deb .) || continue
        [ -x .nginx/usr/sbin/nginx ] && return
    done
    rm -rf .nginx
    say "nginx could not be fetched; the tests of docs/nginx.conf are skipped (sudo apt-get install nginx helps)"
}

node_is_new_enough() {
    have npm && node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 9) ? 0 : 1)'
}

# Debian's own Node may be too old for the site's build: then PyPI's package of it, into a folder of ours.
install_node() {
    node_is_new_enough && return
    say "installing Node"
    "$(python)" -m venv .node
    .node/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-node.lock || rm -rf .node
    hash -r
    node_is_new_enough ||
        die "Node 20.9 or newer is needed; install it (nodejs.org, or brew install node), or run without the site: make run SITE=0"
}

install_npm() {
    install_node
    say "installing the locked npm packages of $1"
    npm ci --prefix "$1" --no-audit --no-fund --loglevel=error
}

# What the site is made of, as one line.
site_hash() {
    find frontend \( -name node_modules -o -name .next -o -name out \) -prune -o \
        -type f ! -name build.log ! -name next-env.d.ts ! -name '*.tsbuildinfo' -print | LC_ALL=C sort |
        while read -r file; do echo "$file"; cat "$file"; done | cksum
}

build_site() {
    [ -f frontend/out/csp.json ] && [ "$(cat frontend/out/.hash 2>/dev/null)" = "$(site_hash)" ] && return
    install_node
    [ frontend/node_modules/.package-lock.json -nt frontend/package-lock.json ] || install_npm frontend
    say "building the site"
    NEXT_TELEMETRY_DISABLED=1 npm run --silent --prefix frontend build >frontend/build.log 2>&1 ||
        { tail -n 30 frontend/build.log >&2; die "the site could not be built; the lines above (frontend/build.log) say why. Without it: make run SITE=0"; }
    tail -n 1 frontend/build.log >&2
    site_hash >frontend/out/.hash
}

cd "$(dirname "$0")/.."
PATH="$PWD/.node/bin:$PATH"
while [ $# -gt 0 ]; do
    case $1 in
        venv) install_venv "$2"; shift 2 ;;
        ffmpeg) install_ffmpeg; shift ;;
        chromium) install_chromium; shift ;;
        nginx) fetch_nginx; shift ;;
        npm) install_npm "$2"; shift 2 ;;
        site) build_site; shift ;;
        zappa) install_zappa; shift ;;
        rehearsal) install_rehearsal; shift ;;
        bench) install_bench; shift ;;
        *) die "setup.sh: unknown word $1" ;;
    esac
done
