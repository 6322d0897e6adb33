/* Publishes serialized messages in ROS again. ROS acknowledges nothing: a message is sent when the
 * kernel has taken all of it for each subscriber. One thread; ROS is started with the first
 * message. */
#ifndef KAFKA_BRIDGE_TOOLS_RESEND_MESSAGE_SENDER_H
#define KAFKA_BRIDGE_TOOLS_RESEND_MESSAGE_SENDER_H

#include "bridge/config/config.h"
#include "tools/command/options.h"
#include "tools/resend/letter.h"
#include "tools/resend/send_result.h"

struct message_sender;

/* Both are borrowed. ERROR_MEMORY. */
enum error_code message_sender_create(const struct options *options, const struct config *config,
                                      struct message_sender **sender,
                                      struct error *error) MUST_CHECK;

/* Waits for nothing; stops ROS. */
void message_sender_destroy(struct message_sender *sender);

/* Publishes the message of `letter`; waits up to ten seconds for somebody to subscribe to its
 * topic. `result` is failed where nobody does or the type is not known, else pending. ERROR_IO: no
 * ROS master answers: the result is not done. */
enum error_code message_sender_send(struct message_sender *sender, const struct letter *letter,
                                    struct send_result *result, struct error *error) MUST_CHECK;

/* Waits until the subscribers have what was published. False: they do not take it; what is pending
 * is not done. */
bool message_sender_wait(struct message_sender *sender);

#endif
