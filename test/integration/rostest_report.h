/* Results of a cmocka program in the form that rostest reads. */
#ifndef ROSTEST_REPORT_H
#define ROSTEST_REPORT_H

/* To be called first in main: where rostest asks for a file of results (--gtest_output=xml:FILE),
 * cmocka writes it there. Give the program one cmocka group: the file holds one.
 *
 * rostest looks at the results only, not at how the program ended. So the tests run in a child;
 * where it ends badly without a failed test (a crash, or a sanitizer's report at exit), the file is
 * taken away, which rostest counts as an error. */
void rostest_report(int argc, char **argv);

#endif
