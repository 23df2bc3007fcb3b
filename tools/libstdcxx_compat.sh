#!/usr/bin/env bash
# libstdcxx_compat.sh REAL DIR: makes DIR/libstdc++.so.6, which lets TorchSharp 0.107's native half load where the system's
# libstdc++, REAL, is older than GCC 13's (Debian 12, Ubuntu 22.04). Needs g++ and readelf.
#
# What is missing there is one symbol, std::ios_base_library_init() of version GLIBCXX_3.4.32, and nothing newer of glibc. The
# library made here has the name libstdc++.so.6, defines that symbol and every version name that REAL has (the loader checks
# names), and needs REAL by its full path, where everything else is found. Programs take it from LD_LIBRARY_PATH, set before they
# start: dotnet itself loads libstdc++.so.6.
set -euo pipefail
real=$1 out=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What GCC 13's <iostream> leaves to the library, and older headers did in every file that includes them.
cat > "$work/init.cpp" << 'CPP'
#include <ios>
namespace std { void ios_base_library_init() { static ios_base::Init init; } }
CPP

# Each version name inherits the one before it; the last two are those that REAL lacks.
readelf -V "$real" | grep -oE 'Name: (GLIBCXX|CXXABI)_[0-9A-Za-z_.]+' | awk '{ print $2 }' | sort -uV | awk '
    $0 != "GLIBCXX_3.4.31" { print $0 " { } " before ";"; before = $0 }
    END {
        print "GLIBCXX_3.4.31 { } " before ";"
        print "GLIBCXX_3.4.32 { global: _ZSt21ios_base_library_initv; local: *; } GLIBCXX_3.4.31;"
    }' > "$work/versions"

# An empty library of REAL's path as its name: what is linked with it needs REAL by that path.
g++ -shared -x c++ /dev/null -nodefaultlibs -o "$work/libreal.so" -Wl,-soname,"$real"
g++ -O1 -shared -fPIC -nodefaultlibs "$work/init.cpp" -o "$work/libstdc++.so.6" -Wl,-soname,libstdc++.so.6 \
    -Wl,--version-script="$work/versions" -Wl,--no-as-needed -L"$work" -lreal -lc
mkdir -p "$out"
mv "$work/libstdc++.so.6" "$out/libstdc++.so.6.partial"
mv "$out/libstdc++.so.6.partial" "$out/libstdc++.so.6"
