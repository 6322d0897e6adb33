/* The tests of rosc, by file. They run in one process, in the order of test_rosc.c. */
#ifndef TEST_ROSC_H
#define TEST_ROSC_H

/* test_names.c */
void names_resolve_with_namespace_and_remappings(void **state);
void bad_names_are_refused_with_the_place(void **state);

/* test_params.c */
void private_parameters_come_as_one_tree(void **state);
void parameter_trees_go_there_and_back(void **state);
void parameters_that_are_not_there_or_not_possible_are_errors(void **state);

/* test_log.c */
void log_lines_reach_rosout_with_their_place(void **state);
void log_level_follows_the_logger(void **state);
void throttled_places_count_what_they_hold_back(void **state);

/* test_subscribe.c */
void messages_of_a_peer_arrive_with_their_connection(void **state);
void empty_messages_arrive(void **state);
void each_subscription_of_a_topic_gets_every_message(void **state);
void a_later_subscription_gets_the_latched_message(void **state);
void too_many_subscriptions_of_a_topic_are_refused(void **state);
void remapped_topics_meet(void **state);
void a_type_that_changes_is_followed(void **state);
void bounded_subscriptions_keep_the_newest(void **state);

/* test_publish.c */
void a_peer_gets_what_is_published(void **state);
void published_bytes_are_not_touched(void **state);
void what_waits_in_the_process_is_known(void **state);
void a_latched_message_that_is_kept_counts_as_written(void **state);
void others_only_is_nothing_to_this_process(void **state);
void each_latched_publisher_of_a_topic_keeps_its_last_message(void **state);
void another_type_on_an_advertised_topic_is_refused(void **state);
void a_note_reaches_subscribers_behind_the_definition(void **state);
void bad_publisher_options_are_refused(void **state);
void the_master_lists_topics_with_their_types(void **state);

/* test_queue.c */
void many_threads_keep_the_order_of_a_subscription(void **state);
void destroy_waits_for_the_running_callback(void **state);
void spinners_refuse_bad_thread_counts(void **state);

/* test_timers.c */
void timers_fire_in_both_clocks(void **state);
void a_oneshot_timer_fires_once(void **state);
void bad_timers_are_refused(void **state);
void sleep_takes_its_time(void **state);

/* test_services.c */
void services_of_a_peer_are_called(void **state);
void a_peer_calls_our_services(void **state);
void failing_missing_and_mistyped_services_are_told_apart(void **state);

/* test_stop.c */
void sigterm_asks_for_shutdown_and_all_still_works(void **state);
void calls_after_shutdown_are_refused(void **state);

#endif
