#!/usr/bin/env bash
# Compiles shim.cpp against libtorch: build.sh OUTPUT [LIBTORCH]. LIBTORCH is a folder with include/ and lib/ (an unpacked
# libtorch, or the folder "torch" of a Python installation: python3 -c 'import torch; print(torch.__path__[0])'), CPU or CUDA,
# 1.13 or 2.x. Without it, the distribution's own libtorch is taken (Debian: libtorch-dev).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
output=$1 libtorch=${2:-}
flags=(-std=c++20 -O2 -fPIC -shared -fvisibility=hidden -w)
flags+=("-Wl,--version-script=$here/exports.map")
libraries=(-ltorch_cpu -lc10)

if [ -n "$libtorch" ]; then
    flags+=(-I"$libtorch/include" -L"$libtorch/lib" -Wl,-rpath,"$libtorch/lib")
    # Built with the older form of std::string (PyTorch's own packages before 2.6)?
    grep -q "cxx11" "$libtorch/lib/libc10.so" || flags+=(-D_GLIBCXX_USE_CXX11_ABI=0)
    # What registers CUDA's operators is named by nobody; it must be loaded all the same.
    [ ! -e "$libtorch/lib/libtorch_cuda.so" ] ||
        libraries+=(-Wl,--no-as-needed -ltorch_cuda -lc10_cuda -ltorch -Wl,--as-needed)
fi

partial="$output.partial"
"${CXX:-g++}" "${flags[@]}" -o "$partial" "$here/shim.cpp" "${libraries[@]}"
mv "$partial" "$output"
