/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* cputime DOMID...: the nanoseconds that Xen has accounted to each. */
#include <stdio.h>
#include <stdlib.h>
#include <xenctrl.h>

int main(int argc, char **argv)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	xc_domaininfo_t info;
	uint32_t domid;

	if (!xc) {
		perror("xenctrl");
		return 1;
	}
	for (int i = 1; i < argc; i++) {
		domid = (uint32_t)atoi(argv[i]);
		if (xc_domain_getinfolist(xc, domid, 1, &info) != 1 ||
		    info.domain != domid) {
			fprintf(stderr, "no domain %s\n", argv[i]);
			return 1;
		}
		printf("%llu%c", (unsigned long long)info.cpu_time,
		       i + 1 < argc ? ' ' : '\n');
	}
	return 0;
}
