/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Gives a packet to another program as if it had come by VXLAN: of the network in cb[0], from the node with the IPv4 address
 * in cb[1].
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#define NOT_REACHED 99

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} target SEC(".maps");

SEC("tc")
int tunnel(struct __sk_buff *skb)
{
	/* Of a packet that arrives, the kernel gives the outer source as the remote address: here it is the local one. */
	struct bpf_tunnel_key key = {.tunnel_id = skb->cb[0], .local_ipv4 = skb->cb[1]};

	if (bpf_skb_set_tunnel_key(skb, &key, sizeof(key), 0))
		return NOT_REACHED;
	bpf_tail_call(skb, &target, 0);
	return NOT_REACHED;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
