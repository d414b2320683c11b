#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every npm script that people type first starts here, so that it works in a bare clone and with whatever
# Node the machine has: npm brings the packages, one of them is the Node that runs everything else.
set -eu
cd "$(dirname -- "$0")/.."
root=$(pwd)
node=$root/node_modules/.bin/node
stamp=node_modules/.heddle-package-lock.json

installed() {
  [ -x "$node" ] && case $("$node" --version) in v24.*) ;; *) return 1 ;; esac
  # Times lie after a checkout, so a copy of the lock file tells what was installed; a tree that somebody
  # installed by hand has none, and npm's own record is then trusted when it is not older.
  if [ -e "$stamp" ] && cmp -s package-lock.json "$stamp"; then return 0; fi
  [ ! -e "$stamp" ] && [ -e node_modules/.package-lock.json ] &&
    [ ! package-lock.json -nt node_modules/.package-lock.json ]
}

install() {
  if ! command -v npm >/dev/null 2>&1; then
    echo 'heddle: npm is missing. Install Node.js with npm (any version since 18) and run this again.' >&2
    exit 1
  fi
  echo 'heddle: installing the npm packages (npm ci)' >&2
  npm ci --no-fund --no-audit --loglevel=error >&2
  # The "node" package fetches nothing itself, but its install script links the binary; where npm is told to
  # skip install scripts, it is run here.
  [ -x "$node" ] || npm rebuild node --ignore-scripts=false --foreground-scripts >&2
  installed_version=$("$node" --version 2>/dev/null || echo none)
  case $installed_version in
    v24.*) cp package-lock.json "$stamp" ;;
    *)
      echo "heddle: node_modules/.bin/node is $installed_version, not v24: npm did not run the install script of the package \"node\"." >&2
      echo 'heddle: allow install scripts (npm config set ignore-scripts false), remove node_modules and run this again.' >&2
      exit 1
      ;;
  esac
}

installed || install
PATH=$root/node_modules/.bin:$PATH
export PATH
exec "$node" "$@"
