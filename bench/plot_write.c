/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A picture in gnuplot's language: panels in a grid, a legend below them. */
#include <string.h>

#include "plot_picture.h"

/* Of one panel, and around them all, in pixels. */
#define WIDTH 440.0
#define HEIGHT 350.0
#define TOP 44.0
#define BOTTOM 30.0 /* the note */
#define LEGEND_ROW 24.0

/* Within a panel. */
#define PANEL_LEFT 92.0
#define PANEL_RIGHT 14.0
#define PANEL_TOP 34.0
#define PANEL_BOTTOM 62.0

/* Okabe and Ito's, which the colour-blind can tell apart, and some more. */
static const char *const colours[PICTURE_SERIES] = {
	"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9",
	"#f0e442", "#444444", "#88ccee", "#882255", "#117733", "#ddcc77",
	"#aa4499", "#332288", "#999933", "#999999",
};

/* gnuplot's number of a line style; those of the series begin at 1. */
#define MARK_STYLE 100u

/* What a letter takes: on a line, and of the height of a slanting one. */
#define LETTER 6.8
#define SLANT 4.4

static size_t longest(const struct picture_panel *panel)
{
	size_t most = 0;
	unsigned x;

	for (x = 0; x < panel->category.n; x++)
		if (strlen(panel->category.name[x]) > most)
			most = strlen(panel->category.name[x]);
	return most;
}

/* Whether the categories' names are too long to stand side by side. */
static bool slanting(const struct picture_panel *panel)
{
	return (double)longest(panel) * LETTER * panel->category.n >
	       WIDTH - PANEL_LEFT - PANEL_RIGHT;
}

/* What slanting names need below the panels. */
static double slope(const struct picture *p)
{
	double most = 0;
	unsigned i;

	for (i = 0; i < p->npanels; i++)
		if (slanting(&p->panel[i]))
			most = fmax(most,
				    (double)longest(&p->panel[i]) * SLANT);
	return most;
}

static double panel_height(const struct picture *p)
{
	return HEIGHT + slope(p);
}

static double width(const struct picture *p)
{
	return p->columns * WIDTH;
}

/* A string of gnuplot's: only the quote means something in it. */
static void quote(FILE *to, const char *text)
{
	putc('\'', to);
	for (; *text; text++) {
		if (*text == '\'')
			putc('\'', to);
		putc(*text == '\n' ? ' ' : *text, to);
	}
	putc('\'', to);
}

static void say(FILE *to, const char *command, const char *text)
{
	fprintf(to, "%s ", command);
	quote(to, text ? text : "");
	putc('\n', to);
}

/* As many digits as one reads at a glance. */
static void put_value(FILE *to, double y, int decimals)
{
	if (!decimals)
		decimals = y >= 100 ? 0 : y >= 10 ? 1 : y >= 0.1 ? 2 : 3;
	fprintf(to, "\"%.*f\"", decimals, y);
}

static bool present(const struct picture_panel *panel, unsigned series)
{
	unsigned x;

	for (x = 0; x < panel->category.n; x++)
		if (!isnan(panel->y[series][x]))
			return true;
	return false;
}

/* Bars stand side by side in their category, lines go through its middle. */
static double place(const struct picture_panel *panel, unsigned series,
		    double *wide)
{
	unsigned before = 0, all = 0, s;

	for (s = 0; s < PICTURE_SERIES; s++) {
		all += present(panel, s);
		before += s < series && present(panel, s);
	}
	*wide = 0.84 / all;
	if (panel->is->form == PLOT_AS_LINES)
		return 0;
	return (before + 0.5) * *wide - 0.42;
}

/* Its values: x, y, from, to, and y as text. */
static void write_data(const struct picture_panel *panel, unsigned series,
		       FILE *to)
{
	double wide, at = place(panel, series, &wide);
	unsigned x;

	fprintf(to, "$s%u << END\n", series);
	for (x = 0; x < panel->category.n; x++) {
		double y = panel->y[series][x], e = panel->error[series][x];

		if (isnan(y))
			continue;
		e = isnan(e) ? 0 : e;
		fprintf(to, "%g %g %g %g ", x + at, y,
			y - e > panel->from ? y - e : panel->from, y + e);
		put_value(to, y, panel->is->decimals);
		putc('\n', to);
	}
	fprintf(to, "END\n");
}

static void write_series(const struct picture_panel *panel, unsigned series,
			 FILE *to)
{
	double wide;

	if (panel->is->form == PLOT_AS_LINES) {
		fprintf(to,
			"$s%u using 1:2:3:4 with yerrorlines ls %u notitle, ",
			series, series + 1);
		return;
	}
	place(panel, series, &wide);
	fprintf(to,
		"$s%u using 1:2:(%g) with boxes ls %u notitle, "
		"$s%u using 1:3:(0):($4-$3) with vectors as 1 notitle, "
		"$s%u using 1:4:5 with labels boxed offset 0,0.6 font ',9' "
		"notitle, ",
		series, wide * 0.92, series + 1, series, series);
}

/* A line over the panel, or over the category it is about. */
static void write_mark(const struct picture *p,
		       const struct picture_panel *panel,
		       const struct plot_mark *m, FILE *to)
{
	double from = -0.5, end = panel->category.n - 0.5;
	unsigned x, number = 0;

	for (x = 0; m->at && x < panel->category.n; x++) {
		if (strcmp(panel->category.name[x], m->at) == 0) {
			from = x - 0.5;
			end = x + 0.5;
		}
	}
	while (strcmp(p->marks.name[number], m->name) != 0)
		number++;
	fprintf(to,
		"'+' using (%g):(%g):(%g):(0) every ::0::0 with vectors "
		"nohead ls %u notitle, ",
		from, m->y, end - from, MARK_STYLE + number);
}

static void write_axes(const struct picture_panel *panel, FILE *to)
{
	unsigned x;

	say(to, "set title", panel->title);
	say(to, "set xlabel", panel->is->x_label);
	say(to, "set ylabel", panel->is->y_label);
	fprintf(to, "set xtics %s (",
		slanting(panel) ? "rotate by 40 right"
				: "norotate autojustify");
	for (x = 0; x < panel->category.n; x++) {
		quote(to, panel->category.name[x]);
		fprintf(to, " %u%s", x, x + 1 < panel->category.n ? "," : "");
	}
	fprintf(to, ")\nset xrange [-0.5:%g]\n", panel->category.n - 0.5);
	fprintf(to, "%sset logscale y\n", panel->is->log ? "" : "un");
	fprintf(to, "set yrange [%g:%g]\n", panel->from, panel->to);
	fprintf(to, "set format y '%%g'\n");
}

/* Where the panel is: a fraction of the picture each. */
static void write_place(const struct picture *p, unsigned number, double height,
			FILE *to)
{
	double left = number % p->columns * WIDTH;
	double top = TOP + number / p->columns * panel_height(p);

	fprintf(to,
		"set lmargin at screen %g\nset rmargin at screen %g\n"
		"set tmargin at screen %g\nset bmargin at screen %g\n",
		(left + PANEL_LEFT) / width(p),
		(left + WIDTH - PANEL_RIGHT) / width(p),
		1 - (top + PANEL_TOP) / height,
		1 - (top + HEIGHT - PANEL_BOTTOM) / height);
}

static void write_panel(const struct picture *p, unsigned number, double height,
			FILE *to)
{
	const struct picture_panel *panel = &p->panel[number];
	unsigned s, i;

	write_place(p, number, height, to);
	write_axes(panel, to);
	for (s = 0; s < p->series.n; s++)
		if (present(panel, s))
			write_data(panel, s, to);
	fprintf(to, "plot ");
	for (i = 0; i < PLOT_MARKS; i++)
		if (picture_marked(panel, &panel->is->mark[i]))
			write_mark(p, panel, &panel->is->mark[i], to);
	for (s = 0; s < p->series.n; s++)
		if (present(panel, s))
			write_series(panel, s, to);
	fprintf(to, "NaN notitle\n");
}

/* How a name is drawn where it is drawn first. */
static enum plot_form form(const struct picture *p, unsigned series)
{
	unsigned i;

	for (i = 0; i < p->npanels; i++)
		if (present(&p->panel[i], series))
			break;
	return p->panel[i].is->form;
}

static void write_legend(const struct picture *p, unsigned rows, double height,
			 FILE *to)
{
	unsigned i;

	fprintf(to,
		"unset title\nunset xlabel\nunset ylabel\nunset xtics\n"
		"unset ytics\nunset grid\nunset logscale y\nset border 0\n"
		"set lmargin at screen 0\nset rmargin at screen 1\n"
		"set bmargin at screen %g\nset tmargin at screen %g\n"
		"set key center center horizontal Left reverse samplen 2 "
		"maxcols %u\nplot [0:1][0:1] NaN notitle",
		BOTTOM / height, (BOTTOM + rows * LEGEND_ROW) / height,
		p->columns);
	for (i = 0; i < p->series.n; i++) {
		fprintf(to, ", keyentry with %s ls %u title ",
			form(p, i) == PLOT_AS_BARS ? "boxes" : "linespoints",
			i + 1);
		quote(to, p->series.name[i]);
	}
	for (i = 0; i < p->marks.n; i++) {
		fprintf(to, ", keyentry with lines ls %u title ",
			MARK_STYLE + i);
		quote(to, p->marks.name[i]);
	}
	putc('\n', to);
}

static void write_styles(const struct picture *p, FILE *to)
{
	unsigned i;

	for (i = 0; i < p->series.n; i++)
		fprintf(to,
			"set style line %u lc rgb '%s' lw 1.8 pt %u ps 0.6\n",
			i + 1, colours[i], 4 + i % 8);
	for (i = 0; i < p->marks.n; i++)
		fprintf(to, "set style line %u lc rgb '#b00000' lw 1.6 dt %u\n",
			MARK_STYLE + i, 2 + i);
	fprintf(to,
		"set style arrow 1 heads size screen %g,90 lc rgb '#303030'\n"
		"set style fill solid 0.85 noborder\n"
		"set bars small\n"
		"set border 3\nset tics nomirror out scale 0.5\n"
		"set grid ytics lc rgb '#e0e0e0' lw 0.7\n"
		"set samples 2\nunset key\nset style textbox opaque "
		"noborder\nset xlabel offset 0,0.4\n",
		3 / width(p));
}

void picture_write(const struct picture *p, FILE *to)
{
	unsigned rows, i;
	double height;

	rows = (p->series.n + p->marks.n - 1) / p->columns + 1;
	height = TOP + p->rows * panel_height(p) + rows * LEGEND_ROW + BOTTOM;
	fprintf(to,
		"set terminal svg size %g,%g background 'white' "
		"font 'sans-serif,12' noenhanced\nset multiplot\n",
		width(p), height);
	write_styles(p, to);
	fprintf(to, "set label 1 ");
	quote(to, p->title);
	fprintf(to,
		" at screen 0.5,screen %g center font ',15'\n"
		"set label 2 'Medians of interleaved repetitions%s' "
		"at screen 0.5,screen %g center font ',10' "
		"textcolor rgb '#606060'\n",
		1 - TOP / 2 / height,
		p->error ? "; an error bar is as long as the middle half of "
			   "them"
			 : "",
		BOTTOM / 2 / height);
	for (i = 0; i < p->npanels; i++) {
		write_panel(p, i, height, to);
		fprintf(to, "unset label\n");
	}
	write_legend(p, rows, height, to);
}
