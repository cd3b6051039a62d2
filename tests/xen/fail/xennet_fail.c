// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Makes the kernel's functions fail for the modules under test, and for nobody
 * else, on x86-64. To debugfs, xennet_fail/rule, is written
 *
 *	FUNCTION VALUE FIRST EVERY [CALLER]
 *
 * From then on the FIRST call of FUNCTION by these modules is not made and
 * returns VALUE, and so does each EVERY-th after it, if EVERY is not 0; FIRST 0:
 * none. CALLER: those calls alone that are in this function's code. Read, it
 * says "PLACES places, CALLS calls, FAILED failed". It holds for modules that
 * are loaded later, too: calls are looked for in a module's code, and each gets
 * a probe that jumps over it. A hypercall is inline: for that of xen_hypercall_pv
 * the probe is where its number is loaded.
 *
 * What is called through a pointer does not fail, nor what has become code of
 * the module's own.
 */
#include <linux/debugfs.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#define CALL 0xe8
#define JUMP 0xe9 /* the last call of a function */
#define LOAD_EAX 0xb8
#define INSTRUCTION 5 /* of each of these */

static const char *const names[] = { "xennet", "xennet_back", "xennet_front" };
static struct module *modules[ARRAY_SIZE(names)];

static struct rule {
	char function[64], caller[64];
	long value;
	unsigned int first, every;
} rule;

struct place {
	struct list_head list;
	struct kprobe probe;
	unsigned long next; /* 0: to the caller */
};

static LIST_HEAD(places);
static unsigned int nplaces;
static DEFINE_MUTEX(lock);
static atomic_t calls, failed;
static struct dentry *dir;

static bool is_due(unsigned int n)
{
	if (!rule.first || n < rule.first)
		return false;
	return n == rule.first ||
	       (rule.every && (n - rule.first) % rule.every == 0);
}

static int at_call(struct kprobe *probe, struct pt_regs *regs)
{
	struct place *place = container_of(probe, struct place, probe);

	if (!is_due(atomic_inc_return(&calls)))
		return 0;
	atomic_inc(&failed);
	regs->ax = rule.value;
	regs->ip = place->next;
	if (!place->next) {
		regs->ip = *(unsigned long *)regs->sp;
		regs->sp += sizeof(long);
	}
	return 1;
}

/* That there is one keeps the probe from being a jump, which could not change
 * where it goes on. */
static void after_call(struct kprobe *probe, struct pt_regs *regs,
		       unsigned long flags)
{
}

/* --- where the calls are */

static bool is_symbol(unsigned long addr, const char *name, bool start)
{
	char text[KSYM_SYMBOL_LEN];
	size_t n = strlen(name);

	sprint_symbol(text, addr);
	return !strncmp(text, name, n) &&
	       !strncmp(text + n, start ? "+0x0/" : "+0x", start ? 5 : 3);
}

/* Where the number of the hypercall at p is loaded: a call that the kernel
 * itself rewrites may not be probed. */
static u8 *number_of(u8 *p)
{
	u8 *at;

	for (at = p - INSTRUCTION; at > p - 24; at--)
		if (*at == LOAD_EAX && at[1] < 64 && !at[2] && !at[3])
			return at;
	return NULL;
}

static int probe_call(u8 *p)
{
	bool hypercall = !strncmp(rule.function, "xen_hypercall", 13);
	struct place *place = kzalloc(sizeof(*place), GFP_KERNEL);
	u8 *at = hypercall ? number_of(p) : p;
	int err = -ENOMEM;

	if (!place)
		return err;
	place->next = *p == CALL ? (unsigned long)p + INSTRUCTION : 0;
	place->probe.addr = (kprobe_opcode_t *)at;
	place->probe.pre_handler = at_call;
	place->probe.post_handler = after_call;
	err = at ? register_kprobe(&place->probe) : -ENOENT;
	if (err) {
		pr_err("xennet_fail: %pS: %d\n", p, err);
		kfree(place);
		return err;
	}
	list_add(&place->list, &places);
	nplaces++;
	return 0;
}

/* A byte that is none of these instructions leads to no function's start. */
static int probe_code(u8 *p, unsigned int size)
{
	unsigned long to, function = 0;
	const u8 *end = p + size;
	int err = 0;

	for (; !err && p + INSTRUCTION <= end; p++) {
		if (*p != CALL && *p != JUMP)
			continue;
		to = (unsigned long)p + INSTRUCTION + *(s32 *)(p + 1);
		if (function ? to != function
			     : !is_symbol(to, rule.function, true))
			continue;
		function = to;
		if (!rule.caller[0] ||
		    is_symbol((unsigned long)p, rule.caller, false))
			err = probe_call(p);
	}
	return err;
}

static int probe_module(struct module *mod)
{
	int err;

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
	err = probe_code(mod->core_layout.base, mod->core_layout.text_size);
	if (!err && mod->state == MODULE_STATE_COMING)
		err = probe_code(mod->init_layout.base,
				 mod->init_layout.text_size);
#else
	err = probe_code(mod->mem[MOD_TEXT].base, mod->mem[MOD_TEXT].size);
	if (!err && mod->state == MODULE_STATE_COMING)
		err = probe_code(mod->mem[MOD_INIT_TEXT].base,
				 mod->mem[MOD_INIT_TEXT].size);
#endif
	return err;
}

/* mod: of that alone. */
static void forget(const struct module *mod)
{
	struct place *place, *next;

	list_for_each_entry_safe(place, next, &places, list) {
		if (mod &&
		    !within_module((unsigned long)place->probe.addr, mod))
			continue;
		unregister_kprobe(&place->probe);
		list_del(&place->list);
		nplaces--;
		kfree(place);
	}
}

static int module_changed(struct notifier_block *nb, unsigned long state,
			  void *data)
{
	struct module *mod = data;
	int i = match_string(names, ARRAY_SIZE(names), mod->name);

	if (i < 0)
		return NOTIFY_DONE;
	mutex_lock(&lock);
	if (state == MODULE_STATE_COMING) {
		modules[i] = mod;
		if (rule.function[0])
			probe_module(mod);
	} else if (state == MODULE_STATE_GOING) {
		forget(mod);
		modules[i] = NULL;
	}
	mutex_unlock(&lock);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = module_changed };

/* --- the rule */

static int rule_show(struct seq_file *out, void *unused)
{
	mutex_lock(&lock);
	seq_printf(out, "%u places, %d calls, %d failed\n", nplaces,
		   atomic_read(&calls), atomic_read(&failed));
	mutex_unlock(&lock);
	return 0;
}

static int rule_open(struct inode *inode, struct file *file)
{
	return single_open(file, rule_show, NULL);
}

static int set_rule(const char *text)
{
	unsigned int i;
	int err = 0;

	forget(NULL);
	atomic_set(&calls, 0);
	atomic_set(&failed, 0);
	memset(&rule, 0, sizeof(rule));
	if (sscanf(text, "%63s %li %u %u %63s", rule.function, &rule.value,
		   &rule.first, &rule.every, rule.caller) < 4)
		return -EINVAL;
	for (i = 0; !err && i < ARRAY_SIZE(modules); i++)
		if (modules[i])
			err = probe_module(modules[i]);
	return err;
}

static ssize_t rule_write(struct file *file, const char __user *from, size_t n,
			  loff_t *at)
{
	char text[160] = "";
	int err;

	if (n >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, n))
		return -EFAULT;
	mutex_lock(&lock);
	err = set_rule(text);
	mutex_unlock(&lock);
	return err ? err : n;
}

static const struct file_operations rule_ops = {
	.owner = THIS_MODULE,
	.open = rule_open,
	.read = seq_read,
	.write = rule_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init begin(void)
{
	int err = register_module_notifier(&notifier);

	if (err)
		return err;
	dir = debugfs_create_dir("xennet_fail", NULL);
	debugfs_create_file("rule", 0600, dir, NULL, &rule_ops);
	return 0;
}

static void __exit end(void)
{
	debugfs_remove(dir);
	unregister_module_notifier(&notifier);
	forget(NULL);
}

module_init(begin);
module_exit(end);
MODULE_DESCRIPTION("Makes calls of xennet's modules fail");
MODULE_LICENSE("Dual MIT/GPL");
