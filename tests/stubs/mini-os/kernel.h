/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The beginning. */
#ifndef STUB_MINI_OS_KERNEL_H
#define STUB_MINI_OS_KERNEL_H

#define MAX_CMDLINE_SIZE 1024
extern char cmdline[MAX_CMDLINE_SIZE];

/* The application's; called before there are threads. */
int app_main(void *start_info);

#endif
