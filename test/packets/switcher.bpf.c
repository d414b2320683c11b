/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Switches the policy of the network in the mark as fast as a CPU goes, and back: always by two, so that the bank that
 * counts stays the same, but no program that reads it twice reads the same twice.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#define SWITCHES (1 << 21)

struct network { /* agent/bpf/maps.h; the map is the data path's */
	__u32 mtu;
	__u32 bank;
	__u32 flags;
	struct bpf_spin_lock lock;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct network);
} networks SEC(".maps");

struct switching {
	struct network *network;
};

static long switch_policy(__u32 index, struct switching *switching)
{
	volatile __u32 *bank = &switching->network->bank;

	*bank += 2;
	return 0;
}

SEC("tc")
int switcher(struct __sk_buff *skb)
{
	__u32 vni = skb->mark;
	struct switching switching = {.network = bpf_map_lookup_elem(&networks, &vni)};

	if (!switching.network)
		return TC_ACT_SHOT;
	bpf_loop(SWITCHES, switch_policy, &switching, 0);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
