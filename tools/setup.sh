# Shared by ./gpusynth and ./test, which source it: finds dotnet, chooses between the packages and their stand-ins, builds.
#
# ILGPU is a package like the others. Where no registry serves it, the stand-in of tools/standins takes its place (no GPU).
# That is found out once, said aloud and remembered in artifacts/standins. To decide it yourself:
#   GPUSYNTH_STANDINS=1 ./test     the stand-in, even where the package can be had
#   GPUSYNTH_STANDINS=0 ./test     the package, and an error where it cannot be had
# Deleting artifacts/ forgets everything.
#
# Everything said here goes to standard error: standard output belongs to the tool.

artifacts="$root/artifacts"
record="$artifacts/standins"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

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
        say "$(ilgpu_version) could not be restored: building with the stand-in of tools/standins (no GPU)."
        say "Where it can be had, GPUSYNTH_STANDINS=0 insists on it."
    fi

    mkdir -p "$artifacts"
    printf '%s\n' "$standins" > "$record.partial"
    mv "$record.partial" "$record"
}

ilgpu_version() { sed -n 's/.*Include="ILGPU" Version="\[\{0,1\}\([^]"]*\).*/ILGPU \1/p' "$root/Directory.Packages.props"; }

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
