# SPDX-License-Identifier: Apache-2.0
# Sourced by the other scripts: Debian packages, and what is printed where.

# What building snap needs besides Swift.
build_packages=(
  libssl-dev libzstd-dev libsqlite3-dev libargon2-dev pkg-config
)

say() { printf '%s\n' "$*" >&2; }

# Runs a command whose output matters only when it fails; then it is shown, and the script ends.
quietly() {
  local log code=0
  log=$(mktemp "${TMPDIR:-/tmp}/snap-script.XXXXXX")
  "$@" >"$log" 2>&1 </dev/null || code=$?
  if [ "$code" != 0 ]; then
    cat "$log" >&2
    say "failed (exit $code): $*"
  fi
  rm -f "$log"
  return "$code"
}

# Installs with apt those of the named packages that are missing, and says which.
need_packages() {
  local installed missing=() name as_root=()
  installed=" $(dpkg-query -W -f='${db:Status-Status}:${Package} ' "$@" 2>/dev/null || true)"
  for name in "$@"; do
    case "$installed" in
      *" installed:$name "*) ;;
      *) missing+=("$name") ;;
    esac
  done
  if [ ${#missing[@]} = 0 ]; then return 0; fi
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      say "These packages are missing, and there is no sudo to install them with:"
      say "  apt-get install ${missing[*]}"
      return 1
    fi
    as_root=(sudo)
  fi
  say "Installing with apt: ${missing[*]}"
  # A list that cannot be refreshed may still do: the installation decides.
  "${as_root[@]}" apt-get -qq update >&2 </dev/null || true
  quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y --no-install-recommends install "${missing[@]}"
}

# Makes a Python environment that holds the named packages from PyPI; does nothing if it is there.
need_python() {
  local folder=$1
  shift
  if [ "$(cat "$folder/packages" 2>/dev/null)" = "$*" ]; then return 0; fi
  say "Installing from PyPI into ${folder##*/}: $*"
  rm -rf "$folder"
  quietly python3 -m venv "$folder"
  quietly "$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
  printf '%s\n' "$*" >"$folder/packages"
}
