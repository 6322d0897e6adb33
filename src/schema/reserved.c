#include "schema/reserved.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Both lists are in order, for bsearch, and end with NULL. */
static const char *const cql[] = {
    "add",    "allow",       "alter",  "and",          "apply",    "asc",      "authorize",
    "batch",  "begin",       "by",     "columnfamily", "create",   "default",  "delete",
    "desc",   "describe",    "drop",   "entries",      "execute",  "from",     "full",
    "grant",  "if",          "in",     "index",        "infinity", "insert",   "into",
    "is",     "keyspace",    "limit",  "materialized", "mbean",    "mbeans",   "modify",
    "nan",    "norecursive", "not",    "null",         "of",       "on",       "or",
    "order",  "primary",     "rename", "replace",      "revoke",   "schema",   "select",
    "set",    "table",       "to",     "token",        "truncate", "unlogged", "unset",
    "update", "use",         "using",  "vector",       "view",     "where",    "with",
    NULL};

static const char *const ksql[] = {
    "advance",      "all",         "alter",     "and",          "array",
    "as",           "assert",      "at",        "beginning",    "between",
    "by",           "case",        "cast",      "catalog",      "change",
    "changes",      "column",      "columns",   "connector",    "connectors",
    "create",       "date",        "day",       "days",         "decimal",
    "define",       "delete",      "describe",  "distinct",     "drop",
    "else",         "emit",        "end",       "escape",       "exists",
    "explain",      "export",      "extended",  "extract",      "false",
    "final",        "from",        "full",      "functions",    "grace",
    "group",        "having",      "header",    "headers",      "hour",
    "hours",        "if",          "in",        "inner",        "insert",
    "integer",      "interval",    "into",      "is",           "join",
    "key",          "last",        "left",      "like",         "limit",
    "list",         "load",        "map",       "materialized", "millisecond",
    "milliseconds", "minute",      "minutes",   "month",        "months",
    "namespace",    "not",         "null",      "offset",       "on",
    "or",           "order",       "outer",     "over",         "partition",
    "partitions",   "pause",       "period",    "primary",      "print",
    "properties",   "queries",     "query",     "rename",       "replace",
    "resume",       "retention",   "right",     "rowoffset",    "rowpartition",
    "rowtime",      "run",         "sample",    "schema",       "script",
    "second",       "seconds",     "select",    "session",      "set",
    "show",         "sink",        "size",      "source",       "stream",
    "streams",      "struct",      "substring", "system",       "table",
    "tables",       "terminate",   "then",      "time",         "timestamp",
    "to",           "topic",       "topics",    "true",         "tumbling",
    "type",         "types",       "undefine",  "unset",        "using",
    "values",       "variables",   "when",      "where",        "window",
    "windowend",    "windowstart", "with",      "within",       "year",
    "years",        "zone",        NULL};

static int compare(const void *word, const void *entry)
{
    return strcmp(word, *(const char *const *)entry);
}

bool reserved_in_cql(const char *word)
{
    return bsearch(word, cql, sizeof cql / sizeof *cql - 1, sizeof *cql, compare) != NULL;
}

bool reserved_in_ksql(const char *word)
{
    return bsearch(word, ksql, sizeof ksql / sizeof *ksql - 1, sizeof *ksql, compare) != NULL;
}

const char *const *reserved_cql_words(void)
{
    return cql;
}

const char *const *reserved_ksql_words(void)
{
    return ksql;
}
