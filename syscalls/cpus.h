/* SPDX-License-Identifier: MIT */
/* cpus.h: processors as the kernel counts them. Per-CPU maps hold a value for every possible
 * one, online or not, and that count can be larger than sysconf()'s. */
#ifndef VEERY_SYSCALLS_CPUS_H
#define VEERY_SYSCALLS_CPUS_H

#include <stdbool.h>
#include <stdint.h>

/* At least 1. */
uint32_t sys_cpus_possible(void);
bool sys_cpu_online(uint32_t cpu);
/* Reads lists such as "0-3,5,7-8": the largest number plus one, 0 when malformed. With
 * wanted >= 0, *found says whether that number is in it. */
uint32_t sys_cpu_list(const char *text, long wanted, bool *found);

#endif
