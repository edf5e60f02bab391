# Shell library: fourtuple_install PURPOSE… installs the packages of packages.txt that are missing.
# It does nothing when all are present, so it needs no network then. FOURTUPLE_SKIP_INSTALL=1 turns it off.

fourtuple_packages_file=$(dirname "${BASH_SOURCE[0]}")/packages.txt

fourtuple_packages() {
  local purpose
  for purpose in "$@"; do
    awk -v purpose="$purpose" '$1 == purpose { print $2 }' "$fourtuple_packages_file"
  done
}

fourtuple_missing_packages() {
  local package
  for package in $(fourtuple_packages "$@"); do
    case $(dpkg-query -W -f='${db:Status-Status} ' "$package" 2>/dev/null) in
      installed* | *" installed"*) ;;  # and not `not-installed`, which dpkg says of a package it only knows
      *) echo "$package" ;;
    esac
  done
}

fourtuple_apt() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null
}

fourtuple_install() {
  [ -z "${FOURTUPLE_SKIP_INSTALL:-}" ] || return 0
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "error: this is not a Debian-like system (no apt-get). Install the equivalents of these packages," >&2
    echo "then run again with FOURTUPLE_SKIP_INSTALL=1:" $(fourtuple_packages "$@") >&2
    return 1
  fi
  local missing
  missing=$(fourtuple_missing_packages "$@" | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    echo "error: packages are missing and there is no sudo. As root, run: apt-get install $missing" >&2
    return 1
  fi
  echo "Installing missing Debian packages: $missing"
  # Lists of an image can be stale or absent; a failed update still leaves what the lists already know.
  fourtuple_apt update >/dev/null || echo "warning: apt-get update failed (offline?); trying with the lists at hand" >&2
  if ! fourtuple_apt install --no-install-recommends $missing; then
    echo "error: apt-get could not install: $missing" >&2
    echo "Check the network and that this is Debian 12 or newer, or install them by hand." >&2
    return 1
  fi
}
