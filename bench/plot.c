/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "plot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plot_picture.h"

static int complain(const struct bench_opts *o, const char *what,
		    const char *why)
{
	fprintf(stderr, "xennet-bench %s: no plot: %s%s%s\n", o->verb, what,
		why ? ": " : "", why ? why : "");
	return BENCH_FAILED;
}

/* gnuplot, which reads from fd and writes SVG to path. 0, or errno. */
static int start(pid_t *pid, const int fd[2], const char *path)
{
	/* without the user's own settings */
	char *const argv[] = { (char[]){ "gnuplot" },
			       (char[]){ "--default-settings" }, NULL };
	posix_spawn_file_actions_t actions;
	int err;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd[0], STDIN_FILENO);
	posix_spawn_file_actions_addclose(&actions, fd[1]);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, path,
					 O_WRONLY | O_CREAT | O_TRUNC, 0666);
	err = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

/* Whether gnuplot took it all and was content. */
static bool hand_over(const struct picture *p, int fd, pid_t pid)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	FILE *to = fdopen(fd, "w");
	bool good = to != NULL;
	int status;

	if (to) {
		picture_write(p, to);
		good = fclose(to) == 0;
	} else {
		close(fd);
	}
	signal(SIGPIPE, before);
	return waitpid(pid, &status, 0) == pid && good && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

static int draw(const struct picture *p, const struct bench_opts *o)
{
	int fd[2], err;
	pid_t pid;

	if (pipe(fd))
		return complain(o, "no pipe", strerror(errno));
	err = start(&pid, fd, o->plot);
	close(fd[0]);
	if (err) {
		close(fd[1]);
		if (err != ENOENT)
			return complain(o, "gnuplot", strerror(err));
		return complain(o,
				"there is no gnuplot here; on Debian it is in "
				"the package gnuplot-nox",
				NULL);
	}
	if (!hand_over(p, fd[1], pid))
		return complain(o, "gnuplot failed", NULL);
	return 0;
}

int plot_finish(const struct plot *plot, const struct bench_table *t,
		const struct bench_opts *o)
{
	static struct picture picture;
	int err;

	if (!o->plot)
		return 0;
	err = picture_make(&picture, plot, t) ? BENCH_FAILED : 0;
	if (!err)
		err = draw(&picture, o);
	if (err)
		unlink(o->plot); /* what there is of it is no picture */
	return err;
}
