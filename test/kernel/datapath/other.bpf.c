/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Somebody else's program at a device: it counts packets, VXLAN of nodes (key 0) apart from others (key 1), and gives them
 * the verdict with which it was built.
 */
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

SEC("tc")
int other(struct __sk_buff *skb)
{
	__be16 port = 0;
	__u8 protocol = 0;
	__u32 key;
	__u64 *count;

	bpf_skb_load_bytes(skb, ETH_HLEN + offsetof(struct iphdr, protocol), &protocol, sizeof(protocol));
	bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(struct iphdr) + offsetof(struct udphdr, dest), &port, sizeof(port));
	key = skb->protocol != bpf_htons(ETH_P_IP) || protocol != IPPROTO_UDP || port != bpf_htons(VXLAN_PORT);
	count = bpf_map_lookup_elem(&seen, &key);
	if (count)
		__sync_fetch_and_add(count, 1);
	return VERDICT;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
