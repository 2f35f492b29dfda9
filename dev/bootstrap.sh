# Read by the programs in script/: makes sure that Node 24 (an npm package) and the npm dependencies
# are there, once for each state of package-lock.json, and puts them first on the PATH. The current
# folder is the checkout.

PATH="$PWD/node_modules/.bin:$PATH"
export PATH

install_node() {
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo 'Node and npm are missing, and cannot be installed here. Install them (https://nodejs.org), then try again.' >&2
    exit 1
  fi
  echo 'Installing Node and npm from Debian packages (once)'
  DEBIAN_FRONTEND=noninteractive
  export DEBIAN_FRONTEND
  apt-get update -qq
  apt-get install -qq --yes --no-install-recommends nodejs npm >/dev/null
}

install_dependencies() {
  command -v npm >/dev/null || install_node
  echo 'Installing npm dependencies (once; about a minute)'
  # A folder that is there is brought up to date; others may be working with it.
  if [ -d node_modules ]; then
    npm install --no-audit --no-fund --loglevel=error
  else
    npm ci --no-audit --no-fund --loglevel=error
  fi
}

installed=node_modules/.quartermaster-installed
wanted=$(cat package.json package-lock.json | cksum)
if [ "$(cat "$installed" 2>/dev/null)" != "$wanted" ]; then
  install_dependencies
  cat package.json package-lock.json | cksum >"$installed"
fi
