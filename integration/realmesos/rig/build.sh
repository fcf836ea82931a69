#!/bin/sh
# build.sh LIBRARY OUT: OUT/{lib,bin,libexec}, relocatable, from this folder's sources and Mesos 1.11.0's _scheduler.so.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2/lib" "$2/bin" "$2/libexec"
out=$(cd "$2" && pwd)
# Names and layouts in mesosd.cc hold for exactly this file.
echo "84d7ee9af27e912636b139de40257df1ee4f56c201de6bba834278aa1e8fd64c  $1" | sha256sum -c --quiet
python3 "$here/patch_so.py" "$1" "$out/lib/libmesos.so" libssl.so.1.0.0 libcrypto.so.1.0.0 libcurl.so.4
gcc -O1 -w -fPIC -shared -Wl,-soname,libcrypto.so.1.0.0 -o "$out/lib/libcrypto.so.1.0.0" "$here/stubs.c" \
  -Wl,--no-as-needed -l:libssl.so.3 -l:libcrypto.so.3
ln -sf libcrypto.so.1.0.0 "$out/lib/libssl.so.1.0.0"
g++ -std=c++17 -O1 -Wall -o "$out/bin/mesosd" "$here/mesosd.cc" -L"$out/lib" -l:libmesos.so -pthread \
  -Wl,--allow-shlib-undefined -Wl,--disable-new-dtags,-rpath,'$ORIGIN/../lib'
ln -sf ../bin/mesosd "$out/libexec/mesos-containerizer"
install -m755 "$here/mesos-fetcher" "$out/libexec/mesos-fetcher"
