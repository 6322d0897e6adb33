/* rosc: a C API over roscpp, for nodes written in C. One header for all of it. */
#ifndef ROSC_ROSC_H
#define ROSC_ROSC_H

#include <rosc/error.h>
#include <rosc/init.h>
#include <rosc/log.h>
#include <rosc/master.h>
#include <rosc/param.h>
#include <rosc/queue.h>
#include <rosc/service.h>
#include <rosc/time.h>
#include <rosc/timer.h>
#include <rosc/topic.h>

#endif
