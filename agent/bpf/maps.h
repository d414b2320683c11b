/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * The one place of every struct shared with the agent and of the context encoding. The TypeScript codecs
 * (agent/render/generated/layout.ts) are generated from this object's BTF: `npm run generate`.
 *
 * Addresses are 16 bytes in network order; IPv4 is mapped (::ffff:a.b.c.d), so one map serves both families.
 */
#ifndef HEDDLE_MAPS_H
#define HEDDLE_MAPS_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define RULES_PER_SEGMENT 64 /* longer rule lists go on in the next segment of the same pair */
#define MAX_SEGMENTS 16
#define MAX_HOPS 16
#define TABLE_SLOTS 2039 /* a prime, as Maglev asks for */
#define TABLE_SIZE 2048  /* a bound that the verifier can see; the first slots stand again behind the last */
#define MAX_BOUNCES 3

/* --- context: which path, which hop, which way (see docs/architecture.md) --- */
#define CTX_MAC_TO 0x0a   /* first byte of a destination MAC that carries a context */
#define CTX_MAC_FROM 0x0e /* first byte of the source MAC of an emitting instance */
#define CTX_F_PROBE 0x80
#define CTX_F_REPLY 0x40
#define CTX_F_BOUNCES 0x30 /* how often a node passed the frame on since its instance was down there */
#define CTX_F_BOUNCES_SHIFT 4
#define CTX_F_POSITION 0x0f

#define MARK_CONTEXT 0x80000000u
#define MARK_PROBE 0x40000000u
#define MARK_REPLY 0x20000000u
#define MARK_POSITION_SHIFT 24
#define MARK_PATH 0x0000ffffu

struct address {
	__u32 word[4];
};

/* --- ports: host side veth of a pod, by ifindex --- */
#define PORT_F_INSTANCE 1 /* an interface of a function: `instance` is set, `vni` is not */
#define PORT_F_LEFT 2     /* of one that passes on frames between two: what the chain's flows begin with comes in here, */
#define PORT_F_RIGHT 4    /* and goes out here; replies the other way */
#define PORT_F_FRAMES (PORT_F_LEFT | PORT_F_RIGHT)

struct port {
	__u64 pool; /* of an instance: the function that it belongs to */
	__u32 vni;
	__u32 instance;
	__u32 flags;
	__u8 mac[6];
	__u16 mtu;
	__u32 pad;
};

/* --- endpoints: what is known of an address (hash) or a prefix (LPM) of a network --- */
#define ENDPOINT_F_PORT 1    /* a Port owns it: it can be reached */
#define ENDPOINT_F_VTEP_V6 2 /* `vtep` is IPv6 */
#define ENDPOINT_F_VIRTUAL 4 /* a load balancer's: neighbours hear of it, nobody has it, a path must take its packets */

struct address_key {
	__u32 vni;
	struct address address;
};

struct prefix_key {
	__u32 prefixlen; /* 32 (the vni) + 0..128 */
	__u32 vni;
	struct address address;
};

/* class_id: classifier class in each bank of its network, 0: named by no chain; ifindex: host side veth when the Port
 * is on this node, else 0. */
#define ENDPOINT_FIELDS                                                                                                \
	__u64 class_id[2];                                                                                             \
	__u32 ifindex;                                                                                                 \
	struct address vtep;                                                                                           \
	__u8 mac[6];                                                                                                   \
	__u16 flags;

struct endpoint {
	ENDPOINT_FIELDS
	__u32 pad;
};

/* The same in a hash map. A value with a lock is changed where it stands (BPF_F_LOCK). One without is replaced, and
 * the kernel may use the old one's memory for another key at once, while a program still reads it. Programs do not
 * take the lock: what changes together lies in one aligned word, or is read again (`network.bank`). */
struct host {
	ENDPOINT_FIELDS
	struct bpf_spin_lock lock;
};

#define NETWORK_F_ENDS 1 /* it has paths that are PATH_F_REWRITES: what its pods send is looked up in `ends` first */

struct network {
	__u32 mtu;  /* bytes of an IP packet */
	__u32 bank; /* its lowest bit: which class_id counts. A change of policy is written beside the old one, then
		     * switched by adding one, so that whoever reads the same before and after has read one policy */
	__u32 flags;
	struct bpf_spin_lock lock;
};

/* --- classifier: (class of source, class of destination) -> rules by precedence --- */
#define RULE_F_REPLY 1 /* reversed: matches the source port, enters the path at its last hop */

struct rule {
	__u32 path;
	__u8 protocol; /* 0: any */
	__u8 flags;
	__u16 port_first;
	__u16 port_last;
	__u16 pad;
};

struct rules_key {
	__u64 source_class;
	__u64 destination_class;
	__u32 segment;
	__u32 bank; /* of the network: a list of rules stands in both, and only the one that is not in use is changed */
};

struct rules {
	__u32 count;
	__u32 more; /* 1: the list goes on in segment + 1 */
	struct rule rule[RULES_PER_SEGMENT];
};

/* --- paths, hops, instances --- */
#define PATH_F_AMBIGUOUS 1 /* some pair of addresses is in `from` and `to` both ways: remember the opener */
#define PATH_F_REWRITES 2  /* some hop does (HOP_F_REWRITES) */
#define PATH_F_STRAIGHT 4  /* flows that all functions let pass go straight, for a while (agent/bpf/straight.h) */
#define PATH_F_TRANSLATED 8 /* its one function is a load balancer: so do its flows, translated by `listeners` on the pods' nodes */

/* bank: its hops stand at position + 16 * bank, so a new list is switched to at once; epoch: of its list of functions,
 * what was found out under another one does not count. The first 8 bytes are written and read at once. */
#define PATH_FIELDS                                                                                                    \
	__u32 vni;                                                                                                     \
	__u8 hops;                                                                                                     \
	__u8 bank;                                                                                                     \
	__u16 flags;                                                                                                   \
	__u32 epoch;

struct path {
	PATH_FIELDS
	struct bpf_spin_lock lock;
};

/* A program's own copy: while it works on a packet the path may become another one. */
struct path_view {
	PATH_FIELDS
	__u32 pad;
};

struct hop_key {
	__u16 path;
	__u16 slot; /* position (+ 16 * bank in `hops`) */
};

#define HOP_F_OPEN 1     /* onFailure: Open */
#define HOP_F_REWRITES 2 /* its function may change addresses or ports, so a tuple behind it tells nothing before it */

/* A pool is a function: all its instances, wherever they are. Its id is a hash of the function's name. An instance
 * may speak for the hops of its own pool only, and a flow may be pinned to no other. */
struct hop {
	__u64 pool;
	__u32 flags;
	__u32 count;    /* instances that take new flows; 0: onFailure applies to those */
	__u32 instance; /* the only one, when count is 1; else they are in the hop's table */
	__u32 pad;
};

/* Maglev (Eisenbud and others, NSDI 2016): a flow's hash picks a slot, a slot is an instance. Same key as the hop. */
struct table {
	__u16 slot[TABLE_SIZE];
};

#define INSTANCE_F_VTEP_V6 2
#define INSTANCE_F_DOWN 4 /* it does not forward, or nobody can reach it: no flow goes there */
#define INSTANCE_F_LEAVING 8 /* of this node, about to go: what opens a flow goes elsewhere, answers do not yet */

struct instance {
	__u64 pool;
	__u32 ifindex; /* host side of its chain0 when on this node, else 0 */
	__u32 flags;
	struct address vtep;
	struct bpf_spin_lock lock;
	__u32 right; /* of one with two interfaces on this node: where replies come in, host side; else 0 */
};

/* --- flows: state that must outlive a packet --- */

/* A path of n hops has n + 1 segments; a segment is named by the hop on its right, the last one by n. A flow's
 * tuple is what a packet shows on that segment: functions may rewrite it in between. */
/* Kinds of entries. Their numbers, and SEGMENT_NONE, are chosen so that every key has the bytes that release 0.1.0 gave
 * it: an upgrade takes the whole table over, and so does a rollback (agent/apply/programs.ts). */
#define FLOW_PIN 0    /* the instances on both sides of a segment */
#define FLOW_NOTE 4   /* a copy of the pin, on the node that somebody without the pin would send the flow to */
#define FLOW_OPENER 7 /* who opened the flow, on paths that are PATH_F_AMBIGUOUS; of SEGMENT_NONE */
#define SEGMENT_NONE 31

struct flow_key { /* normalised: `low` is the smaller of the two addresses (and ports) */
	__u16 path;
	__u8 segment : 5; /* 0 to MAX_HOPS, or SEGMENT_NONE */
	__u8 kind : 3;    /* FLOW_* */
	__u8 protocol;
	struct address low, high;
	__u16 low_port, high_port;
};

#define FLOW_F_OPENER_IS_LOW 1 /* with FLOW_F_OPENER_KNOWN: `low` opened the flow, else `high` */
#define FLOW_F_OPENER_KNOWN 2

struct flow {
	__u16 left, right; /* instances on the segment's two sides; 0: a pod, or not known */
	__u32 flags;
	/* Of the first and last segment, on a pod's node, in ticks of 2^20 ns (agent/bpf/learn.h): */
	__u32 straight_until; /* what our pod sends may go straight till then, */
	__u32 straight_epoch; /* while the path is as it was */
	__u32 confirmed_at;   /* when the sender's node was told that what its pod sends comes through; 0: never */
	__u32 pad;
};

/* An end: one of the two places where a flow leaves Heddle for a pod, of flows whose addresses a function changes. The
 * pod's node keeps it by the tuple that the pod sees. Behind the function that tuple is one that no classifier knows:
 * answers take the path from its last hop. An entry is never changed, only replaced as a whole: see `read_end`. */
struct end_key { /* normalised, as in flow_key */
	__u32 vni;
	__u16 low_port, high_port;
	struct address low, high;
	__u32 protocol;
};

#define END_F_POD_IS_LOW 1 /* the pod is `low`, else `high`; packets of the other one do not belong to this end */
#define END_F_ANSWERS 2    /* the pod answers: its own address is what the function changes, else the other one's */
#define END_F_ANSWERED 4   /* it has done so: the function knows the flow both ways */
#define END_F_WHOSE (END_F_POD_IS_LOW | END_F_ANSWERS)

struct end {
	__u32 path;
	__u8 flags;
	__u8 seen; /* packets in the midst of the flow that came out of the function to a pod that answers; counted to a few */
	/* Of paths that are PATH_F_TRANSLATED (agent/bpf/straight.h): what the pod sends may go straight, */
	__u16 port; /* with this port */
	struct address address; /* and address, */
	__u32 until; /* till then, in ticks of 2^20 ns; 0: never, */
	__u32 epoch; /* and while the path is as it was */
	__u32 told_at; /* when the client's node was told; 0: never */
};

/* What a load balancer turns a packet for `port` at its address into is known by what comes out behind it. */
struct listener_key {
	__u32 path;
	__u8 protocol;
	__u8 family; /* 4 or 6 */
	__u16 target_port;
};

struct listener {
	struct address address;
	__u16 port;
	__u16 pad;
};

struct fragment_key {
	__u32 scope; /* vni, and the segment: between two functions a packet may have other ports */
	struct address source, destination;
	__u32 id;
	__u32 protocol;
};

struct fragment {
	__u16 source_port;
	__u16 destination_port;
};

struct traffic {
	__u64 packets;
	__u64 bytes;
};

struct hop_drop_key {
	struct hop_key hop;
	__u32 reason;
};

/* --- health: what comes back of the probes that the agent sends --- */
#define PROBE_PAYLOAD 28 /* u32 round, u64 sent (CLOCK_MONOTONIC, ns), the VTEP of a heartbeat; little endian */

struct probe_key {
	__u32 instance;
	__u32 family; /* 4 or 6 */
};

struct probe {
	__u32 round; /* last one that was answered */
	__u32 pad;
	__u64 answered;
	__u64 nanoseconds; /* sum over all answers */
	__u64 last_nanoseconds;
};

/* What happened, besides drops. Names as with drop_reason. */
enum path_event {
	EVENT_FLOW_ADDED,   /* an entry of `flows` was made: those neither there nor forgotten since were evicted */
	EVENT_FLOW_MOVED,   /* a pin led to an instance that is gone or down, and was moved */
	EVENT_BOUNCED,      /* a frame for an instance that is down here was passed on */
	EVENT_NOTED,        /* a copy of a pin was left with another node */
	EVENT_TOO_BIG_SENT, /* an ICMP error told a sender the size that fits */
	EVENT_CONFIRMED,    /* a sender was told that its flow comes through all functions */
	EVENT_STRAIGHT,     /* a packet of such a flow went straight to its destination */
	EVENT_END_ADDED,    /* an entry of `ends` was made */
	EVENTS,
};

/* Why a packet was dropped. Names are what people see: the agent takes them from BTF, lower-cased. */
enum drop_reason {
	DROP_NONE,
	DROP_MALFORMED,
	DROP_VLAN,
	DROP_NOT_IP,
	DROP_UNKNOWN_PORT,
	DROP_SPOOFED_MAC,
	DROP_SPOOFED_SOURCE,
	DROP_MULTICAST,
	DROP_UNKNOWN_DESTINATION,
	DROP_NO_NEIGHBOUR,
	DROP_UNKNOWN_VTEP,
	DROP_UNKNOWN_NETWORK,
	DROP_UNKNOWN_PATH,
	DROP_WRONG_CONTEXT,
	DROP_HOP_DOWN,
	DROP_UNKNOWN_FRAGMENT,
	DROP_TOO_BIG,
	DROP_NO_CONTEXT,
	DROP_REDIRECT,
	DROP_CONTENDED,
	DROP_REASONS,
};

#define MAP(name_, type_, key_, value_, entries_, flags_)                                                              \
	struct {                                                                                                       \
		__uint(type, type_);                                                                                   \
		__type(key, key_);                                                                                     \
		__type(value, value_);                                                                                 \
		__uint(max_entries, entries_);                                                                         \
		__uint(map_flags, flags_);                                                                             \
	} name_ SEC(".maps")

/* Not preallocated: a node pays for what it holds, and 16 million networks cost nothing elsewhere. */
MAP(ports, BPF_MAP_TYPE_HASH, __u32, struct port, 16384, BPF_F_NO_PREALLOC);
MAP(networks, BPF_MAP_TYPE_HASH, __u32, struct network, 65536, BPF_F_NO_PREALLOC);
MAP(vteps, BPF_MAP_TYPE_HASH, struct address, __u32, 16384, BPF_F_NO_PREALLOC);
MAP(addresses, BPF_MAP_TYPE_HASH, struct address_key, struct host, 1048576, BPF_F_NO_PREALLOC);
MAP(prefixes, BPF_MAP_TYPE_LPM_TRIE, struct prefix_key, struct endpoint, 262144, BPF_F_NO_PREALLOC);
MAP(classifier, BPF_MAP_TYPE_HASH, struct rules_key, struct rules, 262144, BPF_F_NO_PREALLOC);
MAP(paths, BPF_MAP_TYPE_HASH, __u32, struct path, 65536, BPF_F_NO_PREALLOC);
MAP(hops, BPF_MAP_TYPE_HASH, struct hop_key, struct hop, 262144, BPF_F_NO_PREALLOC);
MAP(instances, BPF_MAP_TYPE_HASH, __u32, struct instance, 65536, BPF_F_NO_PREALLOC);
MAP(tables, BPF_MAP_TYPE_HASH, struct hop_key, struct table, 262144, BPF_F_NO_PREALLOC);
MAP(listeners, BPF_MAP_TYPE_HASH, struct listener_key, struct listener, 262144, BPF_F_NO_PREALLOC);
MAP(flows, BPF_MAP_TYPE_LRU_HASH, struct flow_key, struct flow, 65536, 0);
MAP(ends, BPF_MAP_TYPE_LRU_HASH, struct end_key, struct end, 65536, 0);
MAP(fragments, BPF_MAP_TYPE_LRU_HASH, struct fragment_key, struct fragment, 8192, 0);
MAP(drops, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct traffic, 64, 0);
MAP(port_rx, BPF_MAP_TYPE_PERCPU_HASH, __u32, struct traffic, 16384, BPF_F_NO_PREALLOC);
MAP(port_tx, BPF_MAP_TYPE_PERCPU_HASH, __u32, struct traffic, 16384, BPF_F_NO_PREALLOC);
/* By position, + 16 in the reply direction. The programs make these entries; the agent takes them away with the path. */
MAP(hop_traffic, BPF_MAP_TYPE_PERCPU_HASH, struct hop_key, struct traffic, 262144, BPF_F_NO_PREALLOC);
MAP(hop_drops, BPF_MAP_TYPE_PERCPU_HASH, struct hop_drop_key, struct traffic, 65536, BPF_F_NO_PREALLOC);
MAP(events, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, __u64, 16, 0);
MAP(probes, BPF_MAP_TYPE_HASH, struct probe_key, struct probe, 16384, BPF_F_NO_PREALLOC);
MAP(peers, BPF_MAP_TYPE_HASH, struct address, struct probe, 16384, BPF_F_NO_PREALLOC);

/* What the agent knows when it loads the programs: one entry, key 0. */
struct node_config {
	__u32 vxlan_ifindex;
	__u32 pad;
};
MAP(node, BPF_MAP_TYPE_ARRAY, __u32, struct node_config, 1, 0);

#endif
