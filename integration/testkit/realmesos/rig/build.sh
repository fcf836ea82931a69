#!/bin/sh
# build.sh VERSION LIBRARY OUT: OUT/{lib,bin,libexec}, relocatable, from this folder's sources and the _scheduler.so of Mesos VERSION.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$3/lib" "$3/bin" "$3/libexec"
out=$(cd "$3" && pwd)
# Names and layouts in mesosd.cc hold for exactly these files.
events=
case $1 in
1.11.0) digest=84d7ee9af27e912636b139de40257df1ee4f56c201de6bba834278aa1e8fd64c ;;
1.10.0) digest=f26d929748b15f18be31822fbacfc721ebc1ad8dcdfc1138c6eb5f71e2a392c4 ;;
1.7.3) digest=ee3a73074e3aee39edb18974e3e1a03780a33cfab26b65a5fb74d0e1888815bf events='libevent libevent_openssl libevent_pthreads' ;;
1.4.3) digest=666c6aef6c5688f7b7614f480382d957fa0892e7b3dcff92df57d2af783fc46a events='libevent libevent_openssl libevent_pthreads' ;;
*) echo "there is no recipe for Mesos $1" >&2; exit 1 ;;
esac
echo "$digest  $2" | sha256sum -c --quiet
minor=${1#1.}
python3 "$here/patch_so.py" "$2" "$out/lib/libmesos.so" libssl.so.1.0.0 libcrypto.so.1.0.0 libcurl.so.4
gcc -O1 -w -fPIC -shared -Wl,-soname,libcrypto.so.1.0.0 -o "$out/lib/libcrypto.so.1.0.0" "$here/stubs.c" \
  -Wl,--no-as-needed -l:libssl.so.3 -l:libcrypto.so.3
ln -sf libcrypto.so.1.0.0 "$out/lib/libssl.so.1.0.0"
# These were linked with libevent 2.0, whose calls 2.1 still has.
for name in $events; do
  cp -L "$(gcc -print-file-name="$name-2.1.so.7")" "$out/lib/$name-2.0.so.5"
done
g++ -std=c++17 -O1 -Wall -DMESOS_MINOR="${minor%%.*}" -o "$out/bin/mesosd" "$here/mesosd.cc" -L"$out/lib" -l:libmesos.so -pthread \
  -Wl,--allow-shlib-undefined -Wl,--disable-new-dtags,-rpath,'$ORIGIN/../lib'
ln -sf ../bin/mesosd "$out/libexec/mesos-containerizer"
install -m755 "$here/mesos-fetcher" "$out/libexec/mesos-fetcher"
