# Shared by ./gpusynth and ./test, which source it: finds dotnet, builds, and makes up for what an older Linux lacks. Deleting
# artifacts/ forgets everything.
#
# Everything said here goes to standard error: standard output belongs to the tool.

artifacts="$root/artifacts"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# Torch's threads sleep while they wait for each other instead of spinning: a training step is as quick on idle cores, and not
# ten times slower where something else runs too. Set it yourself to differ.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"

# A standard error that is full ends nothing.
say() { printf '%s\n' "$*" >&2 2> /dev/null || true; }

die() {
    say "$@"
    exit 1
}

# dotnet, from the path or from where its installer puts it.
find_dotnet() {
    command -v dotnet > /dev/null && return
    [ -x "$HOME/.dotnet/dotnet" ] && PATH="$HOME/.dotnet:$PATH" && return
    die "The .NET SDK is missing: no 'dotnet' on the path. Install version $(wanted_sdk) or a newer 10.0 one" \
        "(https://dot.net/download, or your system's package dotnet-sdk-10.0) and run this again."
}

wanted_sdk() { sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' "$root/global.json"; }

check_sdk() {
    (cd "$root" && dotnet --version > /dev/null 2>&1) && return
    die "This dotnet has no SDK of version $(wanted_sdk) or a newer 10.0 one (it has: $(dotnet --list-sdks | cut -d' ' -f1 | xargs))." \
        "Install it (https://dot.net/download, or your system's package dotnet-sdk-10.0) and run this again."
}

restore_failed() {
    grep -E "error|warning" <<< "$1" | sed 's/ \[[^]]*\]$//' | sort -u >&2 || say "$1"
    die "The packages could not be restored: 'dotnet nuget list source' shows the registries that were asked;" \
        "see to it that they can be reached and serve what is named above, then run this again."
}

# build PROJECT: builds it in Release.
build() {
    local output servers=()
    # A build machine is left as it was found: nothing keeps running.
    [ -n "${CI:-}" ] && servers=(--disable-build-servers)
    # Compilers that stay for the next build do not keep the lock.
    if ! output=$(cd "$root" && dotnet build "$1" -c Release -v q --nologo ${servers[@]+"${servers[@]}"} 2>&1 9>&-); then
        ! grep -q "error NU" <<< "$output" || restore_failed "$output"
        grep -E "error" <<< "$output" | sed 's/ \[[^]]*\]$//' | sort -u >&2 || say "$output"
        die "The build failed for the reasons above. 'rm -rf $artifacts' starts afresh."
    fi
}

# One build at a time where the system can tell (flock); others wait for it.
lock_build() {
    mkdir -p "$artifacts"
    exec 9> "$artifacts/lock"
    ! command -v flock > /dev/null || flock 9
}

# setup_torch: TorchSharp's native half needs the libstdc++ of GCC 13. Where the system's is older (Debian 12, Ubuntu 22.04), a
# small library supplies the one symbol that is missing: tools/libstdcxx_compat.sh makes it once, and what is started with
# LD_LIBRARY_PATH="$torch_path" finds it. Succeeds where torch can be loaded; otherwise $torch_missing says what is wrong.
setup_torch() {
    local compat="$artifacts/libstdcxx" real
    torch_path="${LD_LIBRARY_PATH:-}" torch_missing=
    [ "$(uname -sm)" = "Linux x86_64" ] || return 0
    real=$(find_libstdcxx)
    [ -n "$real" ] && ! grep -aq 'GLIBCXX_3\.4\.32' "$real" || return 0
    torch_path="$compat${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    [ ! -f "$compat/libstdc++.so.6" ] || [ "$real" -nt "$compat/libstdc++.so.6" ] || [ "$(cat "$compat/of")" != "$real" ] || return 0
    has_compiler || { can_install && install g++ && has_compiler; } || {
        torch_missing="TorchSharp needs the libstdc++ of GCC 13 or newer (GLIBCXX_3.4.32), which $real is not, and there is no g++"
        torch_missing+=" to make up for it: install g++ (Debian, Ubuntu: apt-get install g++), or name the folder of a newer"
        torch_missing+=" libstdc++.so.6 in LD_LIBRARY_PATH, or use a newer system (Debian 13, Ubuntu 24.04); then run this again."
        torch_missing+=" generate, preview, bench and the Python package do not need it."
        return 1
    }
    say "this system's libstdc++ is older than TorchSharp's: making a library that supplies what it lacks (once) ..."
    local output
    output=$("$root/tools/libstdcxx_compat.sh" "$real" "$compat" 2>&1) || {
        torch_missing="tools/libstdcxx_compat.sh failed: $output"
        return 1
    }
    printf '%s\n' "$real" > "$compat/of"
}

# The libstdc++ that a program started now would load: that of LD_LIBRARY_PATH, or the system's.
find_libstdcxx() {
    local folder
    IFS=: read -ra folders <<< "${LD_LIBRARY_PATH:-}"
    for folder in ${folders[@]+"${folders[@]}"}; do
        [ ! -f "$folder/libstdc++.so.6" ] || { readlink -f "$folder/libstdc++.so.6" && return; }
    done
    folder=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2> /dev/null | awk '/libstdc\+\+\.so\.6 .*x86-64/ { print $NF; exit }')
    [ -z "$folder" ] || readlink -f "$folder"
}

has_compiler() { command -v g++ > /dev/null && command -v readelf > /dev/null; }

# Are apt-get and the right to use it there?
can_install() {
    sudo=()
    [ "$(id -u)" -eq 0 ] || sudo=(sudo -n)
    command -v apt-get > /dev/null && "${sudo[@]}" true 2> /dev/null
}

# install PACKAGE...: after can_install. Nothing that is there goes for it.
install() {
    local log="$artifacts/apt.log"
    say "installing $* (once) ..."
    "${sudo[@]}" apt-get update > "$log" 2>&1 || true
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-remove --no-install-recommends "$@" >> "$log" 2>&1
}

# setup_python: sets $python to a python3 that can run the tests in Python, best one with torch. What else these want (torch,
# venv, gcc, g++) is installed where it is missing and apt-get and the right to use it are there; that is tried once. Tests that miss
# something then are skipped; where $python stays empty, all of them.
setup_python() {
    local packages="python3 python3-numpy python3-venv gcc g++ libc6-dev" torch=python3-torch tried="$artifacts/python.tried"
    ! find_python "numpy, torch, ensurepip" || ! command -v g++ > /dev/null || return 0
    if [ "$(cat "$tried" 2> /dev/null)" != "$packages $torch" ] && can_install; then
        # Torch by itself, for not every distribution has it.
        # shellcheck disable=SC2086  # a list
        { install $packages && { find_python "numpy, torch" || install $torch; }; } ||
            say "apt-get could not install all of $packages $torch (its words are in $artifacts/apt.log)."
        printf '%s\n' "$packages $torch" > "$tried"
    fi
    find_python "numpy, torch, ensurepip" "numpy, torch" numpy || true
}

# find_python MODULES...: the first python3 of 3.10 or later that has the first modules, or else the next: the path's, or the
# system's own behind it.
find_python() {
    local modules
    for modules; do
        for python in python3 /usr/bin/python3; do
            ! "$python" -c "import sys, $modules; sys.exit(sys.version_info < (3, 10))" > /dev/null 2>&1 || return 0
        done
    done
    python=
    return 1
}
