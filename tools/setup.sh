# Shared by ./gpusynth and ./test, which source it: finds dotnet, chooses between the packages and their stand-ins, builds.
#
# ILGPU and TorchSharp are packages like the others. Where no registry serves them, the stand-ins of tools/standins take
# their places (ILGPU's without a GPU). That is found out once, said aloud and remembered in artifacts/standins. To decide it
# yourself:
#   GPUSYNTH_STANDINS=1 ./test     the stand-ins, even where the packages can be had
#   GPUSYNTH_STANDINS=0 ./test     the packages, and an error where they cannot be had
# TorchSharp's stand-in needs libtorch with headers; see setup_torch. To choose one yourself (PyTorch 1.13 or 2.x, CUDA or not):
#   GPUSYNTH_LIBTORCH=DIR ./test   the libtorch in DIR/include and DIR/lib
# Deleting artifacts/ forgets everything.
#
# Everything said here goes to standard error: standard output belongs to the tool.

artifacts="$root/artifacts"
record="$artifacts/standins"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# Torch's threads sleep while they wait for each other instead of spinning, and the BLAS starts no threads inside of them: a
# training step is quicker on idle cores, and not ten times slower where something else runs too. Set them yourself to differ.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}" OPENBLAS_NUM_THREADS="${OPENBLAS_NUM_THREADS:-1}"

say() { printf '%s\n' "$*" >&2; }

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

# choose_packages PROJECT: sets $standins to true or false.
choose_packages() {
    case "${GPUSYNTH_STANDINS:-}" in
        1 | true) standins=true && return ;;
        0 | false) standins=false && return ;;
        "") ;;
        *) die "GPUSYNTH_STANDINS is '$GPUSYNTH_STANDINS'; it may be 1 (stand-ins), 0 (packages) or unset (found out)." ;;
    esac

    if [ -f "$record" ] && [ ! "$root/Directory.Packages.props" -nt "$record" ]; then
        standins=$(cat "$record")
        return
    fi

    say "looking for the packages (once) ..."
    local output
    standins=false
    if ! output=$(cd "$root" && dotnet restore "$1" -v q 2>&1); then
        # NU1101 to NU1103: the registry has no such package or version. NU1301: there is no registry to ask.
        grep -Eq "NU110[123].* (ILGPU|TorchSharp)|NU1301" <<< "$output" || restore_failed "$output"
        standins=true
        output=$(cd "$root" && dotnet restore "$1" -p:UseStandins=true -v q 2>&1) || restore_failed "$output"
        say "$(package_version ILGPU) or $(package_version TorchSharp-cpu) could not be restored:" \
            "building with the stand-ins of tools/standins (no GPU kernels)."
        say "Where it can be had, GPUSYNTH_STANDINS=0 insists on it."
    fi

    mkdir -p "$artifacts"
    printf '%s\n' "$standins" > "$record.partial"
    mv "$record.partial" "$record"
}

package_version() { sed -n "s/.*Include=\"\($1\)\" Version=\"\[\{0,1\}\([^]\"]*\).*/\1 \2/p" "$root/Directory.Packages.props"; }

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
    if ! output=$(cd "$root" && dotnet build "$1" -c Release -p:UseStandins="$standins" -v q --nologo "${servers[@]}" 2>&1); then
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

# setup_torch: compiles the native half of TorchSharp's stand-in into artifacts/native, where the stand-ins were chosen and
# where it is missing or older than its sources. libtorch is the one of GPUSYNTH_LIBTORCH or the distribution's, which is
# installed where apt-get and the right to use it are there.
setup_torch() {
    [ "$standins" = true ] || return 0
    local libtorch=${GPUSYNTH_LIBTORCH:-} output
    ! is_torch_current || return 0
    if [ -n "$libtorch" ]; then
        [ -f "$libtorch/include/ATen/ATen.h" ] && [ -f "$libtorch/lib/libc10.so" ] ||
            die "GPUSYNTH_LIBTORCH is '$libtorch', which is no libtorch: it needs include/ATen/ATen.h and lib/libc10.so."
        command -v "${CXX:-g++}" > /dev/null || die "The C++ compiler ${CXX:-g++} is missing: install it and run this again."
    elif ! has_libtorch; then
        install_libtorch
    fi

    say "compiling the native half of TorchSharp's stand-in (once, half a minute) ..."
    mkdir -p "$artifacts/native"
    output=$("$torch_sources/build.sh" "$torch_library" "$libtorch" 2>&1) || {
        say "$output"
        die "tools/standins/TorchSharp/Native/shim.cpp does not compile against the libtorch in ${libtorch:-/usr/include}:" \
            "the compiler's words are above."
    }
    printf '%s\n' "$libtorch" > "$torch_library.from"
}

torch_sources="$root/tools/standins/TorchSharp/Native"
torch_library="$artifacts/native/libLibTorchSharp.so"

# Compiled since the last change of its sources, and against the libtorch that is asked for now?
is_torch_current() {
    [ -f "$torch_library" ] && [ -f "$torch_library.from" ] && [ "$(cat "$torch_library.from")" = "${GPUSYNTH_LIBTORCH:-}" ] &&
        [ -z "$(find "$torch_sources" -newer "$torch_library" -print -quit)" ]
}

has_libtorch() { [ -f /usr/include/ATen/ATen.h ] && command -v "${CXX:-g++}" > /dev/null; }

# The reference BLAS that libtorch-dev would bring is five times slower than OpenBLAS with threads.
install_libtorch() {
    local packages="libtorch-dev libopenblas0-pthread g++"
    can_install || die "Training needs libtorch with headers, a threaded OpenBLAS and g++: install them (Debian, Ubuntu:" \
        "apt-get install $packages) or unpack a libtorch and name its folder in GPUSYNTH_LIBTORCH, then run this again."
    # shellcheck disable=SC2086  # a list
    install $packages && has_libtorch || die "apt-get could not install $packages (its words are in $artifacts/apt.log): see to" \
        "it, or name the folder of an unpacked libtorch in GPUSYNTH_LIBTORCH, then run this again."
}

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
# venv, gcc) is installed where it is missing and apt-get and the right to use it are there; that is tried once. Tests that miss
# something then are skipped; where $python stays empty, all of them.
setup_python() {
    local packages="python3 python3-numpy python3-venv gcc libc6-dev" torch=python3-torch tried="$artifacts/python.tried"
    ! find_python "numpy, torch, ensurepip" || ! command -v gcc > /dev/null || return 0
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
