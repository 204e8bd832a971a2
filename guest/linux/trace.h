/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Tracepoints: /sys/kernel/tracing/events/holdfast. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM holdfast

#if !defined(HOLDFAST_LINUX_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define HOLDFAST_LINUX_TRACE_H

#include <linux/tracepoint.h>

#include "holdfast/abi.h"

/* clang-format off */

TRACE_EVENT(holdfast_reserve,
	TP_PROTO(u64 window, u64 base, u64 pages, u32 tag, u32 flags, u32 max_extents),
	TP_ARGS(window, base, pages, tag, flags, max_extents),
	TP_STRUCT__entry(
		__field(u64, window)
		__field(u64, base)
		__field(u64, pages)
		__field(u32, tag)
		__field(u32, flags)
		__field(u32, max_extents)
	),
	TP_fast_assign(
		__entry->window = window;
		__entry->base = base;
		__entry->pages = pages;
		__entry->tag = tag;
		__entry->flags = flags;
		__entry->max_extents = max_extents;
	),
	TP_printk("window=0x%llx base=0x%llx pages=%llu tag=0x%08x flags=0x%x max_extents=%u",
		  __entry->window, __entry->base, __entry->pages, __entry->tag,
		  __entry->flags, __entry->max_extents)
);

TRACE_EVENT(holdfast_release,
	TP_PROTO(u64 window),
	TP_ARGS(window),
	TP_STRUCT__entry(
		__field(u64, window)
	),
	TP_fast_assign(
		__entry->window = window;
	),
	TP_printk("window=0x%llx", __entry->window)
);

/* A remap is an unmap and a map. */
TRACE_EVENT(holdfast_map,
	TP_PROTO(const struct hf_map *map),
	TP_ARGS(map),
	TP_STRUCT__entry(
		__field(u64, window)
		__field(u64, page_offset)
		__field(u64, pages)
		__field(u32, extents)
		__field(u32, flags)
	),
	TP_fast_assign(
		__entry->window = map->window;
		__entry->page_offset = map->page_offset;
		__entry->pages = map->pages;
		__entry->extents = map->extents;
		__entry->flags = map->flags;
	),
	TP_printk("window=0x%llx page_offset=%llu pages=%llu extents=%u flags=0x%x",
		  __entry->window, __entry->page_offset, __entry->pages,
		  __entry->extents, __entry->flags)
);

TRACE_EVENT(holdfast_unmap,
	TP_PROTO(u64 window, u64 page_offset, u64 pages),
	TP_ARGS(window, page_offset, pages),
	TP_STRUCT__entry(
		__field(u64, window)
		__field(u64, page_offset)
		__field(u64, pages)
	),
	TP_fast_assign(
		__entry->window = window;
		__entry->page_offset = page_offset;
		__entry->pages = pages;
	),
	TP_printk("window=0x%llx page_offset=%llu pages=%llu",
		  __entry->window, __entry->page_offset, __entry->pages)
);

/* A status of holdfast(7); -1: something below Holdfast answered. */
TRACE_EVENT(holdfast_refused,
	TP_PROTO(int call, int status),
	TP_ARGS(call, status),
	TP_STRUCT__entry(
		__field(int, call)
		__field(int, status)
	),
	TP_fast_assign(
		__entry->call = call;
		__entry->status = status;
	),
	TP_printk("call=%d status=0x%x", __entry->call, __entry->status)
);

/* clang-format on */

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
