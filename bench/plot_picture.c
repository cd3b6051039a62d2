/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "plot_picture.h"

#include <string.h>

/* A panel in the making. */
struct panel {
	struct picture *picture;
	struct picture_panel *to;
	const struct plot_panel *is;
	const struct bench_table *table;
	char by[PLOT_BY][PICTURE_TEXT];
};

static int complain(const char *what, const char *name)
{
	fprintf(stderr, "xennet-bench: this plot cannot be: %s '%s'\n", what,
		name);
	return -1;
}

/* The number of the name, which is added if it is new; -1: no room. */
static int number_of(struct picture_names *names, unsigned room,
		     const char *name)
{
	unsigned i;

	for (i = 0; i < names->n; i++)
		if (strcmp(names->name[i], name) == 0)
			return (int)i;
	if (names->n == room)
		return complain("too many for one picture, with", name);
	snprintf(names->name[names->n], PICTURE_TEXT, "%s", name);
	return (int)names->n++;
}

static bool shows(const struct bench_table *t, unsigned row, const char *column,
		  const char *value)
{
	char text[PICTURE_TEXT];

	bench_table_show(t, row, bench_table_column(t, column), text,
			 sizeof(text));
	return strcmp(text, value) == 0;
}

static bool wanted(const struct panel *p, unsigned row)
{
	unsigned i;

	for (i = 0; i < PLOT_WHERE && p->is->where[i].column; i++)
		if (!shows(p->table, row, p->is->where[i].column,
			   p->is->where[i].value))
			return false;
	for (i = 0; i < PLOT_BY && p->is->by[i]; i++)
		if (!shows(p->table, row, p->is->by[i], p->by[i]))
			return false;
	return true;
}

static int add_point(struct panel *p, unsigned row, int x,
		     const struct plot_line *l, const char *name)
{
	double y = bench_table_value(p->table, row,
				     bench_table_column(p->table, l->value));
	int s = number_of(&p->picture->series, PICTURE_SERIES, name);
	double spread = NAN;

	if (s < 0)
		return -1;
	if (!isnan(p->to->y[s][x]))
		return complain("two rows for one point of", name);
	if (l->spread)
		spread = bench_table_value(
			p->table, row, bench_table_column(p->table, l->spread));
	if (p->is->log && y <= 0)
		y = NAN;
	p->to->y[s][x] = y;
	p->to->error[s][x] = y * spread / 200;
	p->picture->error |= !isnan(p->to->error[s][x]);
	return 0;
}

static int add_row(struct panel *p, unsigned row)
{
	char name[PICTURE_TEXT];
	int x, err = 0;
	unsigned i;

	bench_table_show(p->table, row, bench_table_column(p->table, p->is->x),
			 name, sizeof(name));
	x = number_of(&p->to->category, PICTURE_CATEGORIES, name);
	if (x < 0)
		return -1;
	if (p->is->series)
		bench_table_show(p->table, row,
				 bench_table_column(p->table, p->is->series),
				 name, sizeof(name));
	for (i = 0; i < PLOT_LINES && p->is->line[i].value && !err; i++)
		err = add_point(p, row, x, &p->is->line[i],
				p->is->line[i].name ? p->is->line[i].name
						    : name);
	return err;
}

/* The title, with the values of `by` where it has {}. */
static void entitle(struct panel *p)
{
	const char *from = p->is->title ? p->is->title : "", *next;
	char *to = p->to->title;
	size_t room = sizeof(p->to->title);
	unsigned i;

	for (i = 0; i < PLOT_BY && (next = strstr(from, "{}")); i++) {
		int n = snprintf(to, room, "%.*s%s", (int)(next - from), from,
				 p->by[i]);

		if ((size_t)n >= room)
			return;
		to += n;
		room -= (size_t)n;
		from = next + 2;
	}
	snprintf(to, room, "%s", from);
}

static int add_panel(struct panel *p)
{
	struct picture *picture = p->picture;
	unsigned row, s, x;
	int err = 0;

	if (picture->npanels == PICTURE_PANELS)
		return complain("too many panels at", p->is->title);
	p->to = &picture->panel[picture->npanels];
	p->to->is = p->is;
	p->to->category.n = 0;
	for (s = 0; s < PICTURE_SERIES; s++)
		for (x = 0; x < PICTURE_CATEGORIES; x++)
			p->to->y[s][x] = p->to->error[s][x] = (double)NAN;
	for (row = 0; row < bench_table_rows(p->table) && !err; row++)
		if (wanted(p, row))
			err = add_row(p, row);
	entitle(p);
	picture->npanels += p->to->category.n > 0;
	return err;
}

/* One for every value of is->by[which], and of those after it. */
static int add_panels(struct panel *p, unsigned which)
{
	struct picture_names values = { .n = 0 };
	unsigned i;
	int err = 0;

	if (which == PLOT_BY || !p->is->by[which])
		return add_panel(p);
	for (i = 0; i < bench_table_rows(p->table) && !err; i++) {
		char text[PICTURE_TEXT];

		bench_table_show(p->table, i,
				 bench_table_column(p->table, p->is->by[which]),
				 text, sizeof(text));
		err = number_of(&values, PICTURE_CATEGORIES, text) < 0;
	}
	for (i = 0; i < values.n && !err; i++) {
		strcpy(p->by[which], values.name[i]);
		err = add_panels(p, which + 1);
	}
	return err;
}

static int check(const struct plot_panel *is, const struct bench_table *t)
{
	const char *name[3 + PLOT_BY + PLOT_WHERE + 2 * PLOT_LINES] = {
		is->x, is->series
	};
	unsigned n = 2, i;

	for (i = 0; i < PLOT_BY; i++)
		name[n++] = is->by[i];
	for (i = 0; i < PLOT_WHERE; i++)
		name[n++] = is->where[i].column;
	for (i = 0; i < PLOT_LINES; i++) {
		name[n++] = is->line[i].value;
		name[n++] = is->line[i].spread;
	}
	for (i = 0; i < n; i++)
		if (name[i] && bench_table_column(t, name[i]) < 0)
			return complain("there is no column", name[i]);
	return 0;
}

/* Widens the range of the y axis to what is to be seen. */
static void include(double y, double *from, double *to)
{
	if (isnan(y))
		return;
	*from = isnan(*from) || y < *from ? y : *from;
	*to = isnan(*to) || y > *to ? y : *to;
}

bool picture_marked(const struct picture_panel *panel,
		    const struct plot_mark *mark)
{
	return mark->name && !isnan(mark->y) &&
	       (!mark->in || strcmp(mark->in, panel->title) == 0);
}

static int name_marks(struct picture *p)
{
	unsigned i, k;

	for (i = 0; i < p->npanels; i++) {
		const struct picture_panel *panel = &p->panel[i];

		for (k = 0; k < PLOT_MARKS; k++)
			if (picture_marked(panel, &panel->is->mark[k]) &&
			    number_of(&p->marks, PICTURE_CATEGORIES,
				      panel->is->mark[k].name) < 0)
				return -1;
	}
	return 0;
}

/* The panels that come of one description have the same axis. */
static void scale(struct picture_panel *panel, unsigned n)
{
	const struct plot_panel *is = panel->is;
	double from = (double)NAN, to = (double)NAN;
	unsigned i, s, x;

	for (i = 0; i < PLOT_MARKS && is->mark[i].name; i++)
		include(is->mark[i].y, &from, &to);
	for (i = 0; i < n; i++) {
		for (s = 0; s < PICTURE_SERIES; s++) {
			for (x = 0; x < panel[i].category.n; x++) {
				double y = panel[i].y[s][x];
				double e = panel[i].error[s][x];

				include(y, &from, &to);
				include(y + e, &from, &to);
				if (!is->log || y > 2 * e)
					include(y - e, &from, &to);
			}
		}
	}
	for (i = 0; i < n; i++) {
		panel[i].from = is->log ? from / 2 : 0;
		panel[i].to = is->log ? to * 3 : to * 1.15;
		if (is->from < is->to) {
			panel[i].from = is->from;
			panel[i].to = is->to;
		}
	}
}

int picture_make(struct picture *p, const struct plot *plot,
		 const struct bench_table *t)
{
	unsigned i, first;
	int err;

	memset(p, 0, sizeof(*p));
	p->title = plot->title;
	for (i = 0; i < PLOT_PANELS && plot->panel[i].x; i++) {
		const struct plot_panel *is = &plot->panel[i];
		struct panel panel = { .picture = p, .is = is };

		panel.table = is->table ? is->table : t;
		first = p->npanels;
		err = check(is, panel.table);
		err = err ? err : add_panels(&panel, 0);
		if (err)
			return err;
		scale(&p->panel[first], p->npanels - first);
	}
	if (p->npanels == 0)
		return complain("there are no rows for", plot->title);
	p->columns = plot->columns ? plot->columns : 3;
	if (p->columns > p->npanels)
		p->columns = p->npanels;
	p->rows = (p->npanels + p->columns - 1) / p->columns;
	return name_marks(p);
}
