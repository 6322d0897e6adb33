#include "guard.hpp"

#include <rosc/master.h>

#include <cstdlib>
#include <cstring>

#include <ros/master.h>

namespace
{

using rosc::fail;

// One block: the array, then the texts. NULL where memory is out.
rosc_topic_info *block_made(const ros::master::V_TopicInfo &topics)
{
    size_t size = topics.size() * sizeof(rosc_topic_info) + 1;
    for (const ros::master::TopicInfo &topic : topics)
        size += topic.name.size() + topic.datatype.size() + 2;
    auto *infos = static_cast<rosc_topic_info *>(std::malloc(size));
    if (infos == nullptr)
        return nullptr;
    char *text = reinterpret_cast<char *>(infos + topics.size());
    const auto put = [&text](const std::string &from) {
        char *const begin = text;
        std::memcpy(begin, from.c_str(), from.size() + 1);
        text += from.size() + 1;
        return begin;
    };
    for (size_t i = 0; i < topics.size(); i++) {
        infos[i].name = put(topics[i].name);
        infos[i].type = put(topics[i].datatype);
    }
    return infos;
}

} // namespace

extern "C" {

rosc_status rosc_topic_list_init(rosc_topic_list *list, rosc_error *error)
{
    static const char what[] = "rosc_topic_list_init";
    return rosc::guard(what, error, [&] {
        const rosc_status status = rosc::require(rosc::Phase::initialized, what, error);
        if (status != ROSC_OK)
            return status;
        if (list == nullptr)
            return fail(error, ROSC_ERROR_ARGUMENT, "%s: the list is NULL", what);
        ros::master::V_TopicInfo topics;
        // Not without this: getTopics tries for as long as the master is away.
        if (!ros::master::check() || !ros::master::getTopics(topics))
            return fail(error, ROSC_ERROR_MASTER, "%s: the master at %s does not answer", what,
                        ros::master::getURI().c_str());
        rosc_topic_info *infos = block_made(topics);
        if (infos == nullptr)
            return fail(error, ROSC_ERROR_MEMORY, "%s: out of memory", what);
        list->topics = infos;
        list->count = topics.size();
        return ROSC_OK;
    });
}

void rosc_topic_list_fini(rosc_topic_list *list)
{
    if (list == nullptr)
        return;
    std::free(list->topics);
    list->topics = nullptr;
    list->count = 0;
}
}
