/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "bench.h"

#define TEXT 128u /* that a cell holds */

struct cell {
	char text[TEXT]; /* empty: a number */
	double number;
};

struct bench_table {
	const struct bench_column *columns;
	unsigned ncolumns;
	struct cell *cell;
	size_t ncells, room;
};

static void *check(void *p)
{
	if (!p) {
		fprintf(stderr, "xennet-bench: no memory\n");
		exit(BENCH_FAILED);
	}
	return p;
}

struct bench_table *bench_table_new(const struct bench_column *columns,
				    unsigned ncolumns)
{
	struct bench_table *t = check(calloc(1, sizeof(*t)));

	t->columns = columns;
	t->ncolumns = ncolumns;
	return t;
}

void bench_table_free(struct bench_table *t)
{
	free(t->cell);
	free(t);
}

static struct cell *next_cell(struct bench_table *t)
{
	if (t->ncells == t->room) {
		t->room = 2 * t->room + t->ncolumns;
		t->cell = check(realloc(t->cell, t->room * sizeof(*t->cell)));
	}
	return memset(&t->cell[t->ncells++], 0, sizeof(*t->cell));
}

void bench_table_text(struct bench_table *t, const char *text)
{
	struct cell *c = next_cell(t);

	snprintf(c->text, sizeof(c->text), "%s", text);
}

void bench_table_number(struct bench_table *t, double number)
{
	next_cell(t)->number = number;
}

static void format(const struct bench_column *column, const struct cell *c,
		   char *out, size_t room)
{
	if (c->text[0])
		snprintf(out, room, "%s", c->text);
	else if (!isfinite(c->number))
		snprintf(out, room, "-");
	else
		snprintf(out, room, "%.*f", column->decimals, c->number);
}

static int width(const struct bench_table *t, unsigned column)
{
	size_t widest = strlen(t->columns[column].head), i;
	char text[TEXT];

	for (i = column; i < t->ncells; i += t->ncolumns) {
		format(&t->columns[column], &t->cell[i], text, sizeof(text));
		if (strlen(text) > widest)
			widest = strlen(text);
	}
	return (int)widest;
}

static void print(const struct bench_table *t)
{
	char text[TEXT];
	size_t i;
	unsigned c;

	for (c = 0; c < t->ncolumns; c++)
		if (t->columns[c].head)
			printf("%*s  ", width(t, c), t->columns[c].head);
	printf("\n");
	for (i = 0; i < t->ncells; i++) {
		c = (unsigned)(i % t->ncolumns);
		if (t->columns[c].head) {
			format(&t->columns[c], &t->cell[i], text, sizeof(text));
			printf("%*s  ", width(t, c), text);
		}
		if (c + 1 == t->ncolumns)
			printf("\n");
	}
}

static json_object *to_json(const struct bench_column *column,
			    const struct cell *c)
{
	char text[TEXT];

	if (c->text[0])
		return json_object_new_string(c->text);
	if (!isfinite(c->number))
		return NULL;
	snprintf(text, sizeof(text), "%.*f",
		 column->decimals ? column->decimals + 3 : 0, c->number);
	return json_object_new_double_s(c->number, text);
}

static int write_json(const struct bench_table *t, const char *path)
{
	json_object *rows = check(json_object_new_array()), *row = NULL;
	size_t i;
	int err;

	for (i = 0; i < t->ncells; i++) {
		unsigned c = (unsigned)(i % t->ncolumns);

		if (c == 0) {
			row = check(json_object_new_object());
			json_object_array_add(rows, row);
		}
		json_object_object_add(row, t->columns[c].name,
				       to_json(&t->columns[c], &t->cell[i]));
	}
	err = json_object_to_file_ext(path, rows, JSON_C_TO_STRING_PRETTY);
	json_object_put(rows);
	return err;
}

unsigned bench_table_rows(const struct bench_table *t)
{
	return (unsigned)(t->ncells / t->ncolumns);
}

int bench_table_column(const struct bench_table *t, const char *name)
{
	unsigned c;

	for (c = 0; c < t->ncolumns; c++)
		if (strcmp(t->columns[c].name, name) == 0)
			return (int)c;
	return -1;
}

static const struct cell *cell(const struct bench_table *t, unsigned row,
			       int column)
{
	return &t->cell[(size_t)row * t->ncolumns + (unsigned)column];
}

double bench_table_value(const struct bench_table *t, unsigned row, int column)
{
	const struct cell *c = cell(t, row, column);

	return c->text[0] ? (double)NAN : c->number;
}

void bench_table_show(const struct bench_table *t, unsigned row, int column,
		      char *text, size_t room)
{
	format(&t->columns[column], cell(t, row, column), text, room);
}

int bench_table_finish(const struct bench_table *t, const struct bench_opts *o)
{
	print(t);
	fflush(stdout);
	if (o->json && write_json(t, o->json)) {
		fprintf(stderr, "xennet-bench %s: cannot write '%s'\n", o->verb,
			o->json);
		return BENCH_FAILED;
	}
	return 0;
}
