/*
 * health/signals.h
 *	  What reports and calibration ask of signals.c besides health.h.
 */
#ifndef REGTARGET_HEALTH_SIGNALS_H
#define REGTARGET_HEALTH_SIGNALS_H

#include "health/signal_set.h"

extern const RgtSignal *rgt_signal_computed(RgtSignals *signals, RgtComputed which);
extern const RgtSignal *rgt_signal_coverage(RgtSignals *signals);
extern const RgtMetric *rgt_metrics(RgtSignals *signals, int *n);
extern char **rgt_signal_names(RgtSignals *signals, int *n);

/* health.c */
extern int *rgt_health_ranks(const RgtTree *tree, const RgtSignal *health);

#endif							/* REGTARGET_HEALTH_SIGNALS_H */
