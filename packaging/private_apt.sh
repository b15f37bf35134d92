# To be sourced: an apt of our own below a folder, so that the state of this machine's apt is not
# touched, and it learns of no foreign architecture:
#   private_apt FOLDER ARCHITECTURE KIND…    KIND is deb or deb-src
# exports APT_CONFIG and reads the lists. Packages come from where this machine has its own; apt checks
# them.
private_apt() {
  local state=$1 architecture=$2
  shift 2
  mkdir -p "$state"/{lists/partial,archives/partial}
  : >"$state/status"
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg kind place
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Identifier: Packages' 'Origin: Debian' | sort -u |
    while read -r place; do
      for kind in "$@"; do printf '%s [signed-by=%s] %s\n' "$kind" $keyring "$place"; done
    done >"$state/sources.list"
  [ -s "$state/sources.list" ] || {
    echo "apt knows no place of Debian's packages; run apt-get update" >&2
    return 1
  }
  cat >"$state/apt.conf" <<END
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State "$state";
Dir::State::status "$state/status";
Dir::Cache "$state";
Dir::Etc::sourcelist "$state/sources.list";
Dir::Etc::sourceparts "-";
END
  export APT_CONFIG=$state/apt.conf
  apt-get -qq update
}
