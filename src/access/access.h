/*
 * access/access.h
 *	  What the room access offers: what the caller may do, and what is visible to whom.
 */
#ifndef REGTARGET_ACCESS_ACCESS_H
#define REGTARGET_ACCESS_ACCESS_H

#include "regtarget.h"

/* ---- access.c: the caller, and what he may do ----------------------------------------------- */

extern void rgt_require_planner(int32 unit_id);
extern _Noreturn void rgt_unknown_plan(int64 plan_id);
extern void rgt_require_planner_of_plan(int64 plan_id, int32 root);
extern void rgt_require_top_planner(void);
extern void rgt_require_sight(int32 unit_id);
extern bool rgt_is_planner_above(Oid role, int32 unit_id);

/* ---- sight.c: who has which duty, and what is visible to whom ------------------------------- */

/* Duties, as bits. */
#define RGT_PLANNER 1
#define RGT_MANAGER 2
#define RGT_FINANCE 4
#define RGT_VIEWER 8
#define RGT_ANY_DUTY 15

extern int	rgt_duty_bit(const char *duty);
extern bool rgt_may_everything(Oid role);
extern bool rgt_sees_all(Oid role);
extern int32 *rgt_units_of_duties(Oid role, int *n);
extern int	rgt_duties_at(Oid role, int32 unit_id);
extern int	rgt_duties_over(Oid role, int32 unit_id);
extern int	rgt_duties_anywhere(Oid role);
extern int	rgt_duties_at_top(Oid role);
extern int	rgt_duties_at_top_of(Oid role, int32 unit_id);
extern bool rgt_sees_anything(Oid role);
extern bool rgt_in_sight(Oid role, int32 unit_id);
extern bool rgt_plan_row_in_sight(Oid role, int32 root, bool open);

/* ---- validity.c: how long what is known of it holds ------------------------------------------ */

extern RgtSnapshot rgt_newest_snapshot(void);

/* ---- plan_sight.c: the same of what plans say ----------------------------------------------- */

extern bool rgt_plan_is_known(Oid role, int64 plan_id);
extern bool rgt_plan_in_sight(Oid role, int64 plan_id, int32 unit_id);
extern bool rgt_may_write_draft(Oid role, int64 plan_id);
extern bool rgt_may_update_target(Oid role, int64 plan_id, int32 unit_id);

#endif							/* REGTARGET_ACCESS_ACCESS_H */
