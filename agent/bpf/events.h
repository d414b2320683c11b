/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Counts events.
 */
#ifndef HEDDLE_EVENTS_H
#define HEDDLE_EVENTS_H

#include "maps.h"

/* Counts an event. It is a subprogram because it is the cold path, and so that BTF has the enum: the agent takes the names
 * of its counters from there. */
static __noinline void count_event(enum path_event event)
{
	__u32 key = event;
	__u64 *count = bpf_map_lookup_elem(&events, &key);

	if (count)
		(*count)++;
}

#endif
