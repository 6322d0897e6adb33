/* A simulated robot as ROS sees it: its topics advertised, its messages published when due.
 *
 * Message n of a topic belongs to the time n/rate after the start, and all of it but the stamp is
 * given by the seed, the robot's name and n, whenever it is published. One thread.
 */
#ifndef KAFKA_BRIDGE_SIMULATORS_SIMULATION_H
#define KAFKA_BRIDGE_SIMULATORS_SIMULATION_H

#include "simulators/robot_simulator_options.h"

struct simulation;

/* Makes the topics and advertises them. `options` is copied, its texts are borrowed. The error says
 * which topic or type could not be had. */
enum error_code simulation_create(const struct robot_simulator_options *options,
                                  struct simulation **simulation, struct error *error) MUST_CHECK;
void simulation_destroy(struct simulation *simulation);

/* Whether somebody subscribes to the odometry. */
bool simulation_has_subscriber(const struct simulation *simulation);

/* Time 0 is now. */
void simulation_start(struct simulation *simulation);

/* Publishes what is due, and returns how many seconds later there is more; 0 where it is late
 * already. Where the machine is more than a second behind, the schedule moves instead of the
 * messages coming in a burst: that is logged, and no message is left out. */
double simulation_step(struct simulation *simulation);

/* Whether `count` odometry messages are out. */
bool simulation_is_done(const struct simulation *simulation);

/* Messages published so far: of the odometry, and of all topics. */
uint64_t simulation_odometry_published(const struct simulation *simulation);
uint64_t simulation_published(const struct simulation *simulation);

#endif
