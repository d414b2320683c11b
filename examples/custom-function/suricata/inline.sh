# SPDX-License-Identifier: Apache-2.0
# Starts Suricata between the two halves of the kernel's forwarding.
set -e
# All that carries a context goes by way of its queue: packets of chains, and the probes by which Heddle sees at once when
# Suricata is gone. Without it the kernel drops what it would queue. The namespace outlives this container, so the rule
# may be there already.
for tool in iptables ip6tables; do
  $tool -w -C FORWARD -m mark --mark 0x80000000/0x80000000 -j NFQUEUE --queue-num 0 2>/dev/null ||
    $tool -w -A FORWARD -m mark --mark 0x80000000/0x80000000 -j NFQUEUE --queue-num 0
done
rm -f /run/suricata.pid
mkdir -p /var/log/suricata
# An instance that takes over the flows of another sees their midst: it takes them up there, and guards them too.
# Checksums of packets between pods of one node are not filled in, so nobody can check them.
exec suricata -q 0 -k none -c /etc/suricata/suricata.yaml -S /etc/suricata/local.rules --pidfile /run/suricata.pid \
  --set stream.midstream=true --set stream.midstream-policy=ignore "$@"
