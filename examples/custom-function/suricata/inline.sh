# The namespace outlives this container: the rules may be there already.
set -e
for tool in iptables ip6tables; do
  $tool -w -C FORWARD -m mark --mark 0x80000000/0x80000000 -j NFQUEUE --queue-num 0 2>/dev/null ||
    $tool -w -A FORWARD -m mark --mark 0x80000000/0x80000000 -j NFQUEUE --queue-num 0
done
mkdir -p /var/log/suricata /run/suricata
exec suricata -c /etc/suricata/suricata.yaml -S /etc/suricata/local.rules -q 0 \
  --set stream.midstream=true --set stream.midstream-policy=pass-flow --set threading.set-cpu-affinity=no \
  --set default-rule-path=/etc/suricata "$@"
