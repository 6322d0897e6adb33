/* Results of a cmocka program in the form that rostest reads. */
#ifndef ROSTEST_REPORT_H
#define ROSTEST_REPORT_H

/* To be called first in main: where rostest asks for a file of results (--gtest_output=xml:FILE),
 * cmocka writes it there. Give the program one cmocka group: the file holds one. */
void rostest_report(int argc, char **argv);

#endif
