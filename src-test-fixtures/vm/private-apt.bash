# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Debian's archive as this machine's apt knows it.

# The mirror of the main archive that this machine is configured with.
mirror() {
    local found
    # shellcheck disable=SC2016 # apt's words, not the shell's
    found=$(apt-get indextargets --format '$(LABEL) $(COMPONENT) $(SITE)' 'Created-By: Packages' |
        sed -n 's/^Debian main //p' | head -n1)
    [ -n "$found" ] || {
        echo "vm: apt of this machine has no mirror of Debian's main archive" >&2
        return 1
    }
    echo "$found"
}

# private_apt DIR ARCH: from here on apt commands see trixie of another processor, and nothing of this machine changes
private_apt() {
    local mirror
    mirror=$(mirror)
    mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
    : >"$1/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$1/sources.list"
    cat >"$1/apt.conf" <<END
APT::Architecture "$2";
APT::Architectures { "$2"; };
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Dir::State "$1";
Dir::State::status "$1/status";
Dir::Cache "$1/cache";
Dir::Etc::sourcelist "$1/sources.list";
Dir::Etc::sourceparts "/dev/null";
Acquire::Languages "none";
END
    export APT_CONFIG=$1/apt.conf
    apt-get -qq update
}
