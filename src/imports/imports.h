/*
 * imports/imports.h
 *	  What the files of the room imports share: targets, rows, names.
 *
 * A row comes as text into a writable view and is kept with the others of its statement.  A batch of
 * them is then taken in one go:
 *
 *	  read		each cell by the kernel; a row with a bad cell is a reject (cells.c)
 *	  hold		where a cell's reading depends on the rest of its column, the batch and all that comes
 *				after it, until that is known (held.c)
 *	  resolve	names to keys, all names of a kind by one query (names.c), and whatever else the target
 *				has to know; a row that does not hold up is a reject
 *	  thin out	of the rows for one key the last one stays
 *	  write		one upsert, in the order of the keys
 *
 * Resolving and writing run in a subtransaction.  When it fails, by a constraint that could not be
 * foreseen, the batch is halved and each half tried alone, until the rows at fault stand alone: they
 * are rejects too.
 */
#ifndef REGTARGET_IMPORTS_IMPORTS_H
#define REGTARGET_IMPORTS_IMPORTS_H

#include "lib/stringinfo.h"

#include "kernel/cells.h"
#include "regtarget.h"

#define RGT_IMPORT_COLUMNS 11

/* A column in a set of columns. */
#define RGT_COLUMN(c) (UINT32_C(1) << (c))

/* Kinds of faults; causes.c has their words. */
typedef enum RgtCause
{
	RGT_CAUSE_MISSING,
	RGT_CAUSE_TOO_LONG,
	RGT_CAUSE_DAMAGED_TEXT,
	RGT_CAUSE_SHEET_ERROR,
	RGT_CAUSE_LONE_DASH,
	RGT_CAUSE_TWO_READINGS,
	RGT_CAUSE_NOT_A_NUMBER,
	RGT_CAUSE_DECIMAL_COMMA,
	RGT_CAUSE_DECIMAL_POINT,
	RGT_CAUSE_BAD_GROUPS,
	RGT_CAUSE_BAD_UNITS,
	RGT_CAUSE_FOREIGN_CURRENCY,
	RGT_CAUSE_OUT_OF_RANGE,
	RGT_CAUSE_NOT_A_DAY,
	RGT_CAUSE_YEAR_LAST,
	RGT_CAUSE_OTHER_ORDER,
	RGT_CAUSE_SHORT_YEAR,
	RGT_CAUSE_NO_SUCH_DAY,
	RGT_CAUSE_PART_OF_DATE,
	RGT_CAUSE_SINCE_1970,
	RGT_CAUSE_NOT_A_TIME,
	RGT_CAUSE_UNKNOWN_ZONE,
	RGT_CAUSE_NOT_YES_OR_NO,
	RGT_CAUSE_SHORTENED_ID,
	RGT_CAUSE_UNKNOWN_UNIT,
	RGT_CAUSE_UNKNOWN_EMPLOYEE,
	RGT_CAUSE_UNKNOWN_CUSTOMER,
	RGT_CAUSE_BROKEN_ALIAS,
	RGT_CAUSE_AMBIGUOUS_EMAIL,
	RGT_CAUSE_TAKEN_EMAIL,
	RGT_CAUSE_NO_UNIT,
	RGT_CAUSE_DAYS_CROSSED,
	RGT_CAUSE_OVERLAP,
	RGT_CAUSE_CYCLE,
	RGT_CAUSE_COMPUTED_SIGNAL,
	RGT_CAUSE_SECOND_SOURCE,
	RGT_CAUSE_ON_RECORD,
	RGT_CAUSE_UNKNOWN_PERIOD,
	RGT_CAUSE_NO_DRAFT,
	RGT_CAUSE_OUTSIDE_PLAN,
	RGT_CAUSE_OFF_STEP,
	RGT_CAUSE_NEGATIVE,
	RGT_CAUSE_WRONG_TYPE,
	RGT_CAUSE_NOT_SAID,
	RGT_CAUSE_OVERTAKEN,
	RGT_CAUSE_SAME_PARENT,
	RGT_CAUSE_NOT_OPEN,
	RGT_CAUSE_CLOSED_PERIOD,
	RGT_CAUSE_NOT_A_SHARE,
	RGT_CAUSE_NO_DUTY,
	RGT_CAUSE_DATABASE,
	RGT_CAUSES
} RgtCause;

/* How a cell is read. */
typedef enum RgtCell
{
	RGT_CELL_TEXT,
	RGT_CELL_ID,				/* text that says which thing is meant */
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
	RgtCause	cause;			/* when not known: of what kind the fault is, */
	const char *why;			/* and in words */
} RgtName;

typedef struct RgtImportRow
{
	int64		line;			/* data row of the statement, from 1 */
	int64		reject_id;		/* of a row that is tried again, */
	Datum		kept_key;		/* and the key that it was kept under */
	Datum		row_key;		/* which row it is, once that was asked for; 0: was not */
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
	int32		other_unit_id;	/* of a second unit that the row names; 0: none */
	int64		other;			/* the target's own; of targets that are whole, what comes first when halved */
	unsigned char shows;		/* what its amount or number shows of its column's language */
	char		decimal_mark;	/* that the column showed when it was refused for two readings; 0: was not */
	const char *reason;			/* why it is a reject; NULL: it is none so far */
	RgtCause	cause;			/* of its first fault, */
	int			column;			/* and the column that has it; -1: none in particular */
	bool		replaced;		/* was refused, but another row of its key stands below it */
	bool		came_in;		/* which was good */
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

/* A key column that names something: which row it is, what the name stands for says, if that is known. */
typedef struct RgtKeyName
{
	int			column;
	RgtNameKind kind;			/* unit or employee */
	bool		any_source;		/* the row is the same whatever source names it */
} RgtKeyName;

/* One of the views. */
typedef struct RgtTarget
{
	const char *view;
	int			ncolumns;
	RgtImportColumn column[RGT_IMPORT_COLUMNS];
	int			source;			/* the column that names the source; -1: none */
	int			nkeys;			/* the columns that say which row it is */
	int			key[4];
	const RgtKeyName *named;	/* NULL: the key has no name in it */
	int			shown;			/* columns of the view; those behind are a service's */
	const RgtRecord *record;	/* what a service's row leaves out stays as it is; NULL: the target sees to it, or is none */
	int			duty;			/* whoever has it may load too, for units that it is over; 0: nobody by duty */
	bool		whole;			/* a statement is one batch: rows lean on each other */
	bool		alone;			/* one statement at a time writes through the view */
	const void *own;			/* what the target's functions share */
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

	rgk_convention convention;	/* how cells are written */
	int			figure;			/* the target's column of amounts or numbers; -1: none */
	rgk_column	shown;			/* what it has shown of its language */
	struct RgtHeld *held;		/* rows that wait; NULL: none do */

	bool		begun;			/* the first batch has been taken */
	bool		plain;			/* rows are taken to be new until one is not */
	bool		kept;			/* there may be rejects of rows that are the same */
	int			order[RGT_IMPORT_COLUMNS];	/* of the columns in a reject's row */
	Datum		column_name[RGT_IMPORT_COLUMNS];	/* what rejects say again and again: names, */
	Datum		cause_word[RGT_CAUSES];	/* words as far as they were said; 0: not yet */
	Datum		view_name;
	bool		exclusive;		/* nobody else writes through the view */
	struct bloom_filter *filter;	/* of the keys of what is kept; NULL: not made */
	StringInfo	key;			/* of the row at hand, while rejects are written */
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

/* ---- causes.c ------------------------------------------------------------------------------------ */

extern const char *rgt_cause_word(RgtCause cause);
extern const char *rgt_cause_advice(RgtCause cause);
extern RgtCause rgt_cause_of_cell(const rgk_refusal *why);
extern RgtCause rgt_cause_of_error(const ErrorData *error);

/* ---- held.c -------------------------------------------------------------------------------------- */

extern bool rgt_import_waits(const RgtImport *import);
extern void rgt_import_hold(RgtImport *import);
extern bool rgt_held_next(struct RgtHeld *held, MemoryContext context, Datum *raw, Size *bytes, int64 *line);
extern void rgt_held_end(struct RgtHeld *held);

/* ---- rows.c -------------------------------------------------------------------------------------- */

/* A column of the rows that a target's statement reads as "made_rows". */
typedef struct RgtMadeColumn
{
	const char *name;
	Oid			type;
} RgtMadeColumn;

typedef void (*RgtMakeFn) (const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls);

extern void rgt_import_write(const RgtImport *import, const char *sql, const RgtMadeColumn *columns, int ncolumns, RgtMakeFn make,
							 RgtImportRow **rows, int n);
extern void rgt_import_refuse(RgtImportRow *row, RgtCause cause, int column, const char *format, ...)
			__attribute__((format(printf, 4, 5)));
extern void rgt_import_refuse_name(RgtImportRow *row, const RgtName *name, int column);
extern int	rgt_import_good(RgtImportRow **rows, int n, RgtImportRow **good);
extern int	rgt_import_compare_text(Datum a, Datum b);
extern Datum rgt_import_array(const Datum *values, int n, Oid type);

/* ---- cells.c ------------------------------------------------------------------------------------- */

extern void rgt_import_read(RgtImport *import, RgtImportRow *row);
extern void rgt_import_doubt(RgtImport *import, RgtImportRow **rows, int n);
extern char *rgt_import_shown(Datum cell);

/* ---- said.c --------------------------------------------------------------------------------------- */

extern bool rgt_import_says(const RgtImportRow *row, int column);
extern bool rgt_import_fills(const RgtImport *import, const RgtImportRow *row, int column);
extern uint32 rgt_import_said(const RgtTarget *target, const RgtImportRow *row);
extern RgtImportRow *rgt_import_supersede(const RgtImport *import, RgtImportRow *refused, RgtImportRow *row);
extern int	rgt_import_fill(RgtImport *import, RgtImportRow **rows, int n, RgtImportRow **good);

/* ---- ids.c ---------------------------------------------------------------------------------------- */

extern Datum rgt_long_id(Datum id);
extern Datum rgt_record_id(const RgtTarget *target, Datum id);
extern Datum rgt_other_form(Datum id);
extern bool rgt_is_salesforce(Datum source);
extern void rgt_import_same_ids(const RgtTarget *target, RgtImportRow **rows, int n);

/* ---- names.c ------------------------------------------------------------------------------------- */

extern RgtName *rgt_name(RgtImport *import, RgtNameKind kind, Datum source, Datum name);
extern void rgt_names_look_up(RgtImport *import);
extern void rgt_names_forget(RgtImport *import);
extern Datum rgt_import_source(const RgtImport *import, const RgtImportRow *row);

/* ---- rights.c ------------------------------------------------------------------------------------ */

extern void rgt_import_limit(RgtImport *import);
extern void rgt_import_limit_to(RgtImport *import, const char *role);
extern bool rgt_import_may(const RgtImport *import, int32 unit_id);
extern void rgt_import_check_revenues(const RgtImport *import, RgtImportRow **rows, int n);

/* ---- keys.c -------------------------------------------------------------------------------------- */

extern void rgt_rows_identify(RgtImport *import, RgtImportRow **rows, int n);
extern void rgt_row_key(const RgtImport *import, const RgtImportRow *row, StringInfo key);
extern void rgt_row_key_as_written(const RgtImport *import, const RgtImportRow *row, StringInfo key);
extern Datum rgt_key_bytes(const StringInfo key);
extern Datum rgt_row_key_kept(const RgtImport *import, RgtImportRow *row);
extern bool rgt_is_met_anew(const RgtImport *import, const RgtImportRow *row);
extern void rgt_kept_begin(RgtImport *import);
extern int	rgt_kept_first(RgtImport *import, RgtImportRow **rows, int n);
extern void rgt_kept_add(RgtImport *import, RgtImportRow **rows, int n);

/* ---- rejects.c ----------------------------------------------------------------------------------- */

extern void rgt_rejects_begin(RgtImport *import);
extern void rgt_rejects_write(RgtImport *import, RgtImportRow **rows, int n);

/* ---- drops.c ------------------------------------------------------------------------------------- */

extern char *rgt_partial_reject(const RgtTarget *target);
extern void rgt_rejects_drop(RgtImport *import, RgtImportRow **rows, int n);

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
extern const RgtTarget rgt_moves_in;
extern const RgtTarget rgt_successions_in;
extern const RgtTarget rgt_market_events_in;

#endif							/* REGTARGET_IMPORTS_IMPORTS_H */
