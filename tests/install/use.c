/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <xennet/xennet.h>
int main(void) { return xennet_err_kind(XENNET_ERING_BACK) != XENNET_KIND_PEER; }
