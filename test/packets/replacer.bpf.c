/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Adds and deletes two entries of `ends` in turn, as fast as a CPU goes. A deleted entry's memory is given to the next one
 * that is added: who still reads the one reads the other.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#define TURNS (1 << 19)

/* Bytes of `struct end_key` and `struct end` in agent/bpf/maps.h, which the test gives. */
struct key {
	__u8 bytes[KEY_SIZE];
};
struct value {
	__u8 bytes[VALUE_SIZE];
};
struct entry {
	struct key key;
	struct value value;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, ENTRIES);
	__type(key, struct key);
	__type(value, struct value);
} ends SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct entry);
} entries SEC(".maps");

static long replace(__u32 index, void *unused)
{
	__u32 which = index & 1;
	struct entry *entry = bpf_map_lookup_elem(&entries, &which);

	if (!entry)
		return 1;
	bpf_map_update_elem(&ends, &entry->key, &entry->value, BPF_ANY);
	bpf_map_delete_elem(&ends, &entry->key);
	return 0;
}

SEC("tc")
int replacer(struct __sk_buff *skb)
{
	bpf_loop(TURNS, replace, 0, 0);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
