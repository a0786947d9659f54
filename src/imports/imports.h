/*
 * imports/imports.h
 *	  What the files of the room imports share: targets, rows, names.
 *
 * A row comes as text into a writable view and is kept with the others of its statement.  A batch of
 * them is then taken in one go:
 *
 *	  read		each cell by the kernel; a row with a bad cell is a reject (imports_cells.c)
 *	  resolve	names to keys, all names of a kind by one query (imports_names.c), and whatever else
 *				the target has to know; a row that does not hold up is a reject
 *	  thin out	of the rows for one key the last one stays
 *	  write		one upsert, in the order of the keys
 *
 * Resolving and writing run in a subtransaction.  When it fails, by a constraint that could not be
 * foreseen, the batch is halved and each half tried alone, until the rows at fault stand alone: they
 * are rejects too.
 */
#ifndef REGTARGET_IMPORTS_IMPORTS_H
#define REGTARGET_IMPORTS_IMPORTS_H

#include "regtarget.h"

#define RGT_IMPORT_COLUMNS 11

/* A column in a set of columns. */
#define RGT_COLUMN(c) (UINT32_C(1) << (c))

/* How a cell is read. */
typedef enum RgtCell
{
	RGT_CELL_TEXT,
	RGT_CELL_DAY,
	RGT_CELL_BOOLEAN,
	RGT_CELL_AMOUNT,			/* numeric, below 10^15 */
	RGT_CELL_NUMBER				/* float8 */
} RgtCell;

typedef struct RgtImportColumn
{
	const char *name;
	RgtCell		cell;
	bool		required;
} RgtImportColumn;

/* Kinds of names; also the kinds of aliases. */
typedef enum RgtNameKind
{
	RGT_NAME_UNIT,
	RGT_NAME_EMPLOYEE,
	RGT_NAME_CUSTOMER,
	RGT_NAME_REASON,
	RGT_NAME_KINDS
} RgtNameKind;

/* A name as a source uses it, and what it stands for. */
typedef struct RgtName
{
	char	   *source;			/* as long as source_length says */
	int			source_length;
	char	   *name;
	int			name_length;
	int64		id;				/* 0: not known */
	Datum		means;			/* of a reason: the text */
	const char *why;			/* when not known, in words */
} RgtName;

typedef struct RgtImportRow
{
	int64		line;			/* data row of the statement, from 1 */
	int64		reject_id;		/* of a row that is tried again */
	Datum		raw[RGT_IMPORT_COLUMNS];	/* texts as they came; 0: null */
	Datum		value[RGT_IMPORT_COLUMNS];	/* as read */
	bool		isnull[RGT_IMPORT_COLUMNS];
	uint32		unsaid;			/* of a service's row: columns of which it says nothing, */
	uint32		missing;		/* those of them that no row before it in the batch says either, */
	uint32		odd;			/* and those whose text is JSON of a kind that no such cell is */
	bool		known;			/* of a service's row: is it on record? */
	bool		first_day;		/* of a person on record: by this row his first day becomes known */
	int64		on_record[RGT_NAME_REASON];	/* keys there of the unit, employee and customer that stay; 0: none do */
	RgtName    *name[RGT_NAME_KINDS];
	int32		unit_id;
	int32		employee_id;
	int64		customer_id;
	int64		other;			/* the target's own; of targets that are whole, what comes first when halved */
	const char *reason;			/* why it is a reject; NULL: it is none so far */
} RgtImportRow;

struct RgtImport;

/* How what is on record of the rows of a target is read: see said.c. */
typedef struct RgtRecord
{
	RgtQuery   *query;			/* of the keys' texts in $1, $2: number, keys of unit, employee and customer, values */
	int			unit;			/* the columns that name those three; -1: none does */
	int			employee;
	int			customer;
	int			nvalues;
	int			value[RGT_IMPORT_COLUMNS];	/* the columns that the values are of */
	void		(*note) (RgtImportRow *row, const Datum *values, const bool *isnull);	/* may be NULL, as may */
	void		(*settle) (struct RgtImport *import, RgtImportRow *row);	/* what makes one of the two */
} RgtRecord;

/* One of the views. */
typedef struct RgtTarget
{
	const char *view;
	int			ncolumns;
	RgtImportColumn column[RGT_IMPORT_COLUMNS];
	int			source;			/* the column that names the source; -1: none */
	int			nkeys;			/* the columns that say which row it is */
	int			key[3];
	int			shown;			/* columns of the view; those behind are a service's */
	const RgtRecord *record;	/* what a service's row leaves out stays as it is; NULL: the target sees to it, or is none */
	int			duty;			/* whoever has it may load too, for units that it is over; 0: nobody by duty */
	bool		whole;			/* a statement is one batch: rows lean on each other */
	bool		alone;			/* one statement at a time writes through the view */
	void		(*resolve) (struct RgtImport *import, RgtImportRow **rows, int n);
	int			(*compare) (const RgtImportRow *a, const RgtImportRow *b);
	void		(*write) (struct RgtImport *import, RgtImportRow **rows, int n);
	void		(*finish) (struct RgtImport *import);	/* after the last batch; may be NULL */
} RgtTarget;

struct names_hash;

/* One statement's worth of rows for one target. */
typedef struct RgtImport
{
	const RgtTarget *target;
	bool		partial;		/* what a row leaves out is not said, rather than nothing */
	bool		retry;			/* rows come from import_rejects */
	Oid			role;			/* in whose rights they come; 0: a role that is gone */
	const char *by_duty_of;		/* its name, when they reach no further than its duties; else NULL */
	text	   *source;			/* of rows without one; NULL: none */
	int64		lines;
	int64		accepted;
	int64		rejected;

	MemoryContext context;		/* of the statement */
	MemoryContext batch;		/* of the rows at hand */
	MemoryContext lookup;		/* of names and what is known of them; reset on failure */
	RgtImportRow **rows;
	int			n;
	int			allocated;
	Size		bytes;

	bool		begun;			/* the first batch has been taken */
	bool		plain;			/* rows are taken to be new until one is not */
	int64		last_reject;	/* rejects up to here are older than the statement */
	DateADT		today;
	text	   *zone;			/* of the policy */
	struct names_hash *names[RGT_NAME_KINDS];
	int			nnames;
	List	   *unknown[RGT_NAME_KINDS];	/* names to look up */
	void	   *state;			/* the target's own, in lookup */
	List	   *touched;		/* the target's own, in context */

	/* A statement on a view: */
	Oid			view;
	SubTransactionId subid;
	struct RgtImport *outer;
} RgtImport;

/* ---- imports.c -------------------------------------------------------------------------------- */

extern const RgtTarget *rgt_import_target(const char *view);
extern RgtImport *rgt_import_begin(const RgtTarget *target, text *source, MemoryContext parent);
extern void rgt_import_room(RgtImport *import);
extern RgtImportRow *rgt_import_add(RgtImport *import, const Datum *raw, Size bytes);
extern void rgt_import_end(RgtImport *import);

/* ---- imports_rows.c ---------------------------------------------------------------------------- */

/* A column of the rows that a target's statement reads as "made_rows". */
typedef struct RgtMadeColumn
{
	const char *name;
	Oid			type;
} RgtMadeColumn;

typedef void (*RgtMakeFn) (const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls);

extern void rgt_import_write(const RgtImport *import, const char *sql, const RgtMadeColumn *columns, int ncolumns, RgtMakeFn make,
							 RgtImportRow **rows, int n);
extern void rgt_import_refuse(RgtImportRow *row, const char *format, ...)
			__attribute__((format(printf, 2, 3)));
extern int	rgt_import_good(RgtImportRow **rows, int n, RgtImportRow **good);
extern int	rgt_import_compare_text(Datum a, Datum b);
extern Datum rgt_import_array(const Datum *values, int n, Oid type);

/* ---- imports_cells.c ---------------------------------------------------------------------------- */

extern void rgt_import_read(RgtImport *import, RgtImportRow *row);
extern char *rgt_import_shown(Datum cell);

/* ---- said.c --------------------------------------------------------------------------------------- */

extern bool rgt_import_says(const RgtImportRow *row, int column);
extern bool rgt_import_fills(const RgtImport *import, const RgtImportRow *row, int column);
extern void rgt_import_refuse_odd(const RgtImport *import, RgtImportRow *row, int column);
extern int	rgt_import_fill(RgtImport *import, RgtImportRow **rows, int n, RgtImportRow **good);

/* ---- ids.c ---------------------------------------------------------------------------------------- */

extern Datum rgt_long_id(Datum id);
extern Datum rgt_other_form(Datum id);
extern bool rgt_is_salesforce(Datum source);
extern void rgt_import_same_ids(const RgtTarget *target, RgtImportRow **rows, int n);

/* ---- imports_names.c ---------------------------------------------------------------------------- */

extern RgtName *rgt_name(RgtImport *import, RgtNameKind kind, Datum source, Datum name);
extern void rgt_names_look_up(RgtImport *import);
extern void rgt_names_forget(RgtImport *import);
extern Datum rgt_import_source(const RgtImport *import, const RgtImportRow *row);

/* ---- imports_rights.c ---------------------------------------------------------------------------- */

extern void rgt_import_limit(RgtImport *import);
extern void rgt_import_limit_to(RgtImport *import, const char *role);
extern bool rgt_import_may(const RgtImport *import, int32 unit_id);
extern void rgt_import_check_revenues(const RgtImport *import, RgtImportRow **rows, int n);

/* ---- imports_rejects.c --------------------------------------------------------------------------- */

extern void rgt_rejects_begin(RgtImport *import);
extern void rgt_rejects_write(RgtImport *import, RgtImportRow **rows, int n);
extern void rgt_rejects_settle(RgtImport *import, RgtImportRow **good, int n);

/* ---- moves.c ---------------------------------------------------------------------------------------- */

extern void rgt_write_places(RgtImport *import, RgtImportRow **rows, int n);
extern void rgt_write_first_days(RgtImport *import, RgtImportRow **rows, int n);

/* ---- stays.c --------------------------------------------------------------------------------------- */

/* An assignment that a row asks for. */
typedef struct RgtClaim
{
	int32		employee_id;
	int32		unit_id;
	DateADT		first;
	DateADT		last;			/* DATEVAL_NOEND: none */
	DateADT		until;			/* up to this day what is on record otherwise goes */
} RgtClaim;

extern void rgt_write_stays(const RgtImport *import, RgtClaim *claims, int n);

/* ---- opportunities.c -------------------------------------------------------------------------------- */

/* The columns of deals in which an answer says more than a file does; the last two are not in the view. */
enum
{
	RGT_DEAL_UNIT = 2, RGT_DEAL_CLOSED_ON = 6, RGT_DEAL_WON, RGT_DEAL_AMOUNT, RGT_DEAL_IS_CLOSED, RGT_DEAL_CURRENCY
};

extern const RgtRecord rgt_deals_record;

/* ---- the targets ----------------------------------------------------------------------------------- */

extern const RgtTarget rgt_units_in;
extern const RgtTarget rgt_employees_in;
extern const RgtTarget rgt_assignments_in;
extern const RgtTarget rgt_customers_in;
extern const RgtTarget rgt_visits_in;
extern const RgtTarget rgt_deals_in;
extern const RgtTarget rgt_revenues_in;
extern const RgtTarget rgt_signals_in;
extern const RgtTarget rgt_targets_in;

#endif							/* REGTARGET_IMPORTS_IMPORTS_H */
