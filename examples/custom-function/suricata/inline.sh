# SPDX-License-Identifier: Apache-2.0
# Starts Suricata in the kernel's forwarding path.
set -e
# All packets with a context go through Suricata's queue: packets of chains, and Heddle's probes, which detect at once when
# Suricata fails. Without Suricata the kernel drops queued packets. The namespace outlives this container, so the rule
# may exist already.
for tool in iptables ip6tables; do
  $tool -w -C FORWARD -m mark --mark 0x80000000/0x80000000 -j NFQUEUE --queue-num 0 2>/dev/null ||
    $tool -w -A FORWARD -m mark --mark 0x80000000/0x80000000 -j NFQUEUE --queue-num 0
done
rm -f /run/suricata.pid
mkdir -p /var/log/suricata
# An instance that takes over the flows of another instance sees only the middle of them: midstream=true picks them up.
# Checksums of packets between pods of one node are not filled in, so they are not checked.
exec suricata -q 0 -k none -c /etc/suricata/suricata.yaml -S /etc/suricata/local.rules --pidfile /run/suricata.pid \
  --set stream.midstream=true --set stream.midstream-policy=ignore "$@"
