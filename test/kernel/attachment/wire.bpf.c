/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * A data path as small as can be, under the names that attachments look for: frames go along wires that a
 * test lays, and anything else is dropped. It carries a context as the real one does (mark inside, MAC outside).
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct wire_key {
	__u32 ifindex;
	__u32 context; /* 0 from a pod; what the function's mark was from an instance */
};

struct wire {
	__u32 ifindex;
	__u32 mark;
	__u8 mac[6]; /* destination to write, unless zero */
	__u8 pad[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct wire_key);
	__type(value, struct wire);
} wires SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} frames SEC(".maps"); /* 0 sent on, 1 dropped */

struct prefix {
	__u32 length;
	__u32 address;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u32);
} prefixes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 20000);
	__type(key, __u64);
	__type(value, __u64);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u32);
} devices SEC(".maps"); /* a type that has no batches */

static __always_inline void count(__u32 which)
{
	__u64 *counter = bpf_map_lookup_elem(&frames, &which);

	if (counter)
		*counter += 1;
}

static __always_inline int send(struct __sk_buff *skb, __u32 context)
{
	struct wire_key key = {.ifindex = skb->ifindex, .context = context};
	struct wire *wire = bpf_map_lookup_elem(&wires, &key);

	if (!wire) {
		count(1);
		return TC_ACT_SHOT;
	}
	count(0);
	if (wire->mac[0])
		bpf_skb_store_bytes(skb, 0, wire->mac, sizeof(wire->mac), 0);
	skb->mark = wire->mark;
	bpf_skb_change_type(skb, 0);
	return bpf_redirect_peer(wire->ifindex, 0);
}

SEC("tc")
int pod_ingress(struct __sk_buff *skb)
{
	return send(skb, 0);
}

SEC("tc")
int fn_ingress(struct __sk_buff *skb)
{
	__u32 context;

	if (bpf_skb_load_bytes(skb, 2, &context, sizeof(context)))
		return TC_ACT_SHOT;
	return send(skb, bpf_ntohl(context));
}

SEC("tc")
int fn_egress(struct __sk_buff *skb)
{
	__u8 head[2] = {0x0a, 0};
	__u32 context = skb->mark;

	if (!(skb->mark & 0x80000000u))
		return TC_ACT_SHOT;
	if (!skb->ingress_ifindex) /* born here: it turns round */
		context ^= 0x20000000u;
	context = bpf_htonl(context);
	bpf_skb_store_bytes(skb, 0, head, sizeof(head), 0);
	bpf_skb_store_bytes(skb, 2, &context, sizeof(context), 0);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
